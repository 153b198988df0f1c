"""The paper's Figures 5, 7 and 8: what is read, and how faithful it is, over the rate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.guidance.arms import ROI
from benchmarks.guidance.curves import MEASURES, Rows, curve, of
from benchmarks.guidance.tally import BOXES, READERS
from benchmarks.rate_accuracy.plots import rate_axis, save
from benchmarks.record import value

READING, FIDELITY = (BOXES, *READERS), ("psnr", "ms_ssim")
FIGURES = {"read": READING, "fidelity": FIDELITY}
ORIGINAL = "original"
PANEL = (4.6, 4.6)  # inches, the legend among them
COLOURS, STROKES = 10, ("-", "--", ":")  # of matplotlib; a stroke for every ten curves
COLUMNS = 6  # of the legend


def codecs_of(rows: Rows) -> list[str]:
    """Codecs that are curves, those with regions among them: no controls, nor the picture."""
    named = dict.fromkeys(row["codec"] for row in rows if row["bpp"])
    return [c for c in named if c != ORIGINAL and (", " not in c or c.endswith(f", {ROI}"))]


def plot(rows: Rows, measures: Sequence[str], path: Path) -> bool:
    """Draw measures over bits a pixel, a panel each, with 95 % intervals where there are some.

    Args:
        rows: Of one set.
        measures: Keys of MEASURES.
        path: PNG or SVG to write.

    Returns:
        Whether there was anything to draw.
    """
    shown = [m for m in measures if any(curve(rows, c, m) for c in codecs_of(rows))]
    if not shown:
        return False
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    size = (PANEL[0] * len(shown), PANEL[1])
    figure, panels = plt.subplots(1, len(shown), figsize=size, squeeze=False, layout="constrained")
    for panel, measure in zip(panels[0], shown, strict=True):
        _draw(panel, rows, measure)
        rate_axis(panel, MEASURES[measure][0])
        if measure in READING:
            panel.set_ylim(0, 1)
    named = dict(zip(*reversed(panels[0][0].get_legend_handles_labels()), strict=True))
    figure.legend(named.values(), named, fontsize=8, ncol=COLUMNS, loc="outside lower center")
    save(figure, path)
    return True


def _draw(panel: Any, rows: Rows, measure: str) -> None:
    for number, codec in enumerate(codecs_of(rows)):
        points = curve(rows, codec, measure)
        if not points:
            continue
        rates, values = zip(*points, strict=True)
        look = {
            "color": f"C{number % COLOURS}",
            "linestyle": STROKES[number // COLOURS % len(STROKES)],
        }
        (line,) = panel.plot(rates, values, marker="o", markersize=3, label=codec, **look)
        if measure in READING:
            measured = [row for row in of(rows, codec) if row[measure]]
            bounds = [[value(row, measure + end) for row in measured] for end in ("_low", "_high")]
            panel.fill_between(rates, *bounds, color=line.get_color(), alpha=0.1, linewidth=0)
    for whole in (row for row in rows if row["codec"] == ORIGINAL and measure in READING):
        if whole[measure]:
            panel.axhline(value(whole, measure), color="black", linewidth=0.8, linestyle=":")

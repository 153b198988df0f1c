"""The paper's Figures 3 and 5: what is read, and how faithful it is, over the rate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.rate_accuracy.rows import Row
from benchmarks.rate_accuracy.tables import by_codec, measured

LABELS = {
    "accuracy": "accuracy (TFIC's formula)",
    "f1": "F1 of words found and read",
    "page_accuracy": "accuracy of the whole text",
    "psnr": "PSNR, dB",
}


def plot(rows: Sequence[Row], measure: str, path: Path) -> bool:
    """Draw a measure over bits per pixel, one panel a reader, with 95 % intervals.

    Args:
        rows: Of one set.
        measure: A key of LABELS.
        path: PNG or SVG to write.

    Returns:
        Whether there was anything to draw.
    """
    rows = measured(rows, measure)
    curves = [row for row in rows if row.codec != "original"]
    if not curves:
        return False
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    readers = list(dict.fromkeys(row.reader for row in rows))
    readers = readers if measure != "psnr" else readers[:1]
    size = (5.5 * len(readers), 4.2)
    figure, panels = plt.subplots(1, len(readers), figsize=size, sharey=True, squeeze=False)
    for panel, reader in zip(panels[0], readers, strict=True):
        for codec, points in by_codec([r for r in curves if r.reader == reader]).items():
            points = sorted(points, key=lambda r: r.bpp)
            bpp = [r.bpp for r in points]
            values = [getattr(r, measure) for r in points]
            (line,) = panel.plot(bpp, values, marker="o", markersize=3, label=codec)
            if measure != "psnr":
                bounds = [[getattr(r, measure + end) for r in points] for end in ("_low", "_high")]
                panel.fill_between(bpp, *bounds, color=line.get_color(), alpha=0.12, linewidth=0)
        for whole in (r for r in rows if r.codec == "original" and r.reader == reader):
            if measure != "psnr":
                level = getattr(whole, measure)
                panel.axhline(level, color="black", linewidth=0.8, linestyle=":", label="original")
        rate_axis(panel, reader)
    if measure != "psnr":
        panels[0][0].set_ylim(0, 1)
    panels[0][0].set_ylabel(LABELS[measure])
    panels[0][0].legend(fontsize=8)
    save(figure, path)
    return True


def rate_axis(panel: Any, title: str) -> None:
    """Give a panel of matplotlib its title, and bits a pixel along its horizontal axis."""
    from matplotlib import ticker

    panel.set(title=title, xlabel="bits per pixel (real files)", xscale="log")
    panel.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    panel.xaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    panel.xaxis.set_minor_formatter(ticker.NullFormatter())
    panel.grid(alpha=0.3)


def save(figure: Any, path: Path) -> None:
    """Write a figure of matplotlib as PNG or SVG, whole or not at all, and close it."""
    import matplotlib.pyplot as plt

    if figure.get_layout_engine() is None:
        figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}")
    figure.savefig(temporary, dpi=110, format=path.suffix.removeprefix("."))
    temporary.replace(path)
    plt.close(figure)

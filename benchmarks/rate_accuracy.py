"""Real file bytes against reading accuracy: ours and what a user would pick instead.

    python -m benchmarks.rate_accuracy --codecs tfic-int8 base-int8 avif webp jpeg --count 48

Writes one CSV row per codec, setting and set, and prints them; `--plot` draws the curves. Beside
the CSV, a Markdown table says how many bytes each codec needs for the same accuracy.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.codecs import Point, points
from benchmarks.readers import READERS, read_lines
from benchmarks.sets import SETS, Picture

RESULTS = Path(__file__).parent / "results"
READERS_OFF = float("nan")
# Where codecs are compared: this accuracy, or so far below the reader on uncompressed pictures.
ACCURACY, MARGIN = 0.95, 0.02


@dataclass(frozen=True)
class Row:
    """One operating point on one set; bytes are of whole files, means over pictures."""

    set: str
    pictures: int
    codec: str
    setting: str
    bytes: float
    bpp: float
    psnr: float
    ppocr: float
    tesseract: float


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Peak signal-to-noise ratio of two uint8 pictures, dB (at most 99)."""
    error = float(np.mean((a.astype(np.float64) - b) ** 2))
    return min(99.0, 10 * np.log10(255.0**2 / error)) if error else 99.0


def measure(point: Point, name: str, pictures: Sequence[Picture], readers: Sequence[str]) -> Row:
    """Code every picture, count the bytes, read every known line."""
    sizes, rates, fidelity = [], [], []
    scores: dict[str, list[float]] = {reader: [] for reader in READERS}
    for picture in pictures:
        data = point.encode(picture.image)
        decoded = point.decode(data)
        sizes.append(len(data))
        rates.append(8 * len(data) / (picture.image.shape[0] * picture.image.shape[1]))
        fidelity.append(psnr(picture.image, decoded))
        for reader in readers:
            scores[reader] += read_lines(READERS[reader](), decoded, picture.lines)
    means = {k: float(np.mean(v)) if v else READERS_OFF for k, v in scores.items()}
    return Row(
        name, len(pictures), point.codec, point.setting, float(np.mean(sizes)),
        float(np.mean(rates)), float(np.mean(fidelity)), means["ppocr"], means["tesseract"],
    )  # fmt: skip


def bytes_at(rows: Sequence[Row], reader: str, accuracy: float) -> float:
    """Bytes a codec needs for an accuracy, by interpolation in log bytes; nan outside its curve."""
    curve = sorted((r.bytes, getattr(r, reader)) for r in rows)
    for (b0, a0), (b1, a1) in pairwise(curve):
        if a0 <= accuracy <= a1:
            weight = (accuracy - a0) / max(1e-9, a1 - a0)
            return float(np.exp(np.log(b0) * (1 - weight) + np.log(b1) * weight))
    return float("nan")


def accuracy_point(rows: Sequence[Row], reader: str) -> float:
    """The accuracy to reach: the lower of ACCURACY and what "original" has, less MARGIN."""
    whole = [getattr(r, reader) for r in rows if r.codec == "original"]
    return min([ACCURACY, *(accuracy - MARGIN for accuracy in whole)])


def table(rows: Sequence[Row]) -> str:
    """Bytes that each codec needs for each reader's accuracy point, in Markdown; "" without one."""
    codecs = [codec for codec in dict.fromkeys(r.codec for r in rows) if codec != "original"]
    lines = [["codec"], ["---"], *([codec] for codec in codecs)]
    for reader in READERS:
        if all(np.isnan(getattr(r, reader)) for r in rows):
            continue
        point = accuracy_point(rows, reader)
        curves = {codec: [r for r in rows if r.codec == codec] for codec in codecs}
        needed = {codec: bytes_at(curve, reader, point) for codec, curve in curves.items()}
        lines[0] += [f"bytes at {point:.3f} of {reader}", "of AVIF's"]
        lines[1] += ["---:", "---:"]
        for line, codec in zip(lines[2:], codecs, strict=True):
            ratio = needed[codec] / needed.get("avif", float("nan"))
            line += [
                _bytes_text(needed[codec], curves[codec], reader, point),
                "-" if np.isnan(ratio) else f"{ratio:.2f}",
            ]
    if len(lines[0]) == 1:
        return ""
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _bytes_text(needed: float, curve: Sequence[Row], reader: str, point: float) -> str:
    if not np.isnan(needed):
        return f"{needed:.0f}"
    smallest = min(curve, key=lambda r: r.bytes)
    above = getattr(smallest, reader) > point  # already at its lowest setting
    return f"under {smallest.bytes:.0f}" if above else "not reached"


def write(rows: Sequence[Row], path: Path) -> None:
    """Write rows as CSV, floats with four digits after the point."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f.name for f in fields(Row)])
        for row in rows:
            writer.writerow(
                [f"{v:.4f}" if isinstance(v, float) else v for v in asdict(row).values()]
            )


def plot(rows: Sequence[Row], path: Path) -> None:
    """The paper's Figure 3: accuracy over bits per pixel, one panel per reader."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(READERS), figsize=(11, 4.2), sharey=True, squeeze=False)
    for panel, reader in zip(panels[0], READERS, strict=True):
        for codec in dict.fromkeys(r.codec for r in rows):
            curve = sorted((r.bpp, getattr(r, reader)) for r in rows if r.codec == codec)
            panel.plot(*zip(*curve, strict=True), marker="o", markersize=3, label=codec)
        panel.set(title=reader, xlabel="bits per pixel (real files)", xscale="log", ylim=(0, 1))
        panel.grid(alpha=0.3)
    panels[0][0].set_ylabel("accuracy (TFIC's formula)")
    panels[0][0].legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Parse the command line, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--codecs", nargs="+", default=["tfic-int8", "base-int8", "avif", "webp", "jpeg"]
    )
    parser.add_argument("--set", choices=sorted(SETS), default="rendered")
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--readers", nargs="*", choices=sorted(READERS), default=sorted(READERS))
    parser.add_argument(
        "--photos", type=Path, help="backgrounds of the rendered set (results differ without)"
    )
    parser.add_argument(
        "--output", type=Path, help="CSV (default: benchmarks/results/rate_accuracy_SET.csv)"
    )
    parser.add_argument("--plot", type=Path, help="also draw the curves to this PNG")
    args = parser.parse_args()
    extra = {"photos": args.photos} if args.set == "rendered" else {}
    pictures = list(SETS[args.set](args.count, **extra))
    rows = []
    for codec in args.codecs:
        for point in points(codec):
            rows.append(measure(point, args.set, pictures, args.readers))
            print(
                *(f"{v:.4g}" if isinstance(v, float) else v for v in asdict(rows[-1]).values()),
                flush=True,
            )
    output = args.output or RESULTS / f"rate_accuracy_{args.set}.csv"
    write(rows, output)
    if needed := table(rows):
        print(needed, end="")
        output.with_suffix(".md").write_text(needed)
    if args.plot:
        plot(rows, args.plot)


if __name__ == "__main__":
    main()

"""Bytes for text of each height, beside AVIF's: letters of 8 to 190 pixels.

    python -m benchmarks.studies.text_heights [--pictures 60]
    python -m benchmarks.studies.text_heights --table

Pictures of the set `heights` have lines of one height each. They are coded at their size and at the
scale that the encoder chooses, and known lines are read by PP-OCRv6. Rows go to
benchmarks/results/text_heights.csv; the table, which docs/studies/text-heights.md has, says at each
height by how much bytes differ from AVIF's where both read alike, on average, and how large the
smallest file is of each that is read as the original is, less 0.02.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.codecs import points
from benchmarks.paths import RESULTS
from benchmarks.rate_accuracy.curves import MARGIN, bjontegaard
from benchmarks.record import read, record
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from benchmarks.sets.heights import HEIGHTS, QUAD
from benchmarks.studies.one_packet import accuracy

MODEL, PEER, READER, ORIGINAL = "tfic", "avif", "ppocr", "original"
FILE = RESULTS / "text_heights.csv"
Row = dict[str, str]


def rows(codecs: Sequence[str], count: int, folders: Folders) -> Iterator[Row]:
    """A row per height, codec and setting: means over pictures."""
    asked = [point for codec in codecs for point in points(codec)]
    sizes: dict[tuple[int, str, str], list[tuple[int, float]]] = defaultdict(list)
    for index, picture in enumerate(SETS["heights"].make(count, folders)):
        height = HEIGHTS[index % len(HEIGHTS)]
        for point in asked:
            data = point.encode(picture.image)
            assert point.decode is not None  # none of them sends text alone
            shown = point.decode(data)
            key = (height, point.codec, point.setting)
            sizes[key].append((len(data), accuracy(picture, shown, READER)))
    for (height, codec, setting), found in sizes.items():
        size, read_ = np.mean(found, axis=0)
        yield {
            "quad": str(height),
            "letters": f"{height / QUAD:.0f}",
            "pictures": str(len(found)),
            "codec": codec,
            "setting": setting,
            "bytes": f"{size:.1f}",
            "accuracy": f"{read_:.4f}",
        }


def table(made: Sequence[Row]) -> str:
    """Bytes over AVIF's, and of the smallest file that is read, in Markdown."""
    curves: dict[tuple[int, str], list[tuple[float, float]]] = defaultdict(list)
    for row in made:
        at = (int(row["quad"]), row["codec"])
        curves[at].append((float(row["bytes"]), float(row["accuracy"])))
    codecs = sorted({codec for _, codec in curves} - {ORIGINAL})
    ours = [codec for codec in codecs if codec != PEER]
    head = ["letters, px", ORIGINAL, *(f"{codec}, %" for codec in ours)]
    head += [f"smallest {codec}" for codec in codecs]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for height in sorted({height for height, _ in curves}):
        known = curves[height, ORIGINAL][0][1]
        cells = [f"{height / QUAD:.0f}", f"{known:.3f}"]
        for codec in ours:
            apart = bjontegaard(curves[height, codec], curves[height, PEER])
            cells.append("-" if np.isnan(apart) else f"{apart:+.0f}")
        for codec in codecs:
            enough = [size for size, value in curves[height, codec] if value >= known - MARGIN]
            cells.append(f"{min(enough):,.0f}" if enough else "none")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, or print the table of what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=MODEL, help="id or folder of one of ours")
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--table", action="store_true", help="measure nothing, print the table")
    add_folder_options(parser)
    args = parser.parse_args()
    if not args.table:
        codecs = [ORIGINAL, PEER, args.model, f"{args.model}@auto"]
        made = list(rows(codecs, args.pictures, Folders.from_options(args)))
        record(FILE, made, ("quad", "codec", "setting"))
    print(table(read(FILE)))


if __name__ == "__main__":
    main()

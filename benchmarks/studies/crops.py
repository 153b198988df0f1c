"""Plates alone as evidence: in how many bytes a crop still reads.

    python -m benchmarks.studies.crops [--pictures 40] [--bytes 60 90 120 150]

Rendered plates of cars and displays of meters, 256x512, each cut out by the box of its line and a
quarter of its height around it. A row per target: bytes taken, lines that PP-OCRv6 reads as they
are, accuracy. Rows go to benchmarks/results/crops.csv.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
from PIL import Image

import tcsdk
from benchmarks.paths import RESULTS
from benchmarks.rate_accuracy.measures import compare
from benchmarks.readers import READERS, cut
from benchmarks.record import record
from benchmarks.sets import Folders, Picture
from benchmarks.sets.folders import add_folder_options
from benchmarks.sets.rendered import held_out, to_picture
from tcsdk.train.render import render
from tcsdk.train.render.hard import number_plate

SIZE, SEED, MARGIN = (256, 512), 25, 0.25


def plates(count: int, folders: Folders) -> Iterator[Picture]:
    """Pictures with one plate each that lies within them."""
    assets, made, index = held_out(folders.photos), 0, 0
    while made < count:
        sample = render(assets, np.random.default_rng((SEED, index)), SIZE, {number_plate: 1.0})
        index += 1
        if len(sample.lines) == 1:
            made += 1
            yield to_picture(f"plate-{index:04}", sample)


def box_of(picture: Picture) -> tuple[int, int, int, int]:
    """The box of its line and what belongs to it."""
    height, width = picture.image.shape[:2]
    low, high = picture.lines[0].quad.min(0), picture.lines[0].quad.max(0)
    margin = MARGIN * (high[1] - low[1])
    left, top = (max(0, int(v)) for v in low - margin)
    right, bottom = (int(np.ceil(v)) for v in high + margin)
    return left, top, min(right, width) - left, min(bottom, height) - top


def rows(args: argparse.Namespace, folders: Folders) -> Iterator[dict[str, object]]:
    """A row per target."""
    reader, pictures = READERS["ppocr"](), list(plates(args.pictures, folders))
    for most in (None, *args.bytes):
        sizes, right, accuracy = [], [], []
        for picture in pictures:
            x, y, width, height = box_of(picture)
            shown = picture.image.copy()
            if most is not None:
                try:
                    data = tcsdk.crop(picture.image, (x, y, width, height), max_bytes=most)
                except tcsdk.TargetTooSmallError as error:
                    sizes.append(error.smallest)
                    right.append(False)
                    accuracy.append(0.0)
                    continue
                sizes.append(len(data))
                shown[y : y + height, x : x + width] = tcsdk.decode(data)
            line = picture.lines[0]
            (seen,) = reader.read_lines([cut(Image.fromarray(shown), line.quad)])
            said = compare(line.text, seen.text, False)
            accuracy.append(said.accuracy)
            right.append(said.accuracy == 1.0)
        yield {
            "bytes": most or "original",
            "pictures": len(pictures),
            "mean bytes": f"{np.mean(sizes):.1f}" if sizes else "",
            "lines right": f"{np.mean(right):.3f}",
            "accuracy": f"{np.mean(accuracy):.3f}",
        }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=40)
    parser.add_argument("--bytes", type=int, nargs="+", default=[60, 90, 120, 150])
    add_folder_options(parser)
    args = parser.parse_args()
    made = []
    for row in rows(args, Folders.from_options(args)):
        print(row, flush=True)
        made.append({name: str(value) for name, value in row.items()})
    record(RESULTS / "crops.csv", made, ("bytes",))


if __name__ == "__main__":
    main()

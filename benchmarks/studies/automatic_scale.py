"""The automatic scale: how legible text of a height is, and what fits into a number of bytes.

    python -m benchmarks.studies.automatic_scale heights [--pictures 50]
    python -m benchmarks.studies.automatic_scale budgets [--csv FILE]
    python -m benchmarks.studies.automatic_scale mixed [--pictures 10]

`heights` makes the table of tcsdk/codec/legibility.py. `budgets` compares what is chosen with the
best of all scales, and with AVIF at its best scale and quality. `mixed` codes large letters coarser
where small ones stand beside them. They need the [ocr] and [bench] extras; the sets of real
pictures need the shared data (--data). docs/studies/automatic-scale.md has the results.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tcsdk
from benchmarks.codecs import Pixels
from benchmarks.codecs.within import Within, pillow_within
from benchmarks.rate_accuracy.known_lines import known_accuracies
from benchmarks.rate_accuracy.measures import compare
from benchmarks.readers import READERS
from benchmarks.sets import SETS, Folders, Picture
from benchmarks.sets.folders import add_folder_options
from benchmarks.sets.heights import SEED, SMALL, lines_of
from benchmarks.sets.places import Quad, in_reading_order
from benchmarks.sets.rendered import held_out, to_picture
from tcsdk.errors import TargetTooSmallError
from tcsdk.train.render import render
from tcsdk.train.render.layout import Page, Placed

MODEL = "tfic-int8"
QUALITIES = (0, 12, 24, 36, 48, 63)
SCALES = (1.0, 0.75, 0.5, 0.375, 0.25, 0.1875, 0.125, 0.09375, 0.0625)
LEAST_HEIGHT = 5.0  # pixels as coded, below which nothing is tried
READABLE = 0.9  # accuracy of a line on the original from which it counts
BUDGETS = (1000, 3000, 10000)
MIXED, LARGE_LETTERS = (16.0, 110.0), 70.0  # heights of lines in one picture; what parts them
# Set -> how many of its pictures, 20 in all: 0.1 to 24 megapixels.
PICTURES = {"rendered": 4, "large": 8, "scene": 4, "doc": 4}
AVIF_SPEED = 8  # of 10: pictures of 24 megapixels are coded at many scales
COLUMNS = ("picture", "megapixels", "budget", "codec", "bytes", "scale", "accuracy", "time")


@cache
def encoder() -> tcsdk.Encoder:
    """The codec."""
    return tcsdk.Encoder(MODEL, device="cpu")


@cache
def decoder() -> tcsdk.Decoder:
    """Its other half."""
    return tcsdk.Decoder("cpu", precision="int8")


def height_of(quad: Quad) -> float:
    """Pixels from a line's top left corner to its bottom left one."""
    return float(np.linalg.norm(quad[3] - quad[0]))


def line_accuracies(picture: Picture, shown: Pixels) -> list[float]:
    """Accuracy of each known line, case apart."""
    return known_accuracies(READERS["ppocr"](), picture.lines, shown, caseless=True)


def accuracy(picture: Picture, shown: Pixels) -> float:
    """Mean accuracy of the known lines; of the whole text where no line's place is known."""
    if picture.lines:
        return float(np.mean(line_accuracies(picture, shown)))
    words = [(line.text, line.polygon) for line in tcsdk.read(shown)]
    return compare(picture.text, in_reading_order(words), caseless=True).accuracy


def heights(count: int, folders: Folders) -> str:
    """A table in Markdown: accuracy over the original's, by coded height and quality."""
    rows: dict[tuple[float, int], list[float]] = defaultdict(list)
    for picture in SETS["heights"].make(count, folders):
        before = line_accuracies(picture, picture.image)
        tall = [height_of(line.quad) for line in picture.lines]
        for scale in SCALES:
            if scale < 1 and max(tall) * scale < LEAST_HEIGHT:
                continue
            for quality in QUALITIES:
                data = encoder().encode(picture.image, quality=quality, scale=scale)
                after = line_accuracies(picture, decoder().decode(data))
                for height, old, new in zip(tall, before, after, strict=True):
                    if old >= READABLE:
                        # In steps of half an octave.
                        step = 2 ** (round(2 * np.log2(height * scale)) / 2)
                        rows[step, quality].append(new / old)
    head = " | ".join(["coded height", "lines", *(f"quality {q}" for q in QUALITIES)])
    table = [f"| {head} |", "|---" * (2 + len(QUALITIES)) + "|"]
    for step in sorted({step for step, _ in rows}):
        cells = " | ".join(f"{np.mean(rows[step, quality]):.2f}" for quality in QUALITIES)
        table.append(f"| {step:.1f} | {len(rows[step, QUALITIES[0]])} | {cells} |")
    return "\n".join(table)


def fitting(pixels: Pixels, budget: int, scale: float) -> bytes | None:
    """Our best stream at a scale that fits."""
    try:
        return encoder().encode(pixels, max_bytes=budget, scale=scale)
    except TargetTooSmallError:
        return None


def best_of_all(picture: Picture, budget: int, codec: Within) -> tuple[int, float, float]:
    """Bytes, scale and accuracy of the best stream of at most `budget`, over all scales."""
    found = [(0.0, 0, 0.0)]
    for scale in reversed(SCALES):
        data = codec.encode(picture.image, budget, scale)
        if data is None:
            break
        found.append((accuracy(picture, codec.decode(data, picture.image)), len(data), scale))
    best = max(found)
    return best[1], best[2], best[0]


def seconds(work: Callable[[], object]) -> float:
    """CPU time of a call: the machine may be shared."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def budgets(folders: Folders) -> Iterator[dict[str, object]]:
    """Rows: what is chosen, the best of all scales, and AVIF's."""
    peer = pillow_within("AVIF", speed=AVIF_SPEED, codec="aom")
    own = Within(fitting, lambda data, _: decoder().decode(data))
    for name, count in PICTURES.items():
        for picture in SETS[name].make(count, folders):
            pixels = picture.image
            once = np.median([seconds(partial(encoder().encode, pixels, scale=1.0)) for _ in "123"])
            for budget in BUDGETS:
                row: dict[str, object] = {
                    "picture": picture.name,
                    "budget": budget,
                    "megapixels": round(pixels.shape[0] * pixels.shape[1] / 1e6, 2),
                }
                work = partial(encoder().encode, pixels, max_bytes=budget)
                ratio = np.median([seconds(work) for _ in "123"]) / once
                data = work()
                scale = tcsdk.inspect(data).coded_width / pixels.shape[1]
                reached = accuracy(picture, decoder().decode(data))
                chosen = ("auto", len(data), scale, reached, round(float(ratio), 2))
                ours = best_of_all(picture, budget, own)
                avif = best_of_all(picture, budget, peer)
                for codec, size, at, value, spent in (
                    chosen,
                    ("best", *ours, ""),
                    ("avif", *avif, ""),
                ):
                    yield row | {
                        "codec": codec,
                        "bytes": size,
                        "scale": round(at, 4),
                        "accuracy": round(value, 4),
                        "time": spent,
                    }


def mixed_picture(index: int, folders: Folders) -> Picture:
    """The first picture of a seed that has lines of about 16 and of about 110 pixels."""
    assets, (small, large) = held_out(folders.photos), MIXED

    def both(page: Page) -> list[Placed]:
        return lines_of(large)(page)[:1] + lines_of(small)(page)

    for attempt in range(100):
        rng = np.random.default_rng((SEED + 2, index, attempt))
        sample = render(assets, rng, SMALL, {both: 1.0})
        tall = [height_of(line.quad) for line in sample.lines]
        if tall and min(tall) < LARGE_LETTERS / 2 and max(tall) > LARGE_LETTERS:
            return to_picture(f"mixed-{index:04}", sample)
    raise ValueError(f"expected lines of {MIXED} pixels to fit into {SMALL}")


def coarser_on_large(picture: Picture, steps: float) -> NDArray[np.int64]:
    """A quality map: so many steps coarser per doubling of a line's height from 32 pixels on."""
    rows, columns = (-(-side // 16) for side in picture.image.shape[:2])
    asked = np.zeros((rows, columns), np.int64)
    for line in picture.lines:
        left, top = np.floor(line.quad.min(0) / 16).astype(int)
        right, bottom = np.ceil(line.quad.max(0) / 16).astype(int)
        coarser = steps * max(0.0, np.log2(height_of(line.quad) / 32))
        asked[top:bottom, left:right] = -round(coarser)
    return asked


def mixed(count: int, folders: Folders) -> str:
    """A table in Markdown: bytes and accuracies by steps and quality."""
    table = [
        "| steps coarser per doubling | quality | bytes | large | small |",
        "|---|---|---|---|---|",
    ]
    pictures = [mixed_picture(index, folders) for index in range(count)]
    for steps in (0, 4, 8, 12):
        for quality in QUALITIES[1:5]:
            sizes, values = [], defaultdict[bool, list[float]](list)
            for picture in pictures:
                asked = coarser_on_large(picture, steps)
                data = encoder().encode(picture.image, quality=quality, scale=1.0, qmap=asked)
                sizes.append(len(data))
                read = line_accuracies(picture, decoder().decode(data))
                for line, value in zip(picture.lines, read, strict=True):
                    values[height_of(line.quad) > LARGE_LETTERS].append(value)
            cells = (
                f"{np.mean(sizes):.0f} | {np.mean(values[True]):.3f} | {np.mean(values[False]):.3f}"
            )
            table.append(f"| {steps} | {quality} | {cells} |")
    return "\n".join(table)


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("heights", "mixed", "budgets"))
    parser.add_argument("--pictures", type=int, default=10)
    parser.add_argument("--csv", type=Path, help="where rows of budgets go (default: printed)")
    add_folder_options(parser)
    args = parser.parse_args()
    folders = Folders.from_options(args)
    if args.what != "budgets":
        print({"heights": heights, "mixed": mixed}[args.what](args.pictures, folders))
        return
    with args.csv.open("w", newline="") if args.csv else open(1, "w", closefd=False) as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in budgets(folders):
            writer.writerow(row)
            file.flush()


if __name__ == "__main__":
    main()

"""Crops of original, AVIF, base and tfic at equal bytes, with what each reader read.

    python -m benchmarks.pages.crops --pictures rendered-0004 rendered-0011 \\
        --output docs/results/images/crops.jpg

A row per line of text, a column per codec. Each codec's picture is its finest one whose file is no
larger than the budget: --bytes, or AVIF's smallest file of that picture.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.codecs import PEERS, Pixels, Point, points
from benchmarks.codecs.ours import ALL_QUALITIES, model
from benchmarks.readers import READERS, available_readers, cut
from benchmarks.sets import SETS, Folders, KnownLine, Picture
from benchmarks.sets.folders import add_folder_options
from benchmarks.sets.places import Quad
from tcsdk.reading.text import alphanumerics

WIDTH, MOST_HEIGHT = 330, 190  # pixels of a crop on the sheet
AROUND = 0.6  # of the line's height, on each side of it
GAP, LEADING = 8, 15  # pixels between cells and lines of captions


@dataclass(frozen=True)
class Shown:
    """A picture as a codec leaves it.

    Attributes:
        codec, setting: The operating point.
        bytes: Of the file.
        pixels: (H, W, 3) uint8.
    """

    codec: str
    setting: str
    bytes: int
    pixels: Pixels


def finest(codec: Sequence[Point], pixels: Pixels, budget: float) -> Shown:
    """The largest file within a budget, or the smallest of all where none fits."""
    files = [(point, point.encode(pixels)) for point in codec]
    fitting = [(point, data) for point, data in files if len(data) <= budget]
    if fitting:
        point, data = max(fitting, key=lambda f: len(f[1]))
    else:
        point, data = min(files, key=lambda f: len(f[1]))
    if point.decode is None:
        raise ValueError(f"expected a codec of pictures, got {point.codec}")
    return Shown(point.codec, point.setting, len(data), point.decode(data))


def all_points(codec: str) -> list[Point]:
    """Every point of a codec, all qualities of a model."""
    return points(codec) if codec in PEERS else list(model(codec, ALL_QUALITIES))


def window(quad: Quad, shape: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a line with some of its surroundings, inside the picture."""
    margin = AROUND * float(np.linalg.norm(quad[3] - quad[0]))
    low = np.maximum(quad.min(0) - margin, 0)
    high = np.minimum(quad.max(0) + margin, shape[::-1])
    return int(low[0]), int(low[1]), int(np.ceil(high[0])), int(np.ceil(high[1]))


def longest_line(picture: Picture) -> KnownLine:
    """The line with most to read.

    Raises:
        ValueError: The picture has no line of known place.
    """
    if not picture.lines:
        raise ValueError(f"expected a picture with lines of known place, got {picture.name}")
    return max(picture.lines, key=lambda line: len(alphanumerics(line.text)))


def cell(shown: Shown, line: KnownLine, readers: Sequence[str]) -> Image.Image:
    """One crop over its captions."""
    whole = Image.fromarray(shown.pixels)
    crop = whole.crop(window(line.quad, shown.pixels.shape[:2]))
    scale = min(WIDTH / crop.width, MOST_HEIGHT / crop.height)
    size = (max(1, round(crop.width * scale)), max(1, round(crop.height * scale)))
    crop = crop.resize(size, Image.Resampling.BICUBIC)
    captions = [f"{shown.codec} {shown.setting}, {shown.bytes:,} bytes"]
    for reader in readers:
        (reading,) = READERS[reader]().read_lines([cut(whole, line.quad)])
        captions.append(f"{reader}: {reading.text}  ({reading.confidence:.2f})")
    made = Image.new("RGB", (WIDTH, crop.height + 6 + LEADING * len(captions)), "white")
    made.paste(crop, (0, 0))
    draw, font = ImageDraw.Draw(made), ImageFont.load_default(12)
    for index, caption in enumerate(captions):
        draw.text((0, crop.height + 4 + LEADING * index), caption, fill="black", font=font)
    return made


def sheet(rows: Sequence[Sequence[Image.Image]]) -> Image.Image:
    """Cells in rows and columns on white."""
    heights = [max(made.height for made in row) for row in rows]
    columns = max(len(row) for row in rows)
    size = (columns * (WIDTH + GAP) + GAP, sum(heights) + GAP * (len(rows) + 1))
    whole, top = Image.new("RGB", size, "white"), GAP
    for row, height in zip(rows, heights, strict=True):
        for column, made in enumerate(row):
            whole.paste(made, (GAP + column * (WIDTH + GAP), top))
        top += height + GAP
    return whole


def row_of(
    picture: Picture, codecs: dict[str, list[Point]], budget: float | None, readers: Sequence[str]
) -> list[Image.Image]:
    """The cells of one picture's longest line: original first."""
    if budget is None:
        budget = min(len(point.encode(picture.image)) for point in points("avif"))
    line = longest_line(picture)
    (whole,) = points("original")
    shown = [Shown("original", "png", len(whole.encode(picture.image)), picture.image)]
    shown += [finest(codec, picture.image, budget) for codec in codecs.values()]
    return [cell(one, line, readers) for one in shown]


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--codecs", nargs="+", default=["avif", "base-int8", "tfic-int8"])
    parser.add_argument("--set", choices=list(SETS), default="rendered")
    parser.add_argument("--pictures", nargs="+", help="names (default: the first --count)")
    parser.add_argument("--count", type=int, default=6, help="pictures to choose from")
    parser.add_argument("--bytes", type=float, help="budget (default: AVIF's smallest file)")
    parser.add_argument("--readers", nargs="*", choices=list(READERS), default=list(READERS))
    parser.add_argument("--output", type=Path, required=True, help="PNG or JPEG")
    parser.add_argument("--skip-missing", action="store_true", help="leave out absent readers")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    readers = available_readers(args.readers, args.skip_missing)
    pictures = {p.name: p for p in SETS[args.set].make(args.count, Folders.from_options(args))}
    names = args.pictures or list(pictures)
    if missing := [name for name in names if name not in pictures]:
        parser.error(f"expected names among {', '.join(pictures)}, got {', '.join(missing)}")
    codecs = {codec: all_points(codec) for codec in args.codecs}
    whole = sheet([row_of(pictures[name], codecs, args.bytes, readers) for name in names])
    args.output.parent.mkdir(parents=True, exist_ok=True)
    temporary = args.output.with_name(f".{os.getpid()}-{args.output.name}")
    whole.save(temporary)
    temporary.replace(args.output)
    print(f"wrote {args.output}, {whole.width}x{whole.height}")


if __name__ == "__main__":
    main()

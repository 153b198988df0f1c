"""A picture of words: small, enlarged in several ways, the good shot, and what is read in each.

    python -m benchmarks.pages.word_crops --runs RUNS --enlargers bicubic edsr-text \\
        --readers cdistnet-edsr ppocr --output docs/results/images/words.png
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from benchmarks.readers.reading import Reading
from benchmarks.sets.folders import Folders, add_folder_options
from benchmarks.super_resolution.enlargers import Pixels, enlarger
from benchmarks.super_resolution.readers import word_reader
from benchmarks.super_resolution.scores import is_right
from benchmarks.super_resolution.words import WORDS, Word

ZOOM = 2  # screen pixels along one of a large crop
GAP, LEADING = 8, 14  # pixels between cells and lines of captions
GOOD, BAD = "darkgreen", "firebrick"


def cell(crop: Pixels, word: Word, readings: dict[str, Reading]) -> Image.Image:
    """A crop over what each reader says, green where it is right."""
    size = (128 * ZOOM, 32 * ZOOM)
    made = Image.new("RGB", (size[0], size[1] + 4 + LEADING * len(readings)), "white")
    made.paste(Image.fromarray(crop).resize(size, Image.Resampling.NEAREST), (0, 0))
    draw, font = ImageDraw.Draw(made), ImageFont.load_default(12)
    for index, (reader, said) in enumerate(readings.items()):
        text = f"{reader}: {said.text} ({said.confidence:.2f})"
        colour = GOOD if is_right(word, said) else BAD
        draw.text((0, size[1] + 2 + LEADING * index), text, fill=colour, font=font)
    return made


def columns(
    words: Sequence[Word], enlargers: Sequence[str], readers: Sequence[str], runs: Path
) -> list[tuple[str, list[Image.Image]]]:
    """A heading and a cell per word, for the small crops and each way to enlarge them."""
    shown = [("small", [cell(word.low, word, {}) for word in words])]
    for way in enlargers:
        made = enlarger(way, runs)(words)
        read = {reader: word_reader(reader, runs)(made) for reader in readers}
        cells = [
            cell(crop, word, {reader: said[k] for reader, said in read.items()})
            for k, (crop, word) in enumerate(zip(made, words, strict=True))
        ]
        shown.append((way, cells))
    return shown


def sheet(shown: Sequence[tuple[str, Sequence[Image.Image]]]) -> Image.Image:
    """Columns under their headings, on white."""
    width = GAP + 128 * ZOOM
    heights = [max(cells[k].height for _, cells in shown) for k in range(len(shown[0][1]))]
    whole = Image.new(
        "RGB", (GAP + width * len(shown), 24 + sum(heights) + GAP * len(heights)), "white"
    )
    draw, font = ImageDraw.Draw(whole), ImageFont.load_default(14)
    for column, (heading, cells) in enumerate(shown):
        left, top = GAP + column * width, 24
        draw.text((left, 4), heading, fill="black", font=font)
        for height, made in zip(heights, cells, strict=True):
            whole.paste(made, (left, top))
            top += height + GAP
    return whole


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of all trainings")
    parser.add_argument("--set", choices=list(WORDS), default="rendered")
    parser.add_argument("--count", type=int, default=3, help="words of a bin")
    parser.add_argument("--enlargers", nargs="+", default=["bicubic", "good shot"])
    parser.add_argument("--readers", nargs="*", default=["ppocr"])
    parser.add_argument("--output", type=Path, required=True, help="PNG or JPEG")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    made = WORDS[args.set](args.count, Folders.from_options(args))
    words = list(islice(made, 3 * args.count))
    sheet(columns(words, args.enlargers, args.readers, args.runs)).save(args.output)
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()

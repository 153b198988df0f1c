"""Whether `tcsdk.read` finds and reads text whichever way round it lies.

    python -m benchmarks.studies.reading_orientation [--sets segments word ...] [--pictures 20]

Each picture is read upright and turned anticlockwise. It needs the [ocr] and [bench] extras; the
sets of real pictures need the shared data (--data). docs/studies/reading.md has its results.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import tcsdk
from benchmarks.rate_accuracy.measures import compare
from benchmarks.sets import SETS, Folders, KnownLine, Picture
from benchmarks.sets.folders import add_folder_options
from tcsdk.reading.text import alphanumerics

# The bars a to g of a figure: top, right above and below, bottom, left below and above, middle.
BARS = ("abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg")
# Of each bar its ends, in widths and half heights of a figure.
ENDS = {
    "a": ((0, 0), (1, 0)),
    "b": ((1, 0), (1, 1)),
    "c": ((1, 1), (1, 2)),
    "d": ((0, 2), (1, 2)),
    "e": ((0, 1), (0, 2)),
    "f": ((0, 0), (0, 1)),
    "g": ((0, 1), (1, 1)),
}
LOOKS = (  # background, bars, bars that are off
    ((175, 185, 168), (20, 20, 20), None),
    ((10, 10, 10), (255, 40, 30), None),
    ((175, 185, 168), (20, 20, 20), (160, 170, 152)),
    ((20, 30, 60), (200, 230, 255), None),
)
FINER = 4  # drawn so many times as large
# Set -> turns in degrees.
TURNS = {
    "segments": (0, 180),
    "word": (0, 180),
    "scene": (0,),
    "doc": (0, 90, 180, 270),
    "rendered-dense": (0, 90, 180, 270),
}


def draw_segments(text: str, height: int, dice: random.Random, look: int) -> Image.Image:
    """Draw figures and points in seven segments, `height` pixels high."""
    back, ink, off = LOOKS[look]
    thick, gap = dice.uniform(0.10, 0.17) * height, dice.uniform(0.25, 0.5)
    width, margin = 0.55 * height, 30
    count = len(text.replace(".", ""))
    size = (int(2 * margin + width * (count + (count - 1) * gap)), height + 2 * margin)
    image = Image.new("RGB", (size[0] * FINER, size[1] * FINER), back)
    draw = ImageDraw.Draw(image)
    x = float(margin)
    for character in text:
        if character == ".":
            draw_bar(draw, (x - width * gap / 2, margin + height - thick), (0, thick / 2), ink)
            continue
        for bar, ((x0, y0), (x1, y1)) in ENDS.items():
            colour = ink if bar in BARS[int(character)] else off
            if colour:
                begin = (x + x0 * width, margin + y0 * height / 2)
                along = ((x1 - x0) * width, (y1 - y0) * height / 2)
                draw_bar(draw, begin, along, colour, thick)
        x += width * (1 + gap)
    return image.resize(size, Image.Resampling.LANCZOS)


def draw_bar(
    draw: ImageDraw.ImageDraw,
    begin: tuple[float, float],
    along: tuple[float, float],
    colour: tuple[int, int, int],
    thick: float = 8.0,
) -> None:
    """Draw a bar with pointed ends."""
    length = float(np.hypot(*along))
    u = np.array(along) / length
    v = np.array([-u[1], u[0]]) * thick / 2
    near, far = np.array(begin) + u * 0.1 * thick, np.array(begin) + u * (length - 0.1 * thick)
    inner, outer = near + u * thick / 2, far - u * thick / 2
    corners = np.stack([near, inner + v, outer + v, far, outer - v, inner - v])
    draw.polygon([tuple(corner) for corner in (corners * FINER).tolist()], fill=colour)


def segments(count: int) -> Iterator[Picture]:
    """Yield numbers of three to eight figures as displays show them."""
    dice = random.Random(5)
    for index in range(count):
        text = "".join(dice.choices("0123456789", k=dice.randint(3, 8)))
        if index % 2:
            at = dice.randint(1, len(text) - 1)
            text = f"{text[:at]}.{text[at:]}"
        image = np.asarray(draw_segments(text, dice.randint(40, 120), dice, index % len(LOOKS)))
        height, width = image.shape[:2]
        whole = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
        line = KnownLine(text, whole)
        yield Picture(f"segments-{text}", image, (line,), np.zeros((height, width), np.bool_))


@dataclass
class Row:
    """Sums over pictures.

    Attributes:
        pictures: How many.
        whole: Those that are read without a mistake, in alphanumerics.
        silent: Those in which nothing is read.
        true, found, matched: Words, wherever they are.
        accuracy: Of the whole text in the order in which it is read.
    """

    pictures: int = 0
    whole: int = 0
    silent: int = 0
    true: int = 0
    found: int = 0
    matched: int = 0
    accuracy: float = 0.0

    def add(self, picture: Picture, texts: Sequence[str], caseless: bool) -> None:
        """Count what was read in a picture."""
        read = "\n".join(texts)
        true, found = words_of(picture.text, caseless), words_of(read, caseless)
        edits = compare(picture.text, read, caseless)
        self.pictures += 1
        self.whole += edits.accuracy == 1.0
        self.silent += not found
        self.true += sum(true.values())
        self.found += sum(found.values())
        self.matched += sum((true & found).values())
        self.accuracy += edits.accuracy

    def __str__(self) -> str:
        f1 = 2 * self.matched / max(self.true + self.found, 1)
        return (
            f"{self.pictures} | {self.whole} | {self.silent} | {self.matched} of {self.true} | "
            f"{f1:.3f} | {self.accuracy / max(self.pictures, 1):.3f}"
        )


def words_of(text: str, caseless: bool) -> Counter[str]:
    """Count the words of a text that have a letter or digit."""
    return Counter(word for part in text.split() if (word := alphanumerics(part, caseless)))


def turned(pixels: NDArray[np.uint8], degrees: int) -> NDArray[np.uint8]:
    """Turn a picture anticlockwise."""
    return np.ascontiguousarray(np.rot90(pixels, degrees // 90))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", choices=list(TURNS), default=list(TURNS))
    parser.add_argument("--turns", nargs="+", type=int, choices=(0, 90, 180, 270))
    parser.add_argument("--pictures", type=int, default=20, help="of each set (default: 20)")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    folders = Folders.from_options(args)
    print("| set | turned by | pictures | whole | silent | words | F1 | in order |")
    print("|---|---|---|---|---|---|---|---|")
    for name in args.sets:
        caseless = name in SETS and SETS[name].caseless
        made = segments(args.pictures) if name == "segments" else None
        pictures = list(made or SETS[name].make(args.pictures, folders))
        for degrees in args.turns or TURNS[name]:
            row = Row()
            for picture in pictures:
                lines = tcsdk.read(turned(picture.image, degrees))
                row.add(picture, [line.text for line in lines], caseless)
            print(f"| {name} | {degrees} | {row} |", flush=True)


if __name__ == "__main__":
    main()

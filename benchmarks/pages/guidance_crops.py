"""Crops of small text at equal bytes: ours, those that draw among them, and other codecs.

    python -m benchmarks.pages.guidance_crops --codecs textboost-int8 tfic-int8 taco avif@0.5 \\
        --pictures 3 --output docs/results/images/guidance_crops.jpg

The paper's Figure 6. A block of cells per picture: the line with most letters among those that are
drawn. The first codec is coded at --quality; each other one gives its finest picture of no more
bytes, or its smallest.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from PIL import Image

import tcsdk
from benchmarks.codecs import PEERS, points
from benchmarks.guidance.models import Model
from benchmarks.pages.crops import Shown, cell, finest, sheet
from benchmarks.readers import READERS, available_readers
from benchmarks.sets import SETS, Folders, KnownLine, Picture
from benchmarks.sets.folders import add_folder_options
from tcsdk.codec.sent_text import SentLine
from tcsdk.errors import TargetTooSmallError
from tcsdk.reading.text import alphanumerics

CODECS = ("textboost-int8", "tfic-int8", "taco", "avif", "avif@0.5", "jpeg@0.25", "webp@0.5")
COLUMNS = 4
QUALITY = 92  # of a JPEG
Coder = Callable[[Picture, int | None], Shown]


def drawn_line(sent: Sequence[SentLine]) -> KnownLine | None:
    """The sent line with most to read, None where nothing is sent; its text is the device's."""
    lines = [
        KnownLine(line.text, line.polygon)
        for line in sent
        if line.text and line.polygon is not None
    ]
    return max(lines, key=lambda line: len(alphanumerics(line.text)), default=None)


def ours(model: Model, quality: int) -> Coder:
    """Code with one of our models: at a quality, or within a budget of bytes."""

    def code(picture: Picture, budget: int | None) -> Shown:
        text = model.sent(picture) or None
        try:
            how: dict[str, int] = {"max_bytes": budget} if budget else {"quality": quality}
            data = model.encoder.encode(picture.image, scale=1.0, text=text, **how)
        except TargetTooSmallError:
            data = model.encoder.encode(picture.image, scale=1.0, text=text, quality=0)
        setting = f"q{tcsdk.inspect(data).quality}"
        return Shown(model.name, setting, len(data), model.decoder.decode(data))

    return code


def peer(name: str) -> Coder:
    """Code with another codec, its finest picture within a budget."""
    known = points(name)

    def code(picture: Picture, budget: int | None) -> Shown:
        return finest(known, picture.image, budget or 0)

    return code


def coders(names: Sequence[str], quality: int) -> tuple[Model, list[Coder]]:
    """The first model, and what codes, in order.

    Raises:
        ValueError: The first is none that draws.
    """
    first = Model.find(names[0])
    if not first.draws:
        raise ValueError(f"expected a model that draws sent text first, got {first.name}")
    others = [
        peer(name) if name.partition("@")[0] in PEERS else ours(Model.find(name), quality)
        for name in names[1:]
    ]
    return first, [ours(first, quality), *others]


def cells_of(
    picture: Picture, line: KnownLine, codecs: Sequence[Coder], readers: Sequence[str]
) -> Iterator[Image.Image]:
    """The cells of one picture: the original, then every codec."""
    (whole,) = points("original")
    size = len(whole.encode(picture.image))
    yield cell(Shown(whole.codec, whole.setting, size, picture.image), line, readers)
    budget: int | None = None
    for code in codecs:
        shown = code(picture, budget)
        budget = budget or shown.bytes
        yield cell(shown, line, readers)


def rows_of(cells: Sequence[Image.Image]) -> list[Sequence[Image.Image]]:
    """Cells in rows of COLUMNS."""
    return [cells[k : k + COLUMNS] for k in range(0, len(cells), COLUMNS)]


def save(whole: Image.Image, path: Path) -> None:
    """Write a picture whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    whole.save(temporary, quality=QUALITY)
    temporary.replace(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--codecs", nargs="+", default=CODECS, help="(default: %(default)s)")
    parser.add_argument("--quality", type=int, default=16, help="of the first codec")
    parser.add_argument("--set", choices=list(SETS), default="scene")
    parser.add_argument("--pictures", type=int, default=3, help="that have small text")
    parser.add_argument("--readers", nargs="*", choices=list(READERS), default=list(READERS))
    parser.add_argument("--output", type=Path, required=True, help="PNG or JPEG")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    readers = available_readers(args.readers, skip_missing=False)
    first, codecs = coders(args.codecs, args.quality)
    rows: list[Sequence[Image.Image]] = []
    many = SETS[args.set].make(SETS[args.set].size, Folders.from_options(args))
    lined = ((picture, drawn_line(first.sent(picture))) for picture in many)
    for picture, line in islice(((p, one) for p, one in lined if one), args.pictures):
        rows += rows_of(list(cells_of(picture, line, codecs, readers)))
    whole = sheet(rows)
    save(whole, args.output)
    print(f"wrote {args.output}, {whole.width}x{whole.height}")


if __name__ == "__main__":
    main()

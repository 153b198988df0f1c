"""Sent text that guides what is shown: `textboost` beside `tfic`, and the controls.

    python -m benchmarks.studies.sent_guidance scene [--pictures 12] [--qualities 0 8 16]
    python -m benchmarks.studies.sent_guidance reader [--pictures 60]

`scene` codes ICDAR scenes at their own size and reads them: lines are found by PP-OCRv6 and read
by it and by english_g2, which saw none of the strings. Arms: the original; `tfic`; `textboost`;
`textboost` of which a fifth of the sent words have one wrong letter; the sent strings alone, at
their places, without a picture. `reader` says how PP-OCRv6's boxes lie on small rendered lines of
pictures as large as scenes, which is what the training's simulated reader is made of.
Rows go to benchmarks/results/sent_guidance.csv; docs/studies/sent-guidance.md has them.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import tcsdk
from benchmarks.guidance.wrong_words import WrongWord, count_read, swap
from benchmarks.paths import RESULTS
from benchmarks.rate_accuracy.matching import Word, listed, match, match_places
from benchmarks.readers.english_g2 import EnglishG2
from benchmarks.readers.reading import cut
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from benchmarks.sets.picture import Picture
from benchmarks.sets.places import cut_words
from tcsdk.reading.boxes import sides
from tcsdk.train.codec.guidance import SCENE
from tcsdk.train.render import Assets, render
from tcsdk.train.render.render import MARGIN

Row = dict[str, object]
MOST_AREA = 800  # square pixels a character, up to which text of a scene is drawn


@dataclass
class Tally:
    """Sums over the pictures of one arm.

    Attributes:
        bytes, error: Of the streams; of the pictures, mean squared.
        text: Bytes of the text chunks.
        counts: Reader -> (true, found, matched) words; "boxes" for places alone.
        wrong: Of words that are sent wrong in that arm: all, read so, read as they are.
    """

    bytes: list[int] = field(default_factory=list)
    text: list[int] = field(default_factory=list)
    error: list[float] = field(default_factory=list)
    counts: dict[str, NDArray[np.int64]] = field(
        default_factory=lambda: defaultdict(lambda: np.zeros(3, np.int64))
    )
    wrong: NDArray[np.int64] = field(default_factory=lambda: np.zeros(3, np.int64))


def words_of(picture: Picture, lines: Sequence[tuple[str, NDArray[np.float32]]]) -> list[Word]:
    """Words of found lines, outside what nobody lists."""
    found = [word for text, quad in lines for word in cut_words(text, quad)]
    return listed(found, picture.unlisted)


def add_words(tally: Tally, reader: str, picture: Picture, words: Sequence[Word]) -> None:
    """Count found words against the true ones."""
    matches = match(picture.words, words)
    tally.counts[reader] += (matches.true, matches.found, matches.matched)


def add_boxes(tally: Tally, picture: Picture, words: Sequence[Word]) -> None:
    """Count the places of found words against those of the true ones, whatever they say."""
    matches = match_places(picture.words, words)
    tally.counts["boxes"] += (matches.true, matches.found, matches.matched)


class Judges:
    """PP-OCRv6's boxes, read by it and by english_g2."""

    def __init__(self) -> None:
        self._g2 = EnglishG2()

    def add(
        self,
        tally: Tally,
        picture: Picture,
        pixels: NDArray[np.uint8],
        swapped: Sequence[WrongWord],
    ) -> None:
        """Read a picture and count what was read."""
        lines = tcsdk.read(pixels)
        image = Image.fromarray(pixels)
        quads = [line.polygon for line in lines]
        readings = self._g2.read_lines([cut(image, quad) for quad in quads])
        said = {
            "ppocr": [line.text for line in lines],
            "english_g2": [reading.text for reading in readings],
        }
        for reader, texts in said.items():
            words = words_of(picture, list(zip(texts, quads, strict=True)))
            add_words(tally, reader, picture, words)
            if reader == "ppocr":
                add_boxes(tally, picture, words)
            else:
                tally.wrong += count_read(swapped, words)


def scene_rows(args: argparse.Namespace, folders: Folders) -> Iterator[Row]:
    """A row per arm and quality."""
    judges, tallies = Judges(), defaultdict[tuple[str, int], Tally](Tally)
    nothing: list[WrongWord] = []
    encoders = {name: tcsdk.Encoder(f"{name}-int8") for name in ("tfic", "textboost")}
    decoder = tcsdk.Decoder("cpu")
    for number, picture in enumerate(SETS["scene"].make(args.pictures, folders)):
        judges.add(tallies["original", 0], picture, picture.image, nothing)
        own = tcsdk.inspect(encoders["textboost"].encode(picture.image, scale=1.0)).text
        sent = list(own.lines) if own else []
        wrong, swapped = swap(sent, number)
        placed = [(line.text or "", line.polygon) for line in sent]
        add_words(tallies["strings alone", 0], "english_g2", picture, words_of(picture, placed))
        for quality in args.qualities:
            arms = {
                "tfic": ("tfic", None, swapped),
                "textboost": ("textboost", sent, nothing),
                "wrong strings": ("textboost", wrong, swapped),
            }
            for arm, (model, text, words) in arms.items():
                data = encoders[model].encode(
                    picture.image, quality=quality, scale=1.0, text=text, adaptive=args.adaptive
                )
                pixels = decoder.decode(data)
                tally = tallies[arm, quality]
                info = tcsdk.inspect(data)
                tally.bytes.append(len(data))
                tally.text.append(sum(c.bytes for c in info.chunks if c.name == "text"))
                difference = pixels.astype(np.float64) - picture.image
                tally.error.append(float((difference**2).mean()))
                judges.add(tally, picture, pixels, words)
        print(picture.name, flush=True)
        pixels_of_one = picture.image[..., 0].size
    for (arm, quality), tally in tallies.items():
        yield scene_row(arm, quality, tally, pixels_of_one, args)


def scene_row(arm: str, quality: int, tally: Tally, pixels: int, args: argparse.Namespace) -> Row:
    """What a tally says."""

    def f1(reader: str) -> str:
        true, found, matched = tally.counts.get(reader, (0, 0, 0))
        return f"{2 * matched / (true + found):.4f}" if true + found else ""

    size = np.mean(tally.bytes) if tally.bytes else float("nan")
    psnr = np.mean(10 * np.log10(255**2 / np.array(tally.error))) if tally.error else np.nan
    return {
        "arm": arm,
        "quality": quality if tally.bytes else "",
        "adaptive": args.adaptive,
        "pictures": args.pictures,
        "bytes": f"{size:.1f}" if tally.bytes else "",
        "bpp": f"{8 * size / pixels:.4f}" if tally.bytes else "",
        "text bytes": f"{np.mean(tally.text):.1f}" if tally.text else "",
        "psnr": f"{psnr:.3f}" if tally.error else "",
        "detection f1": f1("boxes"),
        "e2e f1 ppocr": f1("ppocr"),
        "e2e f1 english_g2": f1("english_g2"),
        "sent wrong": int(tally.wrong[0]),
        "read as sent": int(tally.wrong[1]),
        "read as it is": int(tally.wrong[2]),
    }


def reader_rows(args: argparse.Namespace, folders: Folders) -> Iterator[Row]:
    """How PP-OCRv6's boxes lie around the ink of rendered lines that it reads right and guide."""
    assets = Assets.load("train", folders.photos)
    above, before, taller, found_lines, lines = [], [], [], 0, 0
    for number in range(args.pictures):
        sample = render(assets, np.random.default_rng((7, number)), SCENE[::-1])
        found = {line.text.replace(" ", ""): line for line in tcsdk.read(sample.image)}
        lines += len(sample.lines)
        for line in sample.lines:
            seen = found.get(line.text.replace(" ", ""))
            if seen is None:
                continue
            (width, height), (wide, tall) = sides(line.quad), sides(seen.polygon)
            if wide * tall > MOST_AREA * len(seen.text):
                continue
            found_lines += 1
            ink = height / (1 + 2 * MARGIN)
            above.append((tall - ink) / 2 / tall)
            taller.append(tall / ink)
            before.append((wide - width + 2 * MARGIN * ink) / 2 / tall)
    yield {
        "lines": lines,
        "read right and small": found_lines,
        "above ink": f"{np.median(above):.3f}",
        "before ink": f"{np.median(before):.3f}",
        "height over ink's": f"{np.mean(taller):.2f} +- {np.std(taller):.2f}",
    }


def main() -> None:
    """Measure, print and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("scene", "reader"))
    parser.add_argument("--pictures", type=int, default=12)
    parser.add_argument("--qualities", type=int, nargs="+", default=[0, 8, 16])
    parser.add_argument("--adaptive", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS / "sent_guidance.csv")
    add_folder_options(parser)
    args = parser.parse_args()
    make = {"scene": scene_rows, "reader": reader_rows}[args.what]
    rows = list(make(args, Folders.from_options(args)))
    for row in rows:
        print(row)
    if args.what == "scene":
        with args.output.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()

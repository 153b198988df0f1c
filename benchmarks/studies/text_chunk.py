"""What sent text costs: strings and places apart, beside general compressors.

    python -m benchmarks.studies.text_chunk [--data FOLDER]

Transcripts of the shared data's scenes, words and receipts, and 400 codes drawn by the renderer's
rules with a seed that the character model was not trained with. Bytes are those of the chunk's
payload, without its frame of 6 bytes. `strings`: lines without places; `places`: what places add to
them, a line; `sorted`: the same with lines in reading order. Peers get a picture's strings, one a
line; zstd has a dictionary of 16 kB that it made of the model's training texts. docs/studies/
text-chunk.md has the results, benchmarks/results/text_chunk.csv a row per picture.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import brotli
import numpy as np
import unishox2
import zstandard
from numpy.typing import NDArray

from benchmarks.paths import RESULTS
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from tcsdk._kernels import corners_of_places, encode_text, places_of_corners
from tcsdk.train.render import text as rendered
from tcsdk.train.text.strings import Words, draw_page

Corners = NDArray[np.float64]
Peer = Callable[[bytes], int]
COUNTS = {"scene": 50, "word": 600, "doc": 10}
CODES, CODE_SEED, LONGEST_CODE = 400, 20261129, 12
DICTIONARY = 16 << 10
SENT, SURE = 3, 7
METER = ((300, 200), (420, 203), (420, 233), (300, 230))


@dataclass(frozen=True)
class Sample:
    """What one picture says.

    Args:
        name: of the picture.
        strings: one a line.
        corners: of the lines, (n, 4, 2), or None where nobody knows.
    """

    name: str
    strings: tuple[str, ...]
    corners: Corners | None


def transcripts(name: str, folders: Folders) -> Iterator[Sample]:
    """The legible lines of a set's pictures, in the order of the transcript."""
    for picture in SETS[name].make(COUNTS[name], folders):
        corners = np.array([line.quad for line in picture.lines], np.float64).reshape(-1, 4, 2)
        yield Sample(picture.name, tuple(line.text for line in picture.lines), corners)


def is_code(text: str) -> bool:
    """Three characters or more, a third of them figures."""
    return len(text) >= 3 and 3 * sum(c.isdigit() for c in text) >= len(text)


def codes() -> Iterator[Sample]:
    """Codes as the renderer writes them."""
    dice, words, made = random.Random(CODE_SEED), Words.load(), 0
    while made < CODES:
        some = [words.draw(dice) for _ in range(8)]
        text = rendered.snippet(dice, some, LONGEST_CODE, (rendered.data,))
        if is_code(text):
            yield Sample(f"code-{made:03}", (text,), None)
            made += 1


def payload(strings: Sequence[str], places: NDArray[np.int32] | None) -> int:
    """Bytes of lines that are sent and sure."""
    count = len(strings)
    return len(
        encode_text(
            list(strings),
            places=np.zeros((count, 5), np.int32) if places is None else places,
            placed=np.full(count, places is not None),
            states=np.full(count, SENT, np.uint8),
            confidences=np.full(count, SURE, np.uint8),
            verified=False,
        )
    )


def reading_order(places: NDArray[np.int32]) -> list[int]:
    """Rows from the top, in each from the left; a row are lines half a height apart at most."""
    rows: list[list[int]] = []
    for n in np.argsort(places[:, 1], kind="stable"):
        near = (
            row for row in rows if 8 * abs(places[n, 1] - places[row[-1], 1]) <= high(places[n])
        )
        row = next(near, None)
        if row is None:
            rows.append([int(n)])
        else:
            row.append(int(n))
    return [n for row in rows for n in sorted(row, key=lambda n: int(places[n, 0]))]


def high(place: NDArray[np.int32]) -> float:
    """Height of a place in pixels."""
    return float(2.0 ** (place[2] / 3))


def peers() -> dict[str, Peer]:
    """Sizes that others make of a picture's strings."""
    dice, words = random.Random(1), Words.load()
    texts = ["\n".join(draw_page(dice, words)).encode() for _ in range(20000)]
    trained = zstandard.train_dictionary(DICTIONARY, texts)
    bare = zstandard.ZstdCompressionParameters.from_level(
        19, format=zstandard.FORMAT_ZSTD1_MAGICLESS, write_content_size=False, write_dict_id=False
    )
    zstd = zstandard.ZstdCompressor(dict_data=trained, compression_params=bare)
    return {
        "raw": len,
        "deflate": lambda data: len(zlib.compress(data, 9, -15)),
        "gzip": lambda data: len(gzip.compress(data, 9, mtime=0)),
        "brotli": lambda data: len(brotli.compress(data, quality=11)),
        "zstd": lambda data: len(zstd.compress(data)),
        "unishox2": lambda data: len(unishox2.compress(data.decode())[0]),
    }


def measure(sample: Sample, others: dict[str, Peer]) -> dict[str, int]:
    """Bytes of one picture."""
    text = "\n".join(sample.strings).encode()
    row = {"lines": len(sample.strings), "strings": payload(sample.strings, None)}
    if sample.corners is not None:
        places = places_of_corners(sample.corners)
        order = reading_order(places)
        row["with_places"] = payload(sample.strings, places)
        row["sorted"] = payload([sample.strings[n] for n in order], places[order])
    return row | {name: peer(text) for name, peer in others.items()}


def describe(name: str, rows: Sequence[dict[str, int]]) -> None:
    """Print the means of a set."""
    sums = {key: sum(row[key] for row in rows) for key in rows[0]}
    count, lines = len(rows), sums["lines"]
    print(f"{name}: {count} pictures, {lines / count:.1f} lines")
    for key in ("strings", "deflate", "gzip", "brotli", "zstd", "unishox2", "raw"):
        share = sums[key] / sums["deflate"]
        print(f"  {key:9} {sums[key] / count:7.2f} bytes a picture, {share:.3f} of deflate's")
    if "sorted" in sums:
        for key in ("with_places", "sorted"):
            print(f"  {key}: {(sums[key] - sums['strings']) / lines:.2f} bytes a line for places")


def moved(sample: Sample) -> NDArray[np.float64]:
    """How far the corners move when a place is put on the grid, in heights of the line, (n,)."""
    assert sample.corners is not None
    places = places_of_corners(sample.corners)
    away = np.linalg.norm(corners_of_places(places) - sample.corners, axis=2).mean(axis=1)
    heights: NDArray[np.float64] = np.linalg.norm(
        sample.corners[:, 3] - sample.corners[:, 0], axis=1
    )
    return away / np.maximum(heights, 1.0)


def main() -> None:
    """Measure and print, and write the rows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studies.text_chunk")
    add_folder_options(parser)
    folders = Folders.from_options(parser.parse_args())
    others, table = peers(), []
    for name in (*COUNTS, "codes"):
        samples = list(codes() if name == "codes" else transcripts(name, folders))
        rows = [measure(sample, others) for sample in samples]
        describe(name, rows)
        table += [
            {"set": name, "picture": s.name, **row} for s, row in zip(samples, rows, strict=True)
        ]
        if name != "codes":
            away = np.concatenate([moved(sample) for sample in samples])
            print(f"  corners move {np.median(away):.3f} heights in the middle case")
    for register in ("00073810", "73810264", "012345.678"):
        place = places_of_corners(
            np.array([[(300, 200), (420, 203), (420, 233), (300, 230)]], float)
        )
        both = payload([register], None), payload([register], place)
        print(f"register {register}: {both[0]} bytes, {both[1]} with its place")
    with (RESULTS / "text_chunk.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(table)


if __name__ == "__main__":
    main()

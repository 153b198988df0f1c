"""How often an encoder says that another format is the better choice, and of which pictures.

    python -m benchmarks.studies.flat_pictures --data shared/data

Encodes pictures of each set at the model's own quality and counts the notes of
`tcsdk.alternatives`. Wanted are notes of drawn screens and of documents; of the other sets each is
a false alarm. Prints the table of docs/studies/flat-pictures.md.
"""

from __future__ import annotations

import argparse
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from tcsdk import Encoder
from tcsdk.alternatives import alternatives, flat_share

# Set -> how many pictures at most, and the quality of a JPEG on the way; 0 for none.
CASES = (
    ("screens", 24, 0),
    ("screens", 24, 85),
    ("doc", 100, 0),
    ("scene", 100, 0),
    ("word", 200, 0),
    ("natural", 100, 0),
    ("rendered", 200, 0),
    ("rendered-dense", 100, 0),
)
KINDS = ("lossless", "flat")


@dataclass(frozen=True)
class Said:
    """What is said of one picture.

    Attributes:
        share: Of its blocks that have one colour.
        stream_bytes: Of its stream.
        kind: Of the note; "" for none.
    """

    share: float
    stream_bytes: int
    kind: str


def as_jpeg(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """What a JPEG leaves of a picture."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


def pictures(name: str, count: int, quality: int, folders: Folders) -> Iterator[NDArray[np.uint8]]:
    """The pictures of a case."""
    for picture in SETS[name].make(count, folders):
        yield as_jpeg(picture.image, quality) if quality else picture.image


def what_is_said(encoder: Encoder, pixels: NDArray[np.uint8]) -> Said:
    """Encode a picture, and ask about its stream."""
    size = len(encoder.encode(pixels))
    notes = alternatives(pixels, size)
    return Said(flat_share(pixels), size, notes[0].kind if notes else "")


def row(name: str, quality: int, said: list[Said]) -> str:
    """One row of the table."""
    shares = [each.share for each in said]
    size = np.median([each.stream_bytes for each in said])
    kinds = Counter(each.kind for each in said)
    label = f"{name}, as JPEG of quality {quality}" if quality else name
    share = f"{min(shares):.2f} {np.median(shares):.2f} {max(shares):.2f}"
    counts = " | ".join(str(kinds[kind]) for kind in KINDS)
    return f"| {label} | {len(said)} | {share} | {size:.0f} | {counts} |"


def main() -> None:
    """Measure each case and print its row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="tfic-int8")
    add_folder_options(parser)
    args = parser.parse_args()
    encoder, folders = Encoder(args.model), Folders.from_options(args)
    print("| set | pictures | flat share: least, median, most | median bytes | lossless | flat |")
    print("|---|---|---|---|---|---|")
    for name, count, quality in CASES:
        said = [what_is_said(encoder, p) for p in pictures(name, count, quality, folders)]
        print(row(name, quality, said), flush=True)


if __name__ == "__main__":
    main()

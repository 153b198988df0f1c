"""Lines as a receiver reads them, with what was drawn: what doubt is calibrated on.

    python -m benchmarks.studies.trust_calibration [--pictures 800]

Codes pictures of the set `crowded` with tfic-int8, each at one quality in turn, decodes and reads
them, and keeps a row per picture and reader in benchmarks/results/trust_lines.csv; what is there
already is not measured again. Two of three pictures calibrate and the third tests:
`python -m benchmarks.pages.trust_table` needs that file alone. Needs the [ocr] extra and, for
backgrounds, the shared data (--data). docs/studies/receiver-trust.md has the results.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import tcsdk
from benchmarks.paths import RESULTS
from benchmarks.sets import Folders
from benchmarks.sets.crowded import crowded_picture
from benchmarks.sets.folders import add_folder_options
from benchmarks.studies.trust_lines import read_lines
from tcsdk.reading.lines import TextLine

MODEL = "tfic-int8"
QUALITIES = (0, 8, 16, 32)
FILE = RESULTS / "trust_lines.csv"
COLUMNS = ("picture", "quality", "reader", "lines")


def quality_of(picture: int) -> int:
    """The quality at which a picture of the set is coded."""
    return QUALITIES[picture // 3 % len(QUALITIES)]


def is_test(picture: int) -> bool:
    """Whether a picture tests what the others calibrate."""
    return picture % 3 == 2


def measured(pictures: Sequence[int], folders: Folders) -> Iterator[list[dict[str, object]]]:
    """Code, decode and read pictures; for each a row for each reader."""
    encoder = tcsdk.Encoder(MODEL, device="cpu", threads=1)
    decoder = tcsdk.Decoder("cpu", precision="int8", threads=1)
    fast = tcsdk.FastReader("reader-int8", detector=MODEL, device="cpu", threads=1)
    readers: dict[str, Callable[[object], list[TextLine]]] = {
        "ppocr": tcsdk.read,
        "fast": fast.read,
    }
    for number in pictures:
        picture, quality = crowded_picture(number, folders), quality_of(number)
        pixels = decoder.decode(encoder.encode(picture.image, quality=quality))
        yield [
            {
                "picture": number,
                "quality": quality,
                "reader": name,
                "lines": " ".join(map(str, read_lines(picture, read(pixels)))),
            }
            for name, read in readers.items()
        ]


def measure(file: Path, pictures: Sequence[int], folders: Folders) -> None:
    """Append the rows of pictures that a file lacks."""
    known: set[int] = set()
    if file.exists():
        with file.open(newline="") as opened:
            known = {int(row["picture"]) for row in csv.DictReader(opened)}
    with file.open("a", newline="") as opened:
        writer = csv.DictWriter(opened, COLUMNS, lineterminator="\n")
        if not known:
            writer.writeheader()
        for rows in measured([k for k in pictures if k not in known], folders):
            writer.writerows(rows)
            opened.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--pictures", type=int, default=800, help="the number after the last one")
    parser.add_argument("--rows", type=Path, default=FILE)
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    measure(args.rows, range(args.first, args.pictures), Folders.from_options(args))


if __name__ == "__main__":
    main()

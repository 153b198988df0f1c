"""Doubt on pictures for which nothing is promised: real words and street scenes.

    python -m benchmarks.studies.trust_elsewhere [--sets word scene] [--count 200] [--data DATA]

Codes each picture with tfic-int8 at one of the calibration's qualities in turn, decodes and reads
it, and counts what `tcsdk.read` would not doubt by the thresholds of rendered print. Rows go to
benchmarks/results/trust_elsewhere.csv; docs/studies/receiver-trust.md shows them.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import islice

import tcsdk
from benchmarks.paths import RESULTS
from benchmarks.rate_accuracy.tables import markdown
from benchmarks.record import record
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from benchmarks.studies.trust_calibration import MODEL, QUALITIES
from benchmarks.studies.trust_lines import SHIPPED, ReadLine, believed, read_lines
from tcsdk.reading.trust_table import CALIBRATED

FILE = RESULTS / "trust_elsewhere.csv"
KEY = ("set", "quality")


def lines_of(name: str, count: int, folders: Folders) -> dict[int, list[ReadLine]]:
    """Return the lines that are read in a set's decoded pictures, by quality."""
    encoder = tcsdk.Encoder(MODEL, device="cpu", threads=1)
    decoder = tcsdk.Decoder("cpu", precision="int8", threads=1)
    lines: dict[int, list[ReadLine]] = {quality: [] for quality in QUALITIES}
    for number, picture in enumerate(islice(SETS[name].make(count, folders), count)):
        quality = QUALITIES[number % len(QUALITIES)]
        pixels = decoder.decode(encoder.encode(picture.image, quality=quality))
        lines[quality] += read_lines(picture, tcsdk.read(pixels))
    return lines


def row_of(name: str, quality: int, lines: Sequence[ReadLine]) -> dict[str, str]:
    """Count lines against the threshold of their quality."""
    least = next(c.least for c in CALIBRATED if (c.reader, c.quality) == (SHIPPED, quality))
    kept = believed(lines, least)
    wrong, kept_wrong = (sum(not line.right for line in some) for some in (lines, kept))
    return {
        "set": name,
        "quality": str(quality),
        "lines": str(len(lines)),
        "wrong": str(wrong),
        "not doubted": str(len(kept)),
        "wrong and not doubted": str(kept_wrong),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line, print the table and keep its rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=["word", "scene"])
    parser.add_argument("--count", type=int, default=200, help="pictures of a set at most")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    folders, rows = Folders.from_options(args), []
    for name in args.sets:
        read = lines_of(name, args.count, folders)
        rows += [row_of(name, quality, lines) for quality, lines in read.items()]
    print(markdown(list(rows[0]), [list(row.values()) for row in rows]))
    record(FILE, rows, KEY)


if __name__ == "__main__":
    main()

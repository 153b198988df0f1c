"""Verified encoding: what it costs, and what still differs.

    python -m benchmarks.studies.lines_raised [--reader ocr] [--pictures 100] [--quality 8]

One row per rendered picture, in benchmarks/results/lines_raised_ocr.csv or _fast.csv. `read` and
`verified` are CPU seconds of reading the original once by PP-OCRv6, and of encoding with
`verify=True` or "fast"; their ratio says what the loop costs on whatever machine. Needs the [ocr]
extra and, for backgrounds, the shared data (--data). docs/studies/lines-raised.md has the results.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator, Sequence
from statistics import mean, median

import tcsdk
from benchmarks.paths import RESULTS
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from tcsdk.verifying import FAST

MODEL = "tfic-int8"
READERS = {"ocr": True, "fast": FAST}
COLUMNS = (
    "picture",
    "quality",
    "plain_bytes",
    "bytes",
    "lines",
    "unsure",
    "raised",
    "most_steps",
    "rounds",
    "differing",
    "read",
    "verified",
    "differences",
)


def rows(reader: str, count: int, quality: int, folders: Folders) -> Iterator[dict[str, object]]:
    """Encode each picture with and without verification."""
    plain = tcsdk.Encoder(MODEL, device="cpu", quality=quality)
    checked = tcsdk.Encoder(MODEL, device="cpu", quality=quality, verify=READERS[reader])
    for picture in SETS["rendered"].make(count, folders):
        begin = time.process_time()
        tcsdk.read(picture.image)
        read = time.process_time()
        data = checked.encode(picture.image)
        done = time.process_time()
        report = checked.verification
        yield {
            "picture": picture.name,
            "quality": quality,
            "plain_bytes": len(plain.encode(picture.image)),
            "bytes": len(data),
            "lines": report.lines,
            "unsure": report.unsure,
            "raised": len(report.raised),
            "most_steps": max((line.steps for line in report.raised), default=0),
            "rounds": report.rounds,
            "differing": len(report.differences),
            "read": round(read - begin, 3),
            "verified": round(done - read, 3),
            "differences": "; ".join(map(str, report.differences)),
        }


def summary(made: Sequence[dict[str, object]]) -> str:
    """What the acceptance asks for, in one line of a table each."""

    def column(name: str) -> list[float]:
        return [float(str(row[name])) for row in made]

    plain, size = column("plain_bytes"), column("bytes")
    spent = [loop / once for loop, once in zip(column("verified"), column("read"), strict=True)]
    return "\n".join(
        [
            f"| bytes, mean (median), not verified | {mean(plain):.0f} ({median(plain):.0f}) |",
            f"| verified | {mean(size):.0f} ({median(size):.0f}) |",
            f"| over not verified | {mean(size) / mean(plain):.3f} |",
            f"| pictures of {len(made)} in doubt | {sum(n > 0 for n in column('differing'))} |",
            f"| without a line to compare | {sum(n == 0 for n in column('lines'))} |",
            f"| lines compared, raised, differing, not compared | {sum(column('lines')):.0f}, "
            f"{sum(column('raised')):.0f}, {sum(column('differing')):.0f}, "
            f"{sum(column('unsure')):.0f} |",
            f"| CPU time over one reading's, mean (median) | {mean(spent):.2f} "
            f"({median(spent):.2f}) |",
        ]
    )


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--quality", type=int, default=8)
    parser.add_argument("--reader", choices=READERS, default="ocr")
    add_folder_options(parser)
    args = parser.parse_args()
    made, folders = [], Folders.from_options(args)
    path = RESULTS / f"lines_raised_{args.reader}.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in rows(args.reader, args.pictures, args.quality, folders):
            made.append(row)
            writer.writerow(row)
            file.flush()
    print(summary(made))


if __name__ == "__main__":
    main()

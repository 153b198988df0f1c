"""The small reader by itself: what it reads, and what that costs, beside other readers.

    python -m benchmarks.studies.small_reader accuracy [--sets rendered word] [--pictures 200]
    python -m benchmarks.studies.small_reader time [--sets rendered] [--pictures 40] [--threads 2]

`accuracy` reads the known lines of originals, each reader the same crops. `time` reads whole
pictures in one process, in turn: `tcsdk.read`, which is PP-OCRv6, and `tcsdk.FastReader`; and the
small reader's own lines once more at known places, which is what a round of a closed loop costs.
Rows go to benchmarks/results/small_reader_WHAT.csv; docs/studies/small-reader.md has them.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

import tcsdk
from benchmarks.codecs import MissingToolError
from benchmarks.rate_accuracy.measures import compare
from benchmarks.readers import READERS, Reader, cut
from benchmarks.readers.own import OwnReader
from benchmarks.record import record
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from benchmarks.speed.timing import milliseconds

RESULTS = Path(__file__).resolve().parents[1] / "results"
# Beside the judges, which are in no loop, the one that is.
BESIDE: dict[str, Callable[[], Reader]] = {"reader-int8": cache(OwnReader), **READERS}
SURE = 0.9  # confidence from which a character that is wrong is counted as such
Row = dict[str, object]


def accuracy_rows(args: argparse.Namespace, folders: Folders) -> Iterator[Row]:
    """A row per set and reader: mean accuracy, lines that are right, and wrong figures."""
    readers = available(args.readers)
    for name in args.sets:
        scores: dict[str, list[tuple[float, ...]]] = defaultdict(list)
        for picture in SETS[name].make(args.pictures, folders):
            image = Image.fromarray(picture.image)
            crops = [cut(image, line.quad) for line in picture.lines]
            for reader in readers:
                for line, reading in zip(
                    picture.lines, BESIDE[reader]().read_lines(crops), strict=True
                ):
                    said = compare(line.text, reading.text, SETS[name].caseless)
                    sure = said.accuracy < 1 and reading.confidence >= SURE
                    scores[reader].append((said.accuracy, said.accuracy == 1.0, sure))
        for reader, rows in scores.items():
            accuracy, right, sure = np.mean(rows, 0)
            yield {
                "set": name,
                "pictures": args.pictures,
                "lines": len(rows),
                "reader": reader,
                "version": BESIDE[reader]().version,
                "accuracy": f"{accuracy:.3f}",
                "lines right": f"{right:.3f}",
                "lines wrong and sure": f"{sure:.3f}",
            }


def time_rows(args: argparse.Namespace, folders: Folders) -> Iterator[Row]:
    """A row per set: medians over pictures of milliseconds and of ratios."""
    fast = tcsdk.FastReader(args.model, threads=args.threads)
    for name in args.sets:
        times: dict[str, list[float]] = defaultdict(list)
        for picture in SETS[name].make(args.pictures, folders):
            boxes = fast.find(picture.image)
            steps: dict[str, Callable[[], object]] = {
                "ppocr": lambda image=picture.image: tcsdk.read(image),
                "fast": lambda image=picture.image: fast.read(image),
                "known places": lambda image=picture.image, at=boxes: fast.read_boxes(image, at),
            }
            for what, step in steps.items():
                times[what].append(min(milliseconds(step) for _ in range(args.repeats)))
        ratios = {
            what: median(a / b for a, b in zip(times[what], times["ppocr"], strict=True))
            for what in ("fast", "known places")
        }
        yield {
            "set": name,
            "pictures": args.pictures,
            "reader": args.model,
            "threads": args.threads,
            "cores": len(os.sched_getaffinity(0)),
            **{f"{what}, ms": f"{median(values):.1f}" for what, values in times.items()},
            **{f"{what} / ppocr": f"{ratio:.3f}" for what, ratio in ratios.items()},
        }


WHAT = {"accuracy": accuracy_rows, "time": time_rows}


def available(readers: Sequence[str]) -> list[str]:
    """Those that are installed; the others are said."""
    kept = []
    for reader in readers:
        try:
            BESIDE[reader]()
            kept.append(reader)
        except MissingToolError as error:
            print(f"skipped {reader}: {error}")
    return kept


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the rows as a table and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=list(WHAT))
    parser.add_argument("--sets", nargs="+", default=["rendered", "figures"], choices=list(SETS))
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--readers", nargs="+", default=list(BESIDE), choices=list(BESIDE))
    parser.add_argument("--model", default="reader-int8", help="of the small reader, for `time`")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3, help="of which the fastest counts")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the record")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    rows = []
    for row in WHAT[args.what](args, Folders.from_options(args)):
        if not rows:
            print("| " + " | ".join(row) + " |\n|" + "---|" * len(row))
        print("| " + " | ".join(map(str, row.values())) + " |", flush=True)
        rows.append({name: str(value) for name, value in row.items()})
    record(args.results / f"small_reader_{args.what}.csv", rows, ("set", "reader"))


if __name__ == "__main__":
    main()

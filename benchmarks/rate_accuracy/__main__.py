"""Real file bytes against what readers read: ours and what a user would pick instead.

    python -m benchmarks.rate_accuracy --sets rendered --codecs tfic-int8 avif jpeg --count 48
    python -m benchmarks.rate_accuracy --minutes 30          # everything, in pieces; say it again

Measurements of single pictures are kept in the --cache folder, so that a run goes on where the
last one stopped. Per set it writes a CSV with a row per operating point and reader, prints its
tables, and on --plots draws the paper's Figures 3 and 5, over the pictures that are complete.
`python -m benchmarks.pages.results` makes pages of the CSV files.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from benchmarks.codecs import PEERS, MissingToolError, Point, points
from benchmarks.paths import RESULTS, ROOT
from benchmarks.rate_accuracy.cache import Cache
from benchmarks.rate_accuracy.measuring import Task, measure, tasks_for, tasks_of
from benchmarks.rate_accuracy.plots import LABELS, plot
from benchmarks.rate_accuracy.rows import Row, write_rows
from benchmarks.rate_accuracy.summary import ORIGINAL, summarise
from benchmarks.rate_accuracy.tables import report
from benchmarks.readers import READERS, available_readers
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from benchmarks.sets.registry import KNOWN, PAGE

CODECS = ("tfic-int8", "base-int8", *(name for name in PEERS if name != ORIGINAL))


def operating_points(codecs: Sequence[str], skip_missing: bool) -> list[Point]:
    """All points of the codecs, the original first.

    Raises:
        MissingToolError: a codec's program or package is not installed, unless they are skipped.
    """
    found: list[Point] = []
    for codec in dict.fromkeys((ORIGINAL, *codecs)):
        try:
            found += points(codec)
        except MissingToolError as error:
            if not skip_missing:
                raise
            print(f"skipped {codec}: {error}")
    return found


def measure_set(
    name: str,
    count: int | None,
    folders: Folders,
    codecs: Sequence[Point],
    tasks: Sequence[Task],
    cache: Cache,
    until: float,
) -> tuple[list[Row], bool]:
    """Measure a set as far as the time allows; its rows, and whether it is complete."""
    chosen, size = SETS[name], count or SETS[name].size
    codecs = [point for point in codecs if tasks_of(point, tasks)]
    complete = measure(chosen.make(size, folders), codecs, tasks, cache, until)
    rows = summarise(name, islice(chosen.make(size, folders), size), codecs, tasks, cache)
    return rows, complete


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=["rendered"])
    parser.add_argument(
        "--codecs",
        nargs="+",
        default=CODECS,
        help=f"{', '.join(PEERS)}, or a model's id or folder; each also as NAME@0.75, on pictures "
        "of that part of the size (default: %(default)s)",
    )
    parser.add_argument(
        "--count",
        type=int,
        help="pictures per set (default: 600, 100 of scripts and hands, or all)",
    )
    parser.add_argument("--readers", nargs="*", choices=list(READERS), default=list(READERS))
    parser.add_argument(
        "--ways",
        nargs="*",
        choices=(KNOWN, PAGE),
        default=[KNOWN, PAGE],
        help="read lines at their known places, or find text first (default: both)",
    )
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--skip-missing", action="store_true", help="leave out what is absent")
    parser.add_argument("--cache", type=Path, default=ROOT / "runs" / "measured")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder for CSV files")
    parser.add_argument("--plots", type=Path, help="folder for plots")
    add_folder_options(parser)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, summarise, write."""
    args = parse(arguments)
    until = time.monotonic() + 60 * args.minutes
    codecs = operating_points(args.codecs, args.skip_missing)
    readers = available_readers(args.readers, args.skip_missing)
    folders = Folders.from_options(args)
    for name in args.sets:
        tasks = tasks_for(name, readers, args.ways)
        cache = Cache(args.cache / f"{name}.csv")
        rows, complete = measure_set(name, args.count, folders, codecs, tasks, cache, until)
        if rows:
            write(rows, args.output / f"rate_accuracy_{name}.csv", args.plots)
        state = "complete" if complete else "to be continued: run the same again"
        print(f"{name}: {rows[0].pictures if rows else 0} pictures, {state}", flush=True)


def write(rows: Sequence[Row], path: Path, plots: Path | None) -> None:
    """Write a set's CSV, print its tables, draw its plots."""
    write_rows(rows, path)
    print(report(rows))
    if plots is not None:
        for measured in LABELS:
            plot(rows, measured, plots / f"{rows[0].set}_{measured}.png")


if __name__ == "__main__":
    main()

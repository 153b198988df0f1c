"""Sent text that guides what is shown, beside other codecs: the paper's Figures 5 to 9 as rows.

    python -m benchmarks.guidance scene --codecs tfic textboost taco avif jpeg --pictures 10
    python -m benchmarks.guidance scene --codecs runs/elic-s runs/textboost-elic --minutes 30

Codes the pictures of a set, finds and reads their text by PP-OCRv6, Tesseract and english_g2, and
writes benchmarks/results/guidance_SET.csv, a row per codec and setting: bytes of whole streams,
sent text included. Codecs are ours by id or folder, and peers of benchmarks.codecs, which stand at
their coarsest settings; `avif@0.5` is AVIF of half the size. Models that draw are coded with the
device's strings; at the qualities of --controls also with the listed strings, and with a fifth of
the words sent wrong, of which guidance_SET_trust.csv says whether the picture without what is drawn
contradicts them and whether `TextLine.trust` flags them. --regions codes models once more with the
device's lines 8 steps finer (the paper's ROI baseline). Measurements are kept in --cache, so that
more pictures, codecs or time add to what is there; rows are over the pictures that are complete,
and stand beside rows of other codecs over the same pictures.
`python -m benchmarks.pages.guidance` makes the page.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from benchmarks.guidance.arms import PEER_POINTS, Plan, split
from benchmarks.guidance.files import PREFIX, TRUST, write
from benchmarks.guidance.measuring import fill, tasks_of
from benchmarks.guidance.rows import summarise
from benchmarks.guidance.tally import READERS
from benchmarks.paths import RESULTS, ROOT
from benchmarks.rate_accuracy.cache import Cache
from benchmarks.readers import available_readers
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options

CODECS = ("tfic-int8", "textboost-int8", "taco", "avif", "avif@0.5", "jpeg", "webp")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.guidance", description=__doc__.splitlines()[0]
    )
    parser.add_argument("sets", nargs="+", choices=list(SETS))
    parser.add_argument("--codecs", nargs="+", default=CODECS, help="(default: %(default)s)")
    parser.add_argument("--qualities", type=int, nargs="+", default=[0, 8, 16, 32])
    parser.add_argument("--regions", nargs="*", default=[], help="models coded with regions too")
    parser.add_argument(
        "--controls", type=int, nargs="*", default=[0, 16], help="qualities of the controls"
    )
    parser.add_argument("--peer-points", type=int, default=PEER_POINTS, help="settings of a peer")
    parser.add_argument("--pictures", type=int, default=10)
    parser.add_argument("--readers", nargs="*", choices=READERS, default=list(READERS))
    parser.add_argument("--skip-missing", action="store_true", help="leave out absent readers")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--cache", type=Path, default=ROOT / "runs" / "guidance")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the rows")
    add_folder_options(parser)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, summarise, write."""
    args = parse(arguments)
    until = time.monotonic() + 60 * args.minutes
    folders = Folders.from_options(args)
    peers, models = split(args.codecs, args.peer_points)
    _, regions = split(args.regions, 0)
    plan = Plan(peers, models, args.qualities, regions, args.controls)
    tasks = tasks_of(available_readers(args.readers, args.skip_missing))
    for name in args.sets:
        cache = Cache(args.cache / f"{name}.csv")
        pictures = list(islice(SETS[name].make(args.pictures, folders), args.pictures))
        complete = fill(pictures, plan, tasks, cache, until)
        found = summarise(name, pictures, plan, tasks, cache)
        if found.points:
            write(found.points, args.results / f"{PREFIX}{name}.csv")
            write(found.trust, args.results / f"{PREFIX}{name}{TRUST}.csv")
        state = "complete" if complete else "to be continued: run the same again"
        counted = found.points[0]["pictures"] if found.points else 0
        print(f"{name}: {counted} pictures, {state}", flush=True)


if __name__ == "__main__":
    main()

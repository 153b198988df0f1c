"""Milliseconds from a small word to its text: enlarge and read, beside PP-OCRv6's recogniser.

    python -m benchmarks.super_resolution.speed [--threads 2] [--words 64]
    python -m benchmarks.super_resolution.speed --device tensorrt   # after tcsdk build

In one process and in turn, by the models that ship: a word at a time, and many in one call.
PP-OCRv6 reads the same words on the CPU, enlarged by a bicubic filter, one at a time. Medians over
the words (over the repeats, of many). On a GPU it takes the precisions that the device chooses;
the models need their graphs for it: docs/use/engines.md. Rows go to
benchmarks/results/super_resolution_speed.csv; docs/results/super-resolution.md shows them.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from statistics import median

import tcsdk
from benchmarks.paths import RESULTS
from benchmarks.record import record
from benchmarks.sets.folders import Folders, add_folder_options
from benchmarks.super_resolution.enlargers import Pixels, bicubic
from benchmarks.super_resolution.readers import judge
from benchmarks.super_resolution.words import WORDS, Word

FILE = "super_resolution_speed.csv"
REPEATS = 5  # of all words in one call
# Beside others the device chooses.
PRECISIONS: dict[str, tuple[str | None, ...]] = {"cpu": ("fp32", "int8", "w4")}
KEY = ("device", "precision", "threads")


def milliseconds(work: Callable[[], object]) -> float:
    """Time of one call."""
    begin = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begin)


def row(words: Sequence[Word], device: str, precision: str | None, threads: int) -> dict[str, str]:
    """Time one precision on a device; None for what the device chooses."""
    told = {"precision": precision, "device": device, "threads": threads}
    crops = [word.low for word in words]
    peer = judge("ppocr")  # takes all cores
    with (
        tcsdk.SuperResolver("edsr-s", **told) as net,
        tcsdk.Recognizer("cdistnet-s", **told) as own,
    ):

        def ours(some: list[Pixels]) -> object:
            return own.recognize(net.enlarged(some))

        for count in (1, len(crops)):  # shapes are settled by a first call, recorded by a second
            for _ in range(2):
                ours(crops[:count])
        peer(bicubic(words[:1]))
        alone, beside = [], []
        for word in words:
            alone.append(milliseconds(lambda word=word: ours([word.low])))
            beside.append(milliseconds(lambda word=word: peer(bicubic([word]))))
        many = median(milliseconds(lambda: ours(crops)) for _ in range(REPEATS)) / len(words)
        forms = dict.fromkeys(each.engine.precision for each in (net, own))
        place = device if device == "cpu" else f"{device}: {net.engine.provider}"
    return {
        "device": place,
        "precision": ", ".join(forms),
        "threads": str(threads),
        "cores": str(len(os.sched_getaffinity(0))),
        "a word, ms": f"{median(alone):.1f}",
        "together": str(len(words)),
        "each of them, ms": f"{many:.1f}",
        "PP-OCRv6, ms": f"{median(beside):.1f}",
        "a word / PP-OCRv6": f"{median(a / b for a, b in zip(alone, beside, strict=True)):.2f}",
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the rows as a table and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu", help="of both models, as device= takes it")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--words", type=int, default=64)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the record")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    words = list(islice(WORDS["rendered"](args.words, Folders.from_options(args)), args.words))
    for precision in PRECISIONS.get(args.device, (None,)):
        made = row(words, args.device, precision, args.threads)
        print(made, flush=True)
        record(args.results / FILE, [made], KEY)


if __name__ == "__main__":
    main()

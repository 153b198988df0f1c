"""What drawing sent text costs: `textboost` beside `tfic` to encode, with and without it to decode.

    python -m benchmarks.studies.drawing_time [--pictures 3] [--quality 16] [--threads 1]

Street scenes, INT8, in one process and in turn; medians over the repeats of each picture. Encoders
are given the lines, so that no reader is timed. Rows go to benchmarks/results/drawing_time.csv;
docs/studies/sent-guidance.md has them.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median

import tcsdk
from benchmarks.paths import RESULTS
from benchmarks.record import record
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options


def in_turn(calls: Sequence[Callable[[], object]], repeats: int) -> list[list[float]]:
    """Milliseconds of calls, a row per turn; a first turn, which loads graphs, is not kept."""
    return [[milliseconds(call) for call in calls] for _ in range(1 + repeats)][1:]


def milliseconds(call: Callable[[], object]) -> float:
    """Time of one call."""
    begin = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - begin)


def rows(args: argparse.Namespace, folders: Folders) -> Iterator[dict[str, str]]:
    """Yield a row per picture."""
    encoders = [
        tcsdk.Encoder(
            name, precision="int8", device="cpu", quality=args.quality, threads=args.threads
        )
        for name in ("textboost", "tfic")
    ]
    decoders = [
        tcsdk.Decoder("cpu", precision="int8", threads=args.threads, drawing=drawing)
        for drawing in (True, False)
    ]
    for picture in SETS["scene"].make(args.pictures, folders):
        encode = [partial(encoder.encode, picture.image, scale=1.0) for encoder in encoders]
        stream = encode[0]()
        sent = tcsdk.inspect(stream)
        strings = [line.text or "" for line in sent.text.lines]
        encode[0] = partial(encode[0], text=[(line.polygon, line.text) for line in sent.text.lines])
        decoded = in_turn([partial(decoder.decode, stream) for decoder in decoders], args.repeats)
        encoded = in_turn(encode, args.repeats)
        drawn, plain = (median(column) for column in zip(*decoded, strict=True))
        yield {
            "picture": picture.name,
            "quality": str(args.quality),
            "threads": str(args.threads),
            "cores": str(len(os.sched_getaffinity(0))),
            "lines": str(len(strings)),
            "words": str(sum(len(string.split()) for string in strings)),
            "bytes of strings": str(sum(len(string.encode()) for string in strings)),
            "bytes of text": str(sum(c.bytes for c in sent.chunks if "text" in c.name)),
            "drawn, ms": f"{drawn:.0f}",
            "not drawn, ms": f"{plain:.0f}",
            "ratio": f"{median(a / b for a, b in decoded):.3f}",
            "ratio to encode": f"{median(a / b for a, b in encoded):.3f}",
        }


def main() -> None:
    """Measure, print and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=3)
    parser.add_argument("--quality", type=int, default=16)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=7)
    add_folder_options(parser)
    args = parser.parse_args()
    for row in rows(args, Folders.from_options(args)):
        print(row, flush=True)
        record(RESULTS / "drawing_time.csv", [row], ("picture", "quality", "threads"))


if __name__ == "__main__":
    main()

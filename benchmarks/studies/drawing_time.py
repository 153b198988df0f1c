"""What drawing sent text costs a decoder: `textboost` streams decoded with and without it.

    python -m benchmarks.studies.drawing_time [--pictures 3] [--quality 16] [--threads 1]

Street scenes, INT8, in one process and in turn; medians over the repeats of each picture. Rows go
to benchmarks/results/drawing_time.csv; docs/studies/sent-guidance.md has them.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from statistics import median

import tcsdk
from benchmarks.paths import RESULTS
from benchmarks.record import record
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options


def milliseconds(decoder: tcsdk.Decoder, stream: bytes) -> float:
    """Time of one decoding."""
    begin = time.perf_counter()
    decoder.decode(stream)
    return 1000 * (time.perf_counter() - begin)


def rows(args: argparse.Namespace, folders: Folders) -> Iterator[dict[str, str]]:
    """Yield a row per picture."""
    encoder = tcsdk.Encoder("textboost", precision="int8", device="cpu", quality=args.quality)
    decoders = [
        tcsdk.Decoder("cpu", precision="int8", threads=args.threads, drawing=drawing)
        for drawing in (True, False)
    ]
    for picture in SETS["scene"].make(args.pictures, folders):
        stream = encoder.encode(picture.image, scale=1.0)
        for decoder in decoders:  # loads the graphs
            decoder.decode(stream)
        times = [[milliseconds(d, stream) for d in decoders] for _ in range(args.repeats)]
        drawn, plain = (median(column) for column in zip(*times, strict=True))
        yield {
            "picture": picture.name,
            "quality": str(args.quality),
            "threads": str(args.threads),
            "cores": str(len(os.sched_getaffinity(0))),
            "lines": str(len(tcsdk.inspect(stream).text.lines)),
            "drawn, ms": f"{drawn:.0f}",
            "not drawn, ms": f"{plain:.0f}",
            "ratio": f"{median(a / b for a, b in times):.3f}",
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

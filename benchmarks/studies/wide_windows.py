"""ONNX Runtime on parts of several tiles, as libtcs takes them, beside a tile at a time.

    python -m benchmarks.studies.wide_windows [--threads 2]

Codes the demonstration picture side by side at 4000x3000 with tfic-int8, in turn in one process:
CPU and wall seconds, the least of three. A tile of 512 sees 2.25 times its own pixels, a part of
2048 1.27 times. docs/studies/halo.md has what came out.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from unittest.mock import patch

import tcsdk
from benchmarks.rate_accuracy.tables import markdown
from benchmarks.studies.packed_nets_large import QUALITY, picture
from tcsdk.codec.tile import TileDecoder, TileEncoder

SPANS = (0, 1024, 2048, 0)  # a tile at a time comes twice: what differs there is noise
SIZE = (4000, 3000)
TIMES = 3


def least(work: Callable[[], object]) -> tuple[float, float]:
    """Return CPU and wall seconds, the least of TIMES."""
    spent, passed = [], []
    for _ in range(TIMES):
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        spent.append(time.process_time() - cpu)
        passed.append(time.perf_counter() - wall)
    return min(spent), min(passed)


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args(arguments)
    pixels, rows = picture(*SIZE), []
    encoder = tcsdk.Encoder("tfic-int8", device="cpu", threads=args.threads)
    decoder = tcsdk.Decoder("cpu", precision="int8", threads=args.threads)
    for span in SPANS:
        with patch.object(TileEncoder, "span", span), patch.object(TileDecoder, "span", span):
            data = encoder.encode(pixels, quality=QUALITY, scale=1.0)
            encode = least(lambda: encoder.encode(pixels, quality=QUALITY, scale=1.0))
            decode = least(lambda: decoder.decode(data))  # noqa: B023 - called at once
        rows.append([str(span or "a tile"), str(len(data)), *(f"{x:.2f}" for x in encode + decode)])
    head = ["part", "bytes", "encode, CPU s", "wall s", "decode, CPU s", "wall s"]
    print(markdown(head, rows))


if __name__ == "__main__":
    main()

"""libtcs's integer engine beside ONNX Runtime: bytes, reading and time.

    python -m benchmarks.studies.packed_nets [--pictures 40]

Rendered pictures of 256x512 at three qualities, each engine decoding its own streams, in one
process and in turn; PP-OCRv6 reads the lines at their places. Times are medians over all pictures
of the CPU time that a call takes in its one thread, whatever else the machine does, INT8 on both
sides, TCSDK_SIMD as it is set. Rows go to benchmarks/results/packed_nets.csv;
docs/reference/net.md has them.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from statistics import mean, median

import numpy as np

import tcsdk
from benchmarks.paths import RESULTS
from benchmarks.rate_accuracy.known_lines import known_accuracies
from benchmarks.rate_accuracy.measures import psnr
from benchmarks.readers import READERS
from benchmarks.record import record
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from tcsdk._kernels import simd

QUALITIES = (8, 24, 40)
ENGINES = {"onnx": ("cpu", "int8"), "libtcs": ("libtcs", "packed")}  # device, precision


def rows(args: argparse.Namespace, folders: Folders) -> Iterator[dict[str, str]]:
    """Yield a row per model, quality and engine."""
    reader, pictures = READERS["ppocr"](), list(SETS["rendered"].make(args.pictures, folders))
    for family in ("tfic", "base"):
        codecs = {
            name: (
                tcsdk.Encoder(family, device=device, precision=precision, threads=1),
                tcsdk.Decoder(device, precision=precision, threads=1),
            )
            for name, (device, precision) in ENGINES.items()
        }
        for quality in QUALITIES:
            seen: dict[str, list[tuple[float, ...]]] = {name: [] for name in codecs}
            lines: dict[str, list[float]] = {name: [] for name in codecs}
            apart: list[float] = []
            for picture in pictures:
                shown = {}
                for name, (encoder, decoder) in codecs.items():
                    begin = time.thread_time()
                    stream = encoder.encode(picture.image, quality=quality, scale=1.0)
                    coded = time.thread_time()
                    shown[name] = np.asarray(decoder.decode(stream))
                    done = time.thread_time()
                    lines[name] += known_accuracies(reader, picture.lines, shown[name])
                    original = psnr(np.asarray(picture.image), shown[name])
                    spent = (1000 * (coded - begin), 1000 * (done - coded))
                    seen[name].append((len(stream), original, *spent))
                apart.append(psnr(shown["onnx"], shown["libtcs"]))
            for name, columns in ((n, list(zip(*v, strict=True))) for n, v in seen.items()):
                yield {
                    "model": family,
                    "quality": str(quality),
                    "engine": name,
                    "simd": simd(),
                    "pictures": str(len(pictures)),
                    "cores": str(len(os.sched_getaffinity(0))),
                    "bytes": f"{mean(columns[0]):.1f}",
                    "accuracy": f"{mean(lines[name]):.4f}",
                    "psnr": f"{mean(columns[1]):.2f}",
                    "encode, CPU ms": f"{median(columns[2]):.1f}",
                    "decode, CPU ms": f"{median(columns[3]):.1f}",
                    "dB apart, median": f"{median(apart):.1f}",
                    "dB apart, least": f"{min(apart):.1f}",
                }


def main() -> None:
    """Measure, print and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=40)
    add_folder_options(parser)
    args = parser.parse_args()
    for row in rows(args, Folders.from_options(args)):
        print(row, flush=True)
        record(RESULTS / "packed_nets.csv", [row], ("model", "quality", "engine", "simd"))


if __name__ == "__main__":
    main()

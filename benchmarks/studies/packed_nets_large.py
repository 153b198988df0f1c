"""libtcs's integer engine beside ONNX Runtime on large pictures: time and memory.

    python -m benchmarks.studies.packed_nets_large [--threads 1]

The demonstration picture side by side to the sizes below, each engine its own streams in a
process of its own: CPU time, the least of three, and by how much the process grew at most (Linux).
Rows go to benchmarks/results/packed_nets_large.csv; docs/reference/net.md has them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import tcsdk
from benchmarks.paths import RESULTS
from benchmarks.record import record
from tcsdk._kernels import simd

SIZES = ((1920, 1080), (4000, 3000), (8000, 6000))
ENGINES = {"onnx": ("cpu", "int8"), "libtcs": ("libtcs", "packed")}
PICTURE = Path(__file__).parents[2] / "examples" / "pictures" / "typical.png"
STATUS, REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")
QUALITY = 24


def picture(width: int, height: int) -> NDArray[np.uint8]:
    """Return the demonstration picture side by side, (height, width, 3)."""
    with Image.open(PICTURE) as opened:
        one = np.asarray(opened.convert("RGB"))
    times = (-(-height // one.shape[0]), -(-width // one.shape[1]), 1)
    return np.ascontiguousarray(np.tile(one, times)[:height, :width])


def megabytes(field: str) -> float:
    """Return a size that the system keeps of this process."""
    line = next(x for x in STATUS.read_text().splitlines() if x.startswith(f"{field}:"))
    return int(line.split()[1]) / 1024


def measured(work: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """Return CPU seconds, the least of a few, and the megabytes by which the process grew."""
    spent = []
    REFS.write_text("5")  # forgets the peak
    before = megabytes("VmRSS")
    for _ in range(times):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return min(spent), megabytes("VmHWM") - before


def one(engine: str, width: int, height: int, threads: int) -> dict[str, str]:
    """Return a row, measured in this process."""
    device, precision = ENGINES[engine]
    pixels = picture(width, height)
    encoder = tcsdk.Encoder("tfic", device=device, precision=precision, threads=threads)
    decoder = tcsdk.Decoder(device, precision=precision, threads=threads)
    small = encoder.encode(pixels[:64, :64].copy(), quality=QUALITY, scale=1.0)
    decoder.decode(small)
    encode, more = measured(lambda: encoder.encode(pixels, quality=QUALITY, scale=1.0))
    stream = encoder.encode(pixels, quality=QUALITY, scale=1.0)
    decode, shown = measured(lambda: decoder.decode(stream))
    return {
        "size": f"{width}x{height}",
        "engine": engine,
        "simd": simd(),
        "threads": str(threads),
        "bytes": str(len(stream)),
        "encode, CPU s": f"{encode:.2f}",
        "decode, CPU s": f"{decode:.2f}",
        "encode, MB more": f"{more:.0f}",
        "decode, MB more, picture included": f"{shown:.0f}",
    }


def main() -> None:
    """Measure, print and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        row = one(args.one[0], int(args.one[1]), int(args.one[2]), args.threads)
        sys.stdout.write(json.dumps(row))
        return
    for width, height in SIZES:
        for engine in ENGINES:
            words = ["--one", engine, str(width), str(height), "--threads", str(args.threads)]
            command = [sys.executable, "-m", "benchmarks.studies.packed_nets_large", *words]
            row = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            print(row, flush=True)
            record(RESULTS / "packed_nets_large.csv", [row], ("size", "engine", "simd", "threads"))


if __name__ == "__main__":
    main()

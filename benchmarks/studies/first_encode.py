"""The first encode of a fresh process: libtcs's engine beside ONNX Runtime.

    python -m benchmarks.studies.first_encode [--processes 9]

Each process says how much CPU time it had spent when numpy was there, when a picture of 256x512 was
coded by `tfic`, and how much of that a second picture takes. The least of the processes, which take
turns, is kept. Rows go to benchmarks/results/first_encode.csv; docs/reference/net.md has them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

from benchmarks.paths import RESULTS
from benchmarks.record import record

DEVICES = ("cpu", "libtcs")
CHILD = """
import json, sys, time
import numpy as np
spent = [time.process_time()]
import tcsdk
picture = np.full((256, 512, 3), 200, np.uint8)
picture[40:60, 40:400:5] = 20
encoder = tcsdk.Encoder("tfic", device=sys.argv[1], threads=1)
for _ in range(2):
    encoder.encode(picture, quality=24, scale=1.0)
    spent.append(time.process_time())
print(json.dumps(spent))
"""


def of_process(device: str) -> list[float]:
    """Return CPU ms of a process: up to numpy, up to the first stream, of the second one."""
    command = [sys.executable, "-c", CHILD, device]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    numpy, first, second = (1000 * seconds for seconds in json.loads(said))
    return [numpy, first, second - first]


def main() -> None:
    """Measure, print and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=9)
    args = parser.parse_args()
    all_: dict[str, list[list[float]]] = {device: [] for device in DEVICES}
    for _ in range(args.processes):
        for device in DEVICES:
            all_[device].append(of_process(device))
    for device, runs in all_.items():
        numpy, first, second = (min(column) for column in zip(*runs, strict=True))
        row = {
            "device": device,
            "numpy is there, CPU ms": f"{numpy:.0f}",
            "first stream, CPU ms": f"{first:.0f}",
            "another stream, CPU ms": f"{second:.1f}",
        }
        print(row, flush=True)
        record(RESULTS / "first_encode.csv", [row], ("device",))


if __name__ == "__main__":
    main()

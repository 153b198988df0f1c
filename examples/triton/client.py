"""Encode pictures with a Triton server: the graphs run there, the entropy coding here.

    TCSDK_TRITON=grpc://server:8001 python examples/triton/client.py tfic-int8 *.png

Needs the extra [triton]; the server holds what layout.py made of the same model folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

import tcsdk
from tcsdk.output import write_file
from tcsdk.pipeline import Task, encode_tasks

# The server batches what is in flight: as many pictures as it may put into one call, and as many
# again that gather while it runs.
IN_FLIGHT = 32


def main(model: str, *names: str) -> int:
    """Encode files to streams beside them."""
    encoder = tcsdk.Encoder(model, device="triton")
    print(encoder.engine)
    paths = map(Path, names)
    tasks = (Task(str(p), str(p.with_suffix(".tcs")), p.read_bytes) for p in paths)
    failed = 0
    for outcome in encode_tasks(encoder, tasks, write_file, workers=IN_FLIGHT):
        failed += outcome.error is not None
        print(outcome.source, outcome.error or f"{len(outcome.get())} bytes", sep=": ")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))

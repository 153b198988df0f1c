"""What a caption costs an encoder, beside its codec's.

    python -m benchmarks.speed.captions zoo/taco [--machine "2 cores, shared with others"]

Calls are taken in turn in one process: the codec's own encoder, the captioned one without and with
a caption. Milliseconds are medians, by the clock and of the process's own CPU time, on which other
work of the machine tells less. The text encoder, which runs once per picture, is apart and not in
the others. A row of captions_speed.csv is a precision that both have and a number of threads.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import tcsdk
from benchmarks.paths import LABEL, RESULTS
from benchmarks.record import record
from benchmarks.speed.timing import in_turn
from tcsdk.codec.captioning import Captioner
from tcsdk.engines import select_engine
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.find import find_model

FILE = "captions_speed.csv"
NAMED_BY = ("model", "precision", "threads", "clock")
SIZE = (512, 256)
CAPTION = "a water meter that shows 00482"
CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}
CODEC, NONE, TOLD, TEXT = "codec", "no_caption", "caption", "text_encoder"


def medians(
    told: CaptionedCodec,
    precision: str,
    threads: int,
    pixels: NDArray[np.uint8],
    turns: int,
    clock: Callable[[], float],
) -> dict[str, float]:
    """Return medians in milliseconds of each way to encode a picture, and of the text encoder.

    Args:
        told: The captioned encoder.
        precision: That it and its codec have.
        threads: Of the engine.
        pixels: (H, W, 3) uint8.
        turns: Calls of each.
        clock: Seconds.
    """
    plain, captioned = (
        tcsdk.Encoder(model.path, device="cpu", precision=precision, threads=threads)
        for model in (told.decodes, told)
    )
    captioner = Captioner.load(told, precision, select_engine("cpu", threads))
    if captioner is None:
        raise ValueError(f"expected an encoder that takes captions, got {told.family}")
    calls: dict[str, Callable[[], object]] = {
        CODEC: partial(plain.encode, pixels),
        NONE: partial(captioned.encode, pixels),
        TOLD: partial(captioned.encode, pixels, caption=CAPTION),
        TEXT: partial(captioner.states, CAPTION, concurrent=False),
    }
    found = dict(zip(calls, map(median, in_turn(turns, *calls.values(), clock=clock)), strict=True))
    return found | {TOLD: found[TOLD] - found[TEXT]}


def rows(
    told: CaptionedCodec, pixels: NDArray[np.uint8], turns: int, machine: str
) -> Iterator[dict[str, str]]:
    """Yield a row for each precision, number of threads and clock."""
    for precision in told.precisions:
        for threads in (1, 2):
            for clock in CLOCKS:
                found = medians(told, precision, threads, pixels, turns, CLOCKS[clock])
                yield {
                    "model": told.family,
                    "precision": precision,
                    "threads": str(threads),
                    "clock": clock,
                    "turns": str(turns),
                    **{f"{way}_ms": f"{value:.2f}" for way, value in found.items()},
                    "over_codec_%": f"{100 * (found[TOLD] / found[CODEC] - 1):+.1f}",
                    "machine": machine,
                }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed.captions", description=__doc__.splitlines()[0]
    )
    parser.add_argument("model", type=Path, help="folder of a captioned encoder")
    parser.add_argument("--picture", type=Path, default=LABEL)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--machine", default="", help="what it was measured on, and how busy")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the table")
    args = parser.parse_args(arguments)
    model, _ = find_model(args.model)
    if not isinstance(model, CaptionedCodec):
        parser.error(f"expected an encoder that takes captions, got {model.family}")
    with Image.open(args.picture) as image:
        pixels = np.asarray(image.convert("RGB").resize(SIZE))
    found = list(rows(model, pixels, args.turns, args.machine))
    for row in found:
        print(" ".join(row.values()))
    record(args.results / FILE, found, NAMED_BY)


if __name__ == "__main__":
    main()

"""`python -m benchmarks.speed.backbones MODEL MODEL...`: models beside each other, both ways.

Milliseconds are medians of calls taken in turn in one process; ratios are to the first model's.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

import tcsdk
from benchmarks.paths import LABEL
from benchmarks.speed.timing import in_turn
from tcsdk.model.find import find_model

SIZE = (512, 256)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed.backbones", description=__doc__
    )
    parser.add_argument("models", nargs="+", help="ids or model folders; the first is the unit")
    parser.add_argument("--picture", type=Path, default=LABEL)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    with Image.open(args.picture) as image:
        pixels = np.asarray(image.convert("RGB").resize(SIZE))
    encoders = [tcsdk.Encoder(name, device="cpu", threads=args.threads) for name in args.models]
    streams = [encoder.encode(pixels) for encoder in encoders]
    decoders = []
    for name in args.models:
        folder, precision = find_model(name)
        options = {"threads": args.threads, "precision": precision}
        decoders.append(tcsdk.Decoder("cpu", models=[folder.path], **options))
    for decoder, stream in zip(decoders, streams, strict=True):
        assert decoder.decode(stream).shape == pixels.shape
    encode = in_turn(args.turns, *(lambda e=e: e.encode(pixels) for e in encoders))
    decode = in_turn(
        args.turns,
        *(lambda d=d, s=s: d.decode(s) for d, s in zip(decoders, streams, strict=True)),
    )
    width, height = SIZE
    print(f"{width}x{height}, {args.threads} threads, {args.turns} turns")
    print("| model | encode, ms | ratio | decode, ms | ratio |\n|---|---:|---:|---:|---:|")
    for name, *durations in zip(args.models, encode, decode, strict=True):
        cells = []
        for own, first in zip(durations, (encode[0], decode[0]), strict=True):
            cells += [f"{median(own):.1f}", f"{median(own) / median(first):.2f}"]
        print(f"| `{name}` | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()

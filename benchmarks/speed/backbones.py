"""`python -m benchmarks.speed.backbones MODEL MODEL...`: models beside each other, both ways.

Milliseconds are medians of calls taken in turn in one process; ratios are to the first model's.
With --caption encoders that are told captions get one; what making states of it takes is apart. The
size is that of all files, of such an encoder its own beside its codec's. Pictures are coded at the
size that --size says, whatever is read on them.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

import tcsdk
from benchmarks.paths import LABEL
from benchmarks.speed.timing import in_turn
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.find import find_model
from tcsdk.model.folder import CodecFolder

SIZE = (512, 256)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed.backbones", description=__doc__
    )
    parser.add_argument("models", nargs="+", help="ids or model folders; the first is the unit")
    parser.add_argument("--picture", type=Path, default=LABEL)
    parser.add_argument("--size", type=int, nargs=2, default=SIZE, metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--caption", help="for encoders that are told one")
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    with Image.open(args.picture) as image:
        pixels = np.asarray(image.convert("RGB").resize(args.size))
    encoders = [tcsdk.Encoder(name, device="cpu", threads=args.threads) for name in args.models]
    found = [find_model(name) for name in args.models]
    calls = [
        partial(encoder.encode, pixels, scale=1.0, caption=_caption(folder, args.caption))
        for encoder, (folder, _) in zip(encoders, found, strict=True)
    ]
    streams = [call() for call in calls]
    decoders = []
    for folder, precision in found:
        options = {"threads": args.threads, "precision": precision}
        decoders.append(tcsdk.Decoder("cpu", models=[folder.path], **options))
    for decoder, stream in zip(decoders, streams, strict=True):
        assert decoder.decode(stream).shape == pixels.shape
    encode = in_turn(args.turns, *calls)
    decode = in_turn(
        args.turns,
        *(lambda d=d, s=s: d.decode(s) for d, s in zip(decoders, streams, strict=True)),
    )
    width, height = args.size
    print(f"{width}x{height}, {args.threads} threads, {args.turns} turns")
    head = "| model | bytes | encode, ms | ratio | decode, ms | ratio | caption, ms |"
    print(f"{head}\n|---|---:|---:|---:|---:|---:|---:|")
    for name, (folder, _), encoder, *durations in zip(
        args.models, found, encoders, encode, decode, strict=True
    ):
        cells = []
        for own, first in zip(durations, (encode[0], decode[0]), strict=True):
            cells += [f"{median(own):.1f}", f"{median(own) / median(first):.2f}"]
        spent = encoder.timings.caption
        cells.append(f"{spent:.2f}" if spent else "")
        print(f"| `{name}` | {folder.size:,} | {' | '.join(cells)} |")


def _caption(folder: CodecFolder, caption: str | None) -> str | None:
    return caption if isinstance(folder, CaptionedCodec) else None


if __name__ == "__main__":
    main()

"""Pictures of one colour: errors inside, in the outer 8 pixels and in the corners.

    python -m benchmarks.studies.plain_colours zoo/tfic FOLDER ... [--quality 63]

Whole pictures of 256x512 through encoder and decoder, FP32. A rim as good as the inside and
primaries that come back are wanted. Prints the rows of docs/studies/next-tfic.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import tcsdk

SIZE = (256, 512)
RIM = 8  # pixels
COLOURS = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "magenta": (255, 0, 255),
    "cyan": (0, 255, 255),
    "yellow": (255, 255, 0),
}


def row(model: Path, colour: tuple[int, int, int], quality: int) -> str:
    """Mean error inside / in the rim / in a corner, and the worst channel's inside, in levels."""
    picture = np.broadcast_to(np.uint8(colour), (*SIZE, 3)).copy()
    stream = tcsdk.Encoder(model, device="cpu", precision="fp32").encode(picture, quality=quality)
    decoder = tcsdk.Decoder("cpu", precision="fp32", models=[model])
    error = np.abs(np.asarray(decoder.decode(stream)).astype(float) - picture)
    inside = np.zeros(SIZE, bool)
    inside[RIM:-RIM, RIM:-RIM] = True
    parts = (error[inside].mean(), error[~inside].mean(), error[:RIM, :RIM].mean())
    worst = error[inside].mean(0).max()
    return f"{'/'.join(f'{part:.0f}' for part in parts)}, {worst:.0f}"


def main() -> None:
    """Print a row per model and colour."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--quality", type=int, default=63)
    args = parser.parse_args()
    for model in args.models:
        for name, colour in COLOURS.items():
            print(model.name, name, row(model, colour, args.quality), flush=True)


if __name__ == "__main__":
    main()

"""How often a line that one quality reads right is read wrong at the next higher one.

    python -m benchmarks.studies.more_bytes [--sets rendered scene] [--pictures 100]

Sixteen qualities from 0 to 63. A step is one line between two neighbours of them; lost where the
lower quality reads it as the truth says and the higher does not. `again` is the same pixels read
once more from the original, as a reader that is unsure would lose lines by itself: 1 grey level of
noise is added. docs/studies/more-bytes.md has the results.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence

import numpy as np

import tcsdk
from benchmarks.codecs import Pixels
from benchmarks.rate_accuracy.known_lines import known_accuracies
from benchmarks.readers import READERS
from benchmarks.sets import SETS, Folders, Picture
from benchmarks.sets.folders import add_folder_options

QUALITIES = tuple(round(63 * n / 15) for n in range(16))


def right(picture: Picture, shown: Pixels, reader: str, caseless: bool) -> list[bool]:
    """Whether each known line reads as it should."""
    accuracies = known_accuracies(READERS[reader](), picture.lines, shown, caseless)
    return [accuracy == 1.0 for accuracy in accuracies]


def noisy(pixels: Pixels, seed: int) -> Pixels:
    """The same with each level one higher, one lower, or as it was."""
    noise = np.random.default_rng(seed).integers(-1, 2, pixels.shape)
    return np.clip(pixels.astype(np.int16) + noise, 0, 255).astype(np.uint8)


class Steps:
    """Lines that were right at a quality, by the next one, and those of them that were lost."""

    def __init__(self) -> None:
        self.had: Counter[int] = Counter()
        self.lost: Counter[int] = Counter()

    def add(self, rows: Sequence[Sequence[bool]], names: Sequence[int]) -> None:
        """Count the lines of one picture: a row per quality, lowest first."""
        for lower, higher, name in zip(rows, rows[1:], names[1:], strict=False):
            self.had[name] += sum(lower)
            self.lost[name] += sum(a and not b for a, b in zip(lower, higher, strict=True))

    def __str__(self) -> str:
        had, lost = sum(self.had.values()), sum(self.lost.values())
        each = " ".join(f"{name}:{self.lost[name]}/{self.had[name]}" for name in sorted(self.had))
        return f"{lost} of {had} lost, {100 * lost / max(had, 1):.2f} % | {each}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row per set, reader and source."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", default=["rendered", "scene"])
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--readers", nargs="+", default=["ppocr"], choices=list(READERS))
    parser.add_argument("--model", default="tfic-int8")
    parser.add_argument("--scale", default="auto", help="a number, or auto")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    folders = Folders.from_options(args)
    scale = args.scale if args.scale == "auto" else float(args.scale)
    encoder = tcsdk.Encoder(args.model, device="cpu")
    decoder = tcsdk.Decoder("cpu", precision="int8")
    print("| set | reader | source | lost | by step |")
    print("|---|---|---|---|---|")
    for name in args.sets:
        coded = {reader: Steps() for reader in args.readers}
        again = {reader: Steps() for reader in args.readers}
        for picture in SETS[name].make(args.pictures, folders):
            shown = [
                decoder.decode(encoder.encode(picture.image, quality=q, scale=scale))
                for q in QUALITIES
            ]
            noise = [noisy(picture.image, seed) for seed in range(4)]
            for reader in args.readers:
                read = [right(picture, each, reader, SETS[name].caseless) for each in shown]
                coded[reader].add(read, QUALITIES)
                read = [right(picture, each, reader, SETS[name].caseless) for each in noise]
                again[reader].add(read, range(len(noise)))
        for reader in args.readers:
            print(f"| {name} | {reader} | {args.model} | {coded[reader]} |", flush=True)
            print(f"| {name} | {reader} | original, again | {again[reader]} |", flush=True)


if __name__ == "__main__":
    main()

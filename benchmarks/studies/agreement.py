"""How alike precisions show one stream, and whether one thread and two write the same one.

    python -m benchmarks.studies.agreement [--sets rendered scene] [--pictures 40]

Each picture is coded at five qualities by `--model` in INT8, on one thread and on two, and decoded
by every precision. docs/studies/agreement.md has the results.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

import numpy as np

import tcsdk
from benchmarks.rate_accuracy.measures import psnr
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options

QUALITIES = (0, 16, 32, 48, 63)
MEDIAN, WORST = 42.0, 40.0  # dB, what is promised


class Agreement:
    """PSNR between two precisions' pictures of each stream, dB.

    Attributes:
        found: (dB, name of the stream) of each.
    """

    def __init__(self) -> None:
        self.found: list[tuple[float, str]] = []

    def __str__(self) -> str:
        levels = np.array([level for level, _ in self.found])
        low = f"{(levels < MEDIAN).sum()} | {(levels < WORST).sum()}"
        worst = ", ".join(f"{name} {level:.1f}" for level, name in sorted(self.found)[:3])
        return f"{len(levels)} | {np.median(levels):.1f} | {levels.min():.1f} | {low} | {worst}"


def streams(
    name: str, count: int, folders: Folders, encoders: Sequence[tcsdk.Encoder]
) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the streams of a set's pictures, one of each encoder, at all qualities."""
    for picture in SETS[name].make(count, folders):
        for quality in QUALITIES:
            made = [e.encode(picture.image, quality=quality, scale=1.0) for e in encoders]
            yield f"{picture.name} q{quality}", made


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row per set and precision, and one per set of streams that differ by threads."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", default=["rendered", "scene"], choices=list(SETS))
    parser.add_argument("--pictures", type=int, default=40)
    parser.add_argument("--model", default="tfic", help="a family, or a model folder")
    parser.add_argument("--precisions", nargs="+", default=["int8", "w4"])
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    folders = Folders.from_options(args)
    encoders = [
        tcsdk.Encoder(args.model, precision="int8", device="cpu", threads=n) for n in (1, 2)
    ]
    decoders = {
        precision: tcsdk.Decoder("cpu", models=own_folders(args.model), precision=precision)
        for precision in ("fp32", *args.precisions)
    }
    print("| set | precision | pairs | median | least | under 42 | under 40 | the least |")
    print("|---|---|---|---|---|---|---|---|")
    for name in args.sets:
        against = {precision: Agreement() for precision in args.precisions}
        apart = []
        for stream, made in streams(name, args.pictures, folders, encoders):
            apart += [stream] * (made[0] != made[1])
            shown = {precision: d.decode(made[0]) for precision, d in decoders.items()}
            for precision, agreement in against.items():
                agreement.found.append((psnr(shown["fp32"], shown[precision]), stream))
        for precision, agreement in against.items():
            print(f"| {name} | {precision} | {agreement} |", flush=True)
        print(f"{name}: streams of 1 and 2 threads differ: {len(apart)} {apart}", flush=True)


def own_folders(model: str) -> list[str]:
    """Return the folder of a private model, in a list; of a family nothing."""
    return [model] if "/" in model else []


if __name__ == "__main__":
    main()

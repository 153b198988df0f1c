"""Weights of 2 to 8 bits: the seed paper's Table 2, ACIQ beside naive min-max.

    python -m benchmarks.super_resolution.bits --runs RUNS [--enlarger edsr-reads]
        [--reader cdistnet-edsr] [--count 60] [--bits 2 3 4 5 6 7 8]

Weights alone are rounded, a step for each tensor as in the paper; activations stay float. Sizes are
as the paper counts them: the bits of all parameters, in megabits, which it calls MB. Rows go to
benchmarks/results/super_resolution_bits.csv; docs/results/super-resolution.md shows them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import nn

from benchmarks.paths import RESULTS
from benchmarks.record import record
from benchmarks.sets.folders import Folders, add_folder_options
from benchmarks.super_resolution.enlargers import enlarged_by
from benchmarks.super_resolution.readers import read_by
from benchmarks.super_resolution.scores import scored
from benchmarks.super_resolution.words import WORDS, Word
from tcsdk.models.recognition.cdistnet import Cdistnet
from tcsdk.quant.by_type import FLOAT_BITS, ByType, quantise_types
from tcsdk.train.run.weights import load_origin
from tcsdk.train.super_resolution.recipes import trained

FILE = "super_resolution_bits.csv"
KEY = ("set", "enlarger", "reader", "quantised", "bits", "clip")
CLIPS = ("aciq", "minmax")
# What Table 2 has: which of the two nets is quantised.
PARTS = {"SR": (True, False), "OCR": (False, True), "SR + OCR": (True, True)}


def in_float(net: nn.Module) -> ByType:
    """The net as it was trained."""
    return ByType(net, 0, FLOAT_BITS * sum(p.numel() for p in net.parameters()))


def in_bits(net: nn.Module, bits: int, clip: str) -> ByType:
    """The net with the weights of all its layers in so many bits."""
    return quantise_types(net, bits, clip=clip, steps="tensor")


def row(words: Sequence[Word], enlarger: ByType, reader: ByType) -> dict[str, str]:
    """What a pair of nets reads, and how large it is."""
    made = enlarged_by(enlarger.net)(words)
    assert isinstance(reader.net, Cdistnet)
    score = scored(words, made, read_by(reader.net)(made))
    return {
        "words": str(score.words),
        "right": f"{score.right:.4f}",
        "psnr": f"{score.psnr:.2f}",
        "megabits": f"{enlarger.megabits + reader.megabits:.2f}",
    }


def rows(args: argparse.Namespace, words: Sequence[Word]) -> Iterator[dict[str, str]]:
    """Yield a row in float, then one per part, width and way of clipping."""
    enlarger = trained(load_origin(args.runs / args.enlarger).net, args.runs / args.enlarger)
    reader = trained("cdistnet-s", args.runs / args.reader)
    named = {"set": args.set, "enlarger": args.enlarger, "reader": args.reader}
    none = {"quantised": "none", "bits": "32", "clip": "none"}
    yield {**named, **none, **row(words, in_float(enlarger), in_float(reader))}
    for part, (of_enlarger, of_reader) in PARTS.items():
        for bits in args.bits:
            for clip in args.clips:
                a = in_bits(enlarger, bits, clip) if of_enlarger else in_float(enlarger)
                b = in_bits(reader, bits, clip) if of_reader else in_float(reader)
                how = {"quantised": part, "bits": str(bits), "clip": clip}
                yield {**named, **how, **row(words, a, b)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the rows as a table and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of all trainings")
    parser.add_argument("--set", default="rendered", choices=list(WORDS))
    parser.add_argument("--count", type=int, default=60, help="words of a bin")
    parser.add_argument("--enlarger", default="edsr-reads", help="a training")
    parser.add_argument("--reader", default="cdistnet-edsr", help="a training")
    parser.add_argument("--bits", type=int, nargs="+", default=[2, 3, 4, 5, 6, 7, 8])
    parser.add_argument("--clips", nargs="+", default=list(CLIPS), choices=CLIPS)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the record")
    parser.add_argument("--threads", type=int, default=2)
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads)
    words = list(WORDS[args.set](args.count, Folders.from_options(args)))
    for place, each in enumerate(rows(args, words)):
        if not place:
            print("| " + " | ".join(each) + " |\n|" + "---|" * len(each))
        print("| " + " | ".join(each.values()) + " |", flush=True)
        record(args.results / FILE, [each], KEY)


if __name__ == "__main__":
    main()

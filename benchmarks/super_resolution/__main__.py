"""Enlarge words, read them, count: the seed paper's Table 1 on words that may be used.

    python -m benchmarks.super_resolution --runs RUNS [--sets rendered ...] [--count 300]
        [--enlargers bicubic edsr-text ...] [--readers cdistnet-high ppocr ...]

Enlargers are "bicubic", "good shot" (the large crop itself), names of trainings in RUNS, and "surer
of" such a name: each word is read both ways, and what the reader is surer of is kept. Readers are
names of trainings and the judges of `benchmarks.readers`. Rows go to
benchmarks/results/super_resolution.csv, in place of those of the same set, enlarger and reader.
docs/results/super-resolution.md shows them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from benchmarks.paths import RESULTS
from benchmarks.readers.reading import Reading
from benchmarks.record import record
from benchmarks.sets.folders import Folders, add_folder_options
from benchmarks.super_resolution.enlargers import bicubic, enlarger
from benchmarks.super_resolution.readers import word_reader
from benchmarks.super_resolution.scores import FILE, by_bin
from benchmarks.super_resolution.words import WORDS
from tcsdk.train.super_resolution.recipes import RECIPES

KEY = ("set", "enlarger", "reader")
SURER = "surer of "
Row = dict[str, str]


def surer(readings: Sequence[Reading], others: Sequence[Reading]) -> list[Reading]:
    """Return of each word the reading that its reader is surer of; the first where both are."""
    pairs = zip(readings, others, strict=True)
    return [max(pair, key=lambda reading: reading.confidence) for pair in pairs]


def rows(args: argparse.Namespace, folders: Folders) -> Iterator[Row]:
    """Yield a row per set, enlarger, reader and bin."""
    for name in args.sets:
        words = list(WORDS[name](args.count, folders))
        for way in args.enlargers:
            if way == "good shot" and words[0].high is None:
                continue
            made = enlarger(way.removeprefix(SURER), args.runs)(words)
            for reader in args.readers:
                read = word_reader(reader, args.runs)
                readings = read(made)
                if way.startswith(SURER):
                    readings = surer(read(bicubic(words)), readings)
                for blur, score in by_bin(words, made, readings):
                    yield {
                        "set": name,
                        "enlarger": way,
                        "reader": reader,
                        "bin": blur,
                        "words": str(score.words),
                        "right": f"{score.right:.4f}",
                        "invented per 1000": f"{score.invented:.1f}",
                        "psnr": f"{score.psnr:.2f}",
                    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the rows as a table and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of all trainings")
    parser.add_argument("--sets", nargs="+", default=list(WORDS), choices=list(WORDS))
    parser.add_argument("--count", type=int, default=300, help="words of a bin")
    named = ", ".join(sorted(RECIPES))
    parser.add_argument(
        "--enlargers", nargs="+", default=["bicubic"], help=f"bicubic, good shot, or of {named}"
    )
    parser.add_argument(
        "--readers", nargs="+", default=["ppocr"], help=f"judges, or trainings of {named}"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the record")
    parser.add_argument("--threads", type=int, default=2)
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads)
    found = []
    for row in rows(args, Folders.from_options(args)):
        if not found:
            print("| " + " | ".join(row) + " |\n|" + "---|" * len(row))
        print("| " + " | ".join(row.values()) + " |", flush=True)
        found.append(row)
    record(args.results / FILE, found, KEY)


if __name__ == "__main__":
    main()

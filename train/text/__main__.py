"""`python -m tcsdk.train.text FILE`: make the character model that libtcs holds.

    python -m tcsdk.train.text kernels/src/text_model.bin     # the one that ships, about 10 minutes

Wants torch and Debian's word lists (package scowl). One thread and fixed seeds: a machine repeats
its training; another one's floats may round otherwise, so the file is kept and not made anew. A
change of the file is a change of the format.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tcsdk.output import write_file
from tcsdk.train.text.model_file import model_bytes
from tcsdk.train.text.net import SHAPES
from tcsdk.train.text.strings import Words
from tcsdk.train.text.training import count_cases, train

STEPS, BATCH, RATE, SEED = 9000, 2048, 3e-3, 1
PAGES, PAGES_SEED = 20000, 2  # from which cases are counted


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(prog="python -m tcsdk.train.text", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--kilobytes", type=int, choices=sorted(SHAPES), default=128)
    parser.add_argument("--steps", type=int, default=STEPS)
    args = parser.parse_args()
    words = Words.load()
    net, bits = train(SHAPES[args.kilobytes], words, args.steps, BATCH, RATE, SEED)
    data = model_bytes(net, count_cases(words, PAGES, PAGES_SEED))
    write_file(args.file, data)
    print(f"{args.file}: {len(data)} bytes, {bits:.4f} bits a symbol in training")


if __name__ == "__main__":
    main()

"""`python -m tcsdk.train.recognition`: train our own reader, measure it, ship it, compare."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from tcsdk.output import write_file
from tcsdk.train.codec.data import DataConfig, open_batches
from tcsdk.train.readers.own import WEIGHTS, OwnReader
from tcsdk.train.readers.recogniser import Recogniser
from tcsdk.train.recognition.comparison import compare
from tcsdk.train.recognition.evaluation import evaluate
from tcsdk.train.recognition.reader import ReaderRecipe, ReaderTrainer
from tcsdk.train.recognition.training import OwnRecipe, OwnTrainer
from tcsdk.train.run.resumable import Resumable
from tcsdk.train.run.weights import load_weights, weights_file

# By name: the reader of the training loss, and the one that ships; a recipe and its trainer each.
TRAININGS: dict[str, tuple[Callable[..., Any], Callable[..., Resumable]]] = {
    "own": (OwnRecipe, OwnTrainer),
    "reader": (ReaderRecipe, ReaderTrainer),
}


def train(args: argparse.Namespace) -> None:
    """Train, or go on where a training stopped."""
    torch.set_flush_denormal(True)
    recipe, trainer_of = TRAININGS[args.reader]
    trainer = trainer_of(
        recipe() if args.steps is None else recipe(steps=args.steps),
        args.folder,
        photos=args.photos,
        resume=args.resume,
        seed=args.seed,
    )
    signal.signal(signal.SIGTERM, lambda *_: trainer.stop())
    trainer.run(args.minutes)


def measure(args: argparse.Namespace) -> None:
    """Print the accuracy of the training's reader and of PP-OCRv6's on the test split."""
    readers = {"own": OwnReader(load_weights(args.folder)), "ppocr": Recogniser()}
    for name, (clean, soft, lines) in evaluate(readers, args.pictures, args.photos).items():
        print(f"{name}: {clean:.4f} as rendered, {soft:.4f} softened, {lines} lines")


def contrast(args: argparse.Namespace) -> None:
    """Print the losses and the cost of all readers on training crops that lost detail."""
    source = open_batches(args.photos, DataConfig(photos=0.1), seed=1)
    print(compare(islice(source, args.batches)))
    source.close()


def ship(args: argparse.Namespace) -> None:
    """Write the training's averaged weights, FP16, to where the reader looks for them."""
    OwnReader(load_weights(args.folder))  # raises if they do not fit
    write_file(WEIGHTS, weights_file(args.folder).read_bytes())
    print(f"{WEIGHTS}: {WEIGHTS.stat().st_size} bytes")


def main() -> None:
    """Parse the command line and do one of the four."""
    parser = argparse.ArgumentParser(prog="python -m tcsdk.train.recognition", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("runs/own-reader"))
    parser.add_argument("--photos", type=Path, help="folder of photographs for backgrounds")
    parser.add_argument("--threads", type=int, help="torch's threads (default: torch's own)")
    commands = parser.add_subparsers(required=True)
    training = commands.add_parser("train", help=train.__doc__)
    training.add_argument("reader", choices=list(TRAININGS))
    training.add_argument(
        "--steps", type=int, help="length of the schedule (default: the recipe's)"
    )
    training.add_argument("--minutes", type=float, default=60.0)
    training.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    training.add_argument("--seed", type=int, default=1)
    training.set_defaults(command=train)
    measuring = commands.add_parser("measure", help=measure.__doc__)
    measuring.add_argument("--pictures", type=int, default=200)
    measuring.set_defaults(command=measure)
    contrasting = commands.add_parser("compare", help=contrast.__doc__)
    contrasting.add_argument("--batches", type=int, default=10)
    contrasting.set_defaults(command=contrast)
    commands.add_parser("ship", help=ship.__doc__).set_defaults(command=ship)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    args.command(args)


if __name__ == "__main__":
    main()

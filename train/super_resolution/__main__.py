"""`python -m tcsdk.train.super_resolution NAME`: train by name, or go on where a run stopped."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

import torch

from tcsdk.train.super_resolution.recipes import RECIPES, Setting


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m tcsdk.train.super_resolution", description=__doc__
    )
    parser.add_argument("training", choices=sorted(RECIPES))
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of all runs")
    parser.add_argument(
        "--init", type=Path, help="weights to start from (default: the recipe's, in --runs)"
    )
    parser.add_argument("--photos", type=Path, help="folder of photographs for backgrounds")
    parser.add_argument("--steps", type=int, help="length of the schedule (default: the recipe's)")
    parser.add_argument("--rate", type=float, help="peak learning rate (default: the recipe's)")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--resume", action="store_true", help="go on from the run's checkpoint")
    parser.add_argument("--threads", type=int, help="torch's threads (default: torch's own)")
    parser.add_argument("--workers", type=int, default=1, help="renderer processes")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def main() -> None:
    """Parse the command line and train."""
    parser = make_parser()
    args = parser.parse_args()
    if args.steps is not None and args.steps < 1:
        parser.error(f"argument --steps: expected at least 1, got {args.steps}")
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    setting = Setting(
        args.runs,
        args.photos,
        args.resume,
        args.seed,
        args.workers,
        args.steps,
        args.rate,
        args.init,
    )
    trainer = RECIPES[args.training].open(args.training, setting)
    signal.signal(signal.SIGTERM, lambda *_: trainer.stop())
    trainer.run(args.minutes)


if __name__ == "__main__":
    main()

"""`python -m tcsdk.train FAMILY`: train a family by its recipe, or go on where a run stopped."""

from __future__ import annotations

import argparse
import signal
from dataclasses import replace
from pathlib import Path

import torch

from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.codec.trainer import Trainer
from tcsdk.train.run.weights import load_origin


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command."""
    parser = argparse.ArgumentParser(prog="python -m tcsdk.train", description=__doc__)
    parser.add_argument("family", choices=sorted(RECIPES))
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of all runs")
    parser.add_argument(
        "--init", type=Path, help="weights to start from (default: the recipe's family in --runs)"
    )
    parser.add_argument(
        "--teacher",
        type=Path,
        help="weights to learn from, of a student (default: the recipe's teacher in --runs)",
    )
    parser.add_argument(
        "--joint",
        type=Path,
        help="map of pictures and captions, of a recipe that asks one (default: joint in --runs)",
    )
    parser.add_argument("--photos", type=Path, help="folder of photographs for backgrounds")
    parser.add_argument("--steps", type=int, help="length of the schedule (default: the recipe's)")
    parser.add_argument("--rate", type=float, help="peak learning rate (default: the recipe's)")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--resume", action="store_true", help="go on from the run's checkpoint")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, help="torch's threads (default: torch's own)")
    parser.add_argument("--workers", type=int, default=1, help="renderer processes")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def main() -> None:
    """Parse the command line and train."""
    parser = make_parser()
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    # Vanishing likelihood gradients made early steps ten times slower.
    torch.set_flush_denormal(True)
    if args.steps is not None and args.steps < 1:
        parser.error(f"argument --steps: expected at least 1, got {args.steps}")
    if args.rate is not None and not 0.0 < args.rate <= 1.0:
        parser.error(f"argument --rate: expected 0 < rate <= 1, got {args.rate}")
    schedule = {"steps": args.steps, "rate": args.rate}
    recipe = replace(
        RECIPES[args.family], **{name: v for name, v in schedule.items() if v is not None}
    )
    if args.teacher and not recipe.teacher:
        students = sorted(name for name, row in RECIPES.items() if row.teacher)
        parser.error(f"argument --teacher: {args.family} has none; {', '.join(students)} has")
    if args.joint and not recipe.joint:
        parser.error(f"argument --joint: {args.family} asks none")
    init = args.init or (args.runs / recipe.init if recipe.init else None)
    teacher = args.teacher or (args.runs / recipe.teacher if recipe.teacher else None)
    trainer = Trainer(
        recipe,
        args.runs / args.family,
        photos=args.photos,
        init=init,
        resume=args.resume,
        device=args.device,
        seed=args.seed,
        workers=args.workers,
        teacher=teacher,
        joint=(args.joint or args.runs / "joint") if recipe.joint else None,
    )
    signal.signal(signal.SIGTERM, lambda *_: trainer.stop())
    trainer.run(args.minutes)
    done = load_origin(args.runs / args.family).steps
    print(f"{args.runs / args.family}: {done} of {recipe.steps} steps")


if __name__ == "__main__":
    main()

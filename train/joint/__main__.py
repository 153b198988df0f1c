"""`python -m tcsdk.train.joint`: train the map that TACO's joint loss asks, or go on."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

import torch

from tcsdk.train.joint.training import JointRecipe, JointTrainer


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m tcsdk.train.joint", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("runs/joint"))
    parser.add_argument("--photos", type=Path, help="folder of photographs for backgrounds")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--resume", action="store_true", help="go on from the run's checkpoint")
    parser.add_argument("--threads", type=int, help="torch's threads (default: torch's own)")
    parser.add_argument("--workers", type=int, default=1, help="renderer processes")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    trainer = JointTrainer(
        JointRecipe(),
        args.folder,
        photos=args.photos,
        resume=args.resume,
        seed=args.seed,
        workers=args.workers,
    )
    signal.signal(signal.SIGTERM, lambda *_: trainer.stop())
    trainer.run(args.minutes)


if __name__ == "__main__":
    main()

"""What a training step of TextBoost's backbones costs, and how fast a student of ELIC's learns.

    python -m benchmarks.studies.backbone_steps steps --photos FOLDER
    python -m benchmarks.studies.backbone_steps taught --photos FOLDER [--seconds 70]

The CPU's seconds on one thread, so that what else runs takes little part. `steps`: forward,
backward and optimiser, medians of a few steps on one batch. `taught`: after so many seconds of
`student-elic-s`, from random weights and from principal components, of eight crops a step and of
four, on pictures that it did not see: how far the student's y and pictures are from the teacher's.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median

import torch
from torch import Tensor

from tcsdk.models.codecs.base import Codec
from tcsdk.models.registry import NETS
from tcsdk.train.codec.data import Batch, open_batches
from tcsdk.train.codec.distil import Teacher
from tcsdk.train.codec.losses import Loss, Output, compute_loss
from tcsdk.train.codec.principal import start_from_principal_components
from tcsdk.train.codec.recipe import Recipe
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.run.optimiser import Optimiser

TIMED = ("base", "student-elic-s", "elic-s", "student-tcm-s", "tcm-s")
STEPS = 3
ARMS = (("random", 8), ("principal", 8), ("principal", 4))  # how it starts, and crops of a step
HELD_OUT, POOL = 16, 256  # pictures
QUALITY = 20  # at which it is measured
STUDENT, WARMUP = "student-elic-s", 50


class Learner:
    """A net that learns by a recipe, with its teacher if it has one.

    Args:
        recipe: of the loss.
        zoo: folder of models; the recipe's teacher is one of them.
        start: pictures (N, 3, H, W) whose principal components it starts from; None for random
            weights.
    """

    def __init__(self, recipe: Recipe, zoo: Path, start: Tensor | None = None) -> None:
        torch.manual_seed(1)
        self.recipe, self.net = recipe, NETS[recipe.net]()
        if start is not None:
            start_from_principal_components(self.net, start)
        device = torch.device("cpu")
        self.net: Codec = self.net.to(memory_format=torch.channels_last)
        self.teacher = Teacher(zoo / recipe.teacher, device) if recipe.teacher else None
        if self.teacher:
            self.teacher.lend(self.net)
        self.optimiser = Optimiser(self.net, recipe.rate)

    def pass_on(self, batch: Batch, quality: Tensor, exact: int) -> tuple[Batch, Output, Loss]:
        """Return what a step learns from."""
        with torch.autocast("cpu", torch.bfloat16):
            output: Output
            if self.teacher:
                batch, output = self.teacher.teach(self.net, batch, quality, exact, None)
            else:
                output = self.net(batch.pictures, quality, exact)
            generator = torch.Generator().manual_seed(1)
            loss = compute_loss(self.recipe, batch, output, quality, None, generator)
        return batch, output, loss

    def step(self, batch: Batch, quality: Tensor, rate: float) -> list[float]:
        """Learn; returns the CPU's seconds forward, backward and of the optimiser."""
        marks = [time.process_time()]
        loss = self.pass_on(batch, quality, self.recipe.exact)[2]
        marks.append(time.process_time())
        loss.total.backward()
        marks.append(time.process_time())
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step(rate)
        marks.append(time.process_time())
        return [after - before for before, after in pairwise(marks)]

    def apart(self, pictures: Tensor) -> tuple[float, float]:
        """Return the squared error of y, in squared steps a pixel, and of pictures, in dB."""
        self.net.eval()
        with torch.no_grad():
            quality = torch.full((len(pictures),), QUALITY)
            batch, output, loss = self.pass_on(plain(pictures), quality, 0)
            error = (output.x_hat.clamp(0, 1) - batch.pictures.clamp(0, 1)).square()
        self.net.train()
        decibels = -10 * torch.log10(error.mean((1, 2, 3)))
        return float(loss.bpp), float(decibels.mean())


def plain(pictures: Tensor) -> Batch:
    """Return a batch of pictures without known text."""
    pictures = pictures.contiguous(memory_format=torch.channels_last)
    heights = torch.zeros(len(pictures), 1, *pictures.shape[2:])
    lines = torch.zeros(0, dtype=torch.int64)
    return Batch(pictures, pictures, heights, lines, torch.zeros(0, 4, 2), ())


def drawn(recipe: Recipe, photos: Path | None, count: int) -> Tensor:
    """Return pictures of a recipe's training, (count, 3, H, W)."""
    batches = open_batches(photos, replace(recipe.data, fresh=recipe.data.batch), 1)
    made: list[Tensor] = []
    for batch in batches:
        made.append(batch.pictures)
        if sum(map(len, made)) >= count:
            break
    batches.close()
    return torch.cat(made)[:count]


def qualities(count: int, generator: torch.Generator, exact: int) -> Tensor:
    """Return a step's qualities, (count,), the exact ones at the top."""
    drawn = torch.randint(0, 64, (count,), generator=generator)
    drawn[:exact] = 63
    return drawn


def step_rows(args: argparse.Namespace) -> Iterator[list[str]]:
    """A row per recipe: crops, crop, seconds."""
    for name in args.recipes:
        recipe = RECIPES[name]
        learner, batch = Learner(recipe, args.zoo), plain(drawn(recipe, args.photos, 8))
        count, generator = recipe.data.batch, torch.Generator().manual_seed(1)
        batch = plain(batch.pictures[:count])
        quality = qualities(count, generator, recipe.exact)
        learner.step(batch, quality, 1e-4)
        taken = [learner.step(batch, quality, 1e-4) for _ in range(STEPS)]
        parts = [median(part) for part in zip(*taken, strict=True)]
        crop = "x".join(map(str, recipe.data.crop))
        yield [name, f"{count} of {crop}", *(f"{s:.2f}" for s in (*parts, sum(parts)))]


def taught_rows(args: argparse.Namespace) -> Iterator[list[str]]:
    """A row per arm and quarter of the time."""
    recipe = RECIPES[STUDENT]
    pool = drawn(recipe, args.photos, POOL)
    unseen, seen = pool[:HELD_OUT], pool[HELD_OUT:]
    for start, count in ARMS:
        learner = Learner(recipe, args.zoo, seen if start == "principal" else None)
        yield [start, str(count), "0", "0", *(f"{v:.4g}" for v in learner.apart(unseen))]
        generator, begin, step = torch.Generator().manual_seed(3), time.process_time(), 0
        for quarter in range(1, 5):
            while (share := (time.process_time() - begin) / args.seconds) < quarter / 4:
                rate = recipe.rate * min(1.0, (step + 1) / WARMUP)
                rate *= 0.1 + 0.45 * (1 + math.cos(math.pi * min(share, 1.0)))
                chosen = seen[torch.randint(0, len(seen), (count,), generator=generator)]
                learner.step(plain(chosen), qualities(count, generator, recipe.exact), rate)
                step += 1
            error, decibels = learner.apart(unseen)
            spent = f"{time.process_time() - begin:.0f}"
            yield [start, str(count), spent, str(step), f"{error:.4g}", f"{decibels:.4g}"]


HEADS: dict[str, tuple[Sequence[str], Callable[[argparse.Namespace], Iterator[list[str]]]]] = {
    "steps": (
        ("recipe", "crops", "forward, s", "backward, s", "optimiser, s", "step, s"),
        step_rows,
    ),
    "taught": (
        ("start", "crops", "seconds", "steps", "error of y", "PSNR to the teacher, dB"),
        taught_rows,
    ),
}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=HEADS)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--zoo", type=Path, default=Path("zoo"))
    parser.add_argument("--recipes", nargs="+", default=list(TIMED), choices=sorted(RECIPES))
    parser.add_argument("--seconds", type=float, default=70.0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    head, make = HEADS[args.what]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in make(args):
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()

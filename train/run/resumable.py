"""A training that stops anywhere and goes on as if it had not: what all of ours have in common."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from tcsdk.train.run.checkpoint import STATE, AveragedWeights, Progress, restore, save
from tcsdk.train.run.optimiser import Optimiser
from tcsdk.train.run.weights import Origin, load_origin

SAVE_EVERY = 120.0  # seconds
GRADIENT_NORM = 1.0


class Schedule(Protocol):
    """What a recipe says of its length, rate and average."""

    @property
    def rate(self) -> float:
        """Peak learning rate."""

    @property
    def warmup(self) -> int:
        """Steps until it is reached."""

    @property
    def steps(self) -> int:
        """Planned length."""

    @property
    def average(self) -> float:
        """Decay per step of the weights' moving average."""


class Batches(Protocol):
    """What the steps of a training are made of, in order."""

    def __iter__(self) -> Iterator[Any]:
        """Yield one batch a step, as the training's own `_step` takes it."""

    def close(self) -> None:
        """Stop what makes them."""


def learning_rate(schedule: Schedule, step: int) -> float:
    """Linear warm-up, then a cosine to a tenth of the peak."""
    if step < schedule.warmup:
        return schedule.rate * (step + 1) / schedule.warmup
    done = min(1.0, (step - schedule.warmup) / max(1, schedule.steps - schedule.warmup))
    return schedule.rate * (0.1 + 0.45 * (1 + math.cos(math.pi * done)))


class Resumable(ABC):
    """One training in a folder; a subclass says what a step is and opens the batches.

    This is called when all that draws from torch's random state is made, which is restored here;
    batches, which begin at the restored step, do not draw from it.

    Args:
        net: on its device, with the weights to start from where it does not resume.
        schedule: its recipe.
        folder: checkpoints.
        resume: go on from the folder's checkpoint where there is one.
        origin: what its weights will say of themselves; where it resumes, they say it already.
    """

    _batches: Batches

    def __init__(
        self, net: nn.Module, schedule: Schedule, folder: Path, resume: bool, origin: Origin
    ) -> None:
        self._schedule, self._folder, self._origin = schedule, folder, origin
        self._average = AveragedWeights(net, schedule.average)
        self._optimiser = Optimiser(net, schedule.rate)
        self._trained, self._progress, self._stopped = net, Progress(), False
        if resume and (folder / STATE).exists():
            self._origin = load_origin(folder)
            self._progress = restore(folder, net, self._average, self._optimiser)

    @abstractmethod
    def _step(self, batch: Any) -> None:
        """Learn from one batch: gradients, then `_update`."""

    def run(self, minutes: float) -> None:
        """Train until the recipe's steps are done, the minutes are over or `stop` is called; save.

        Raises:
            FloatingPointError: the gradient is not finite; nothing more is saved.
        """
        begin = saved = time.monotonic()
        spent = self._progress.seconds
        try:
            for batch in self._batches:
                over = time.monotonic() - begin > minutes * 60
                if over or self._stopped or self._progress.step >= self._schedule.steps:
                    break
                self._step(batch)
                self._progress.seconds = spent + time.monotonic() - begin
                if time.monotonic() - saved > SAVE_EVERY:
                    self._save()
                    saved = time.monotonic()
        finally:
            self._batches.close()
        self._save()

    def stop(self) -> None:
        """Let `run` save and return after the step in hand; safe to call from a signal handler."""
        self._stopped = True

    def _update(self) -> float:
        """Move the weights along the gradients that are there; returns the learning rate."""
        step = self._progress.step
        rate = learning_rate(self._schedule, step)
        norm = nn.utils.clip_grad_norm_(self._trained.parameters(), GRADIENT_NORM)
        if not torch.isfinite(norm):
            raise FloatingPointError(
                f"gradient norm {norm} at step {step}: resume with a lower rate"
            )
        self._optimiser.step(rate)
        self._average.update(self._trained, step)
        return rate

    def _shipped(self, values: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the weights that ship of a state of the net; those of another form override it."""
        return values

    def _save(self) -> None:
        save(
            self._folder,
            self._trained,
            self._average,
            self._optimiser,
            self._progress,
            self._origin,
            self._shipped,
        )

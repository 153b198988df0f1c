"""One training of super-resolution or of its reader, in a folder, resumable at any checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tcsdk.train.run.log import MeanLog
from tcsdk.train.run.resumable import Batches, Resumable
from tcsdk.train.run.weights import Origin, load_weights

# The loss of a net on a batch of the training's own kind.
Objective = Callable[[nn.Module, Any], Tensor]


@dataclass(frozen=True)
class Pace:
    """How fast a training learns, and for how long.

    Attributes:
        rate: peak learning rate, with the schedule of `tcsdk.train.run.resumable.learning_rate`.
        warmup, steps: of that schedule.
        average: decay per step of the moving average of the weights.
    """

    rate: float = 5e-4
    warmup: int = 300
    steps: int = 20_000
    average: float = 0.998


class Trainer(Resumable):
    """A net, an objective and batches.

    Args:
        net: with the weights to start from.
        objective: gives the loss; it is computed in bfloat16 where that is safe.
        open_batches: opens the batches from a step on.
        pace: how fast.
        folder: checkpoints and log.
        origin: what the weights will say of themselves.
        resume: go on from the folder's checkpoint where there is one.
        ships: the part of the net that is kept, "" for all of it.
    """

    def __init__(
        self,
        net: nn.Module,
        objective: Objective,
        open_batches: Callable[[int], Batches],
        *,
        pace: Pace,
        folder: Path,
        origin: Origin,
        resume: bool = False,
        ships: str = "",
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._net = net.to(memory_format=torch.channels_last)
        self._objective, self._ships = objective, ships
        super().__init__(self._net, pace, folder, resume, origin)
        self._net.train()
        self._batches = open_batches(self._progress.step)
        self._log = MeanLog(folder, "loss")

    def _step(self, batch: Any) -> None:
        with torch.autocast("cpu", torch.bfloat16):
            loss = self._objective(self._net, batch)
        loss.backward()
        self._log.add(loss.item())
        rate = self._update()
        self._progress.step += 1
        self._log.write(self._progress.step, self._progress.seconds, rate)

    def _shipped(self, values: dict[str, Tensor]) -> dict[str, Tensor]:
        return part_of(values, self._ships)


def part_of(values: dict[str, Tensor], part: str) -> dict[str, Tensor]:
    """Return the values of a part of a net by their names within it; "" for the whole net."""
    begin = f"{part}." if part else ""
    return {name.removeprefix(begin): v for name, v in values.items() if name.startswith(begin)}


def start(net: nn.Module, init: Path) -> None:
    """Give a net the weights of a file.

    Those that were learnt of natural pictures lack the rectifier, which then stays new.

    Raises:
        ValueError: they are not this net's.
    """
    missing, unexpected = net.load_state_dict(load_weights(init), strict=False)
    others = [name for name in missing if not name.startswith("rectify.")]
    if others or unexpected:
        raise ValueError(
            f"expected weights of this net in {init}, with or without its rectifier; "
            f"missing {others[:3]}, unknown {unexpected[:3]}"
        )

"""Checkpoints: weights that ship, and beside them what resuming needs, a file of each kind."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from tcsdk.output import write_file
from tcsdk.train.run.optimiser import Optimiser
from tcsdk.train.run.weights import WEIGHTS, Origin, save_weights

# One file per kind, so that none passes 16 MiB at the shipped size.
STATE, AVERAGE = "state.pt", "average.pt"
MOMENTS = "moments-{}.pt"  # one per part of the optimiser


def _save(value: object, path: Path) -> None:
    """torch.save, whole or not at all."""
    buffer = io.BytesIO()
    torch.save(value, buffer)
    write_file(path, buffer.getvalue())


class AveragedWeights:
    """Exponential moving average of a net's parameters: what is measured and shipped."""

    def __init__(self, net: nn.Module, decay: float) -> None:
        self._decay = decay
        self.values = {k: v.detach().clone() for k, v in net.state_dict().items()}

    def update(self, net: nn.Module, step: int) -> None:
        """Move towards the net's weights; faster during the first steps."""
        decay = min(self._decay, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in net.state_dict().items():
                mean = self.values[name]
                if value.is_floating_point():
                    # What stands still stays as it is, bit for bit: a step between two negative
                    # zeros gives a positive one.
                    self.values[name] = mean.where(mean == value, mean.lerp(value, 1 - decay))
                else:  # a batch normalisation's counter
                    self.values[name].copy_(value)

    def adopt(self, before: dict[str, Tensor], net: nn.Module) -> None:
        """Take what was changed since `before`, a state of the net, as it is now."""
        for name, value in net.state_dict().items():
            self.values[name] = torch.where(before[name] != value, value, self.values[name])


@dataclass
class Progress:
    """Where a run is: the steps done and the seconds of training behind it."""

    step: int = 0
    seconds: float = 0.0


def save(
    folder: Path,
    net: nn.Module,
    average: AveragedWeights,
    optimiser: Optimiser,
    progress: Progress,
    origin: Origin,
    shipped: Callable[[dict[str, Tensor]], dict[str, Tensor]],
) -> None:
    """Write the averaged weights, which ship, and what resuming needs beside them.

    Args:
        folder: is made where it is not there.
        net: as it is trained.
        average: of its weights.
        optimiser: its moments.
        progress: where the run is.
        origin: of the weights, but for their steps.
        shipped: makes what ships of a state of the net.
    """
    folder.mkdir(parents=True, exist_ok=True)
    said = replace(origin, steps=progress.step)
    save_weights(folder / WEIGHTS, shipped(average.values), said)
    _save(average.values, folder / AVERAGE)
    for name, moments in optimiser.state().items():
        _save(moments, folder / MOMENTS.format(name))
    state = {
        "net": net.state_dict(),
        "random": torch.get_rng_state(),
        "step": progress.step,
        "seconds": progress.seconds,
    }
    _save(state, folder / STATE)


def restore(
    folder: Path, net: nn.Module, average: AveragedWeights, optimiser: Optimiser
) -> Progress:
    """Load what `save` wrote, in place."""
    state = torch.load(folder / STATE, weights_only=True)
    net.load_state_dict(state["net"])
    average.values = torch.load(folder / AVERAGE, weights_only=True)
    optimiser.load(
        {
            name: torch.load(folder / MOMENTS.format(name), weights_only=True)
            for name in Optimiser.names()
        }
    )
    torch.set_rng_state(state["random"])
    return Progress(state["step"], state["seconds"])

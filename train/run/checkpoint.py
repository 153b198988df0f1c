"""Checkpoints: weights and optimiser moments in separate files, written whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from tcsdk.train.run.optimiser import Optimiser

# One file per kind, so that none passes 16 MiB at the shipped size.
WEIGHTS, STATE, AVERAGE = "weights.pt", "state.pt", "average.pt"
SHIPPED = "weights.safetensors"  # in a model folder
MOMENTS = "moments-{}.pt"  # one per part of the optimiser


def save_atomically(value: object, path: Path) -> None:
    """torch.save to a temporary file beside `path`, then rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(value, partial)
    partial.replace(path)


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
                if value.is_floating_point():
                    self.values[name].lerp_(value, 1 - decay)
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
) -> None:
    """Write weights.pt (averaged, FP16: what ships), and what resuming needs beside it."""
    save_atomically({k: v.half() for k, v in average.values.items()}, folder / WEIGHTS)
    save_atomically(average.values, folder / AVERAGE)
    for name, moments in optimiser.state().items():
        save_atomically(moments, folder / MOMENTS.format(name))
    state = {
        "net": net.state_dict(),
        "random": torch.get_rng_state(),
        "step": progress.step,
        "seconds": progress.seconds,
    }
    save_atomically(state, folder / STATE)


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


def load_weights(path: Path) -> dict[str, Tensor]:
    """Averaged weights as float32.

    Args:
        path: `weights.pt` of a run, `weights.safetensors` of a model folder, or the folder that
            holds one of them.

    Raises:
        FileNotFoundError: there is neither.
    """
    found = [p for p in (path / WEIGHTS, path / SHIPPED) if p.exists()] if path.is_dir() else [path]
    if not found or not found[0].exists():
        raise FileNotFoundError(f"expected {WEIGHTS} or {SHIPPED} in {path}, found neither")
    shipped = found[0].suffix == ".safetensors"
    values = load_file(found[0]) if shipped else torch.load(found[0], weights_only=True)
    return {k: v.float() for k, v in values.items()}

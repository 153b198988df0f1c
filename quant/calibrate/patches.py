"""First and second moments of the patches that a layer's weights are multiplied with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tcsdk.quant.calibrate.calibration import Run, watch_inputs
from tcsdk.quant.grid import Reals
from tcsdk.quant.integers.activations import ActivationRange
from tcsdk.quant.nets.layers import Layer

POSITIONS = 1024  # of each input that are looked at, at most
# Of the mean power, added to every input's: weights of inputs that calibration hardly saw move (a
# ReLU's quiet channels) must still resemble what was trained.
DAMPING = 0.01


@dataclass(frozen=True)
class PatchMoments:
    """Of a layer with G groups whose output channels see n inputs each.

    Attributes:
        count: patches seen.
        mean: (G, n) float64 of the float input.
        quantised_mean: (G, n) of the input as the quantised layer gets it.
        covariance: (G, n, n) float64 of the latter, shrunk to its diagonal by the share
            n / (n + count), as few patches say little of how inputs move together, and damped.
    """

    count: int
    mean: Reals
    quantised_mean: Reals
    covariance: Reals


def _conv_patches(module: nn.Conv2d, x: Tensor) -> Tensor | None:
    """(G, P, n) patches of x (N, C, H, W); None for padding that is given by name."""
    if isinstance(module.padding, str):
        return None
    padding = module.padding
    if module.padding_mode != "zeros":
        down, across = padding
        x = nn.functional.pad(x, (across, across, down, down), module.padding_mode)
        padding = (0, 0)
    columns = nn.functional.unfold(x, module.kernel_size, module.dilation, padding, module.stride)
    n = columns.shape[1] // module.groups
    return columns.transpose(0, 1).reshape(module.groups, n, -1).transpose(1, 2)


def _linear_patches(module: nn.Linear, x: Tensor) -> Tensor | None:
    return x.reshape(1, -1, x.shape[-1])


# Layers whose rows of weights meet patches of the input; others are corrected no further.
PATCHES: dict[type[nn.Module], Callable[..., Tensor | None]] = {
    nn.Conv2d: _conv_patches,
    nn.Linear: _linear_patches,
}


def patches_of(module: nn.Module, x: Tensor) -> Tensor | None:
    """Input patches of a layer, (G, P, n), or None for a layer without them."""
    make = next((PATCHES[kind] for kind in PATCHES if isinstance(module, kind)), None)
    return None if make is None else make(module, x)


class _Sums:
    """Running sums over patches."""

    def __init__(self) -> None:
        self.count = 0
        self.first: Tensor | float = 0.0
        self.quantised: Tensor | float = 0.0
        self.second: Tensor | float = 0.0

    def add(self, plain: Tensor, quantised: Tensor) -> None:
        self.count += plain.shape[1]
        self.first = self.first + plain.sum(1).double()
        self.quantised = self.quantised + quantised.sum(1).double()
        self.second = self.second + (quantised.transpose(1, 2) @ quantised).double()

    def moments(self) -> PatchMoments:
        assert isinstance(self.first, Tensor)
        assert isinstance(self.quantised, Tensor)
        mean = self.quantised / self.count
        covariance = self.second / self.count - mean[:, :, None] * mean[:, None, :]
        n = mean.shape[1]
        shrunk = covariance * (self.count / (n + self.count))
        diagonal = covariance.diagonal(dim1=1, dim2=2)
        floor = DAMPING * diagonal.mean(1, keepdim=True)
        shrunk.diagonal(dim1=1, dim2=2).copy_(diagonal + floor)
        return PatchMoments(
            self.count, (self.first / self.count).numpy(), mean.numpy(), shrunk.numpy()
        )


def collect_moments(
    layers: list[Layer], ranges: dict[str, ActivationRange], run: Run, seed: int
) -> dict[str, PatchMoments]:
    """Patch moments of each layer that runs and has patches, by the layer's name.

    Args:
        layers: of the float net that `run` runs.
        ranges: of inputs that are quantised, by layer name.
        run: runs the net over the calibration set.
        seed: chooses the positions.
    """
    sums: dict[str, _Sums] = {}
    generator = torch.Generator().manual_seed(seed)

    def visit(layer: Layer, x: Tensor) -> None:
        patches = patches_of(layer.module, x)
        if patches is None:
            return
        kept = torch.randperm(patches.shape[1], generator=generator)[:POSITIONS]
        range_ = ranges.get(layer.name)
        rounded = patches if range_ is None else patches_of(layer.module, range_.apply(x))
        assert rounded is not None
        sums.setdefault(layer.name, _Sums()).add(patches[:, kept], rounded[:, kept])

    with watch_inputs(layers, visit):
        run()
    return {name: s.moments() for name, s in sums.items()}

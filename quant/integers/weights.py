"""Weights on their grids: integers, and a step per output channel."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tcsdk.quant.clip.clipping import clipper
from tcsdk.quant.clip.samples import Samples
from tcsdk.quant.grid import Grid, Reals


@dataclass(frozen=True)
class QuantisedWeight:
    """A weight of C output channels, n elements each.

    Attributes:
        integers: (C, n) int8 within each channel's symmetric grid.
        step: (C,) float32, the value of 1.
        bits: (C,) uint8, 2..8.
        shape: of the weight in the net.
        axis: its output channels.
    """

    integers: NDArray[np.int8]
    step: NDArray[np.float32]
    bits: NDArray[np.uint8]
    shape: tuple[int, ...]
    axis: int

    def dequantise(self) -> Tensor:
        """The weight as the net takes it, float32."""
        rows = self.integers.astype(np.float32) * self.step[:, None]
        moved = (self.shape[self.axis], *np.delete(self.shape, self.axis).tolist())
        return torch.from_numpy(rows.reshape(moved)).movedim(0, self.axis).contiguous()

    def with_step(self, step: Reals) -> QuantisedWeight:
        """The same integers with another step."""
        return QuantisedWeight(
            self.integers, step.astype(np.float32), self.bits, self.shape, self.axis
        )

    def with_least_step(self, least: Reals) -> QuantisedWeight:
        """Rounded anew in the channels whose step is below `least` (C,)."""
        step = np.maximum(self.step, least.astype(np.float32))
        integers = np.rint(self.integers * (self.step / step)[:, None]).astype(np.int8)
        return QuantisedWeight(integers, step, self.bits, self.shape, self.axis)


def to_rows(weight: Tensor, axis: int) -> Reals:
    """A weight as (C, n) float64, one row per output channel."""
    channels = weight.shape[axis]
    rows: Reals = weight.detach().movedim(axis, 0).reshape(channels, -1).double().numpy()
    return rows


def steps_of(
    rows: Reals, bits: NDArray[np.uint8], clip: str, importance: Reals | None = None
) -> Reals:
    """Step of each row, (C,), by a clipping method; rows may differ in bits.

    Args:
        rows: (C, n) weights.
        bits: (C,) of each row.
        clip: the method.
        importance: (C, n) how much each weight's squared error counts; None for all alike.
    """
    steps = np.zeros(len(rows))
    for width in np.unique(bits):
        grid, chosen = Grid(int(width), signed=True), bits == width
        samples = Samples.of_rows(rows[chosen])
        if importance is not None:
            silent = importance[chosen].sum(1, keepdims=True) == 0  # then all weights count alike
            samples = replace(samples, counts=np.where(silent, 1.0, importance[chosen]))
        steps[chosen] = grid.place(*clipper(clip)(samples, grid))[0]
    return steps


def limits_of(bits: NDArray[np.uint8]) -> Reals:
    """The largest integer of each row's grid, (C, 1)."""
    limits: Reals = (2.0 ** (bits.astype(np.float64) - 1) - 1)[:, None]
    return limits


def quantise_weight(
    weight: Tensor,
    axis: int,
    bits: int | NDArray[np.uint8],
    clip: str = "aciq",
    importance: Reals | None = None,
) -> QuantisedWeight:
    """Round a weight to the nearest values of its grids.

    Args:
        weight: any shape, float32, finite.
        axis: its output channels.
        bits: for all channels, or (C,) one for each.
        clip: a key of tcsdk.quant.clip.clipping.METHODS.
        importance: (C, n) how much each weight's error counts in the choice of steps, or None.

    Raises:
        ValueError: bits outside 2..8, an unknown method, or values that are not finite.
    """
    rows = to_rows(weight, axis)
    if not np.isfinite(rows).all():
        raise ValueError(f"expected finite weights, got {int((~np.isfinite(rows)).sum())} others")
    each = np.broadcast_to(np.asarray(bits, np.uint8), len(rows)).copy()
    # As it is stored: float32.
    step = steps_of(rows, each, clip, importance).astype(np.float32)
    limit = limits_of(each)
    integers = np.clip(np.rint(rows / step[:, None]), -limit, limit).astype(np.int8)
    return QuantisedWeight(integers, step, each, tuple(weight.shape), axis)

"""Activations on their grids: 8 bits, unsigned for CPUs, symmetric for TensorRT.

Where every layer that makes or takes a tensor can absorb a factor per channel in its weights' steps
(depthwise layers, and sums in float), each channel has a step of its own; integer kernels see one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tcsdk.quant.clip.clipping import clipper
from tcsdk.quant.clip.samples import Samples
from tcsdk.quant.grid import Grid, Reals

# Formats by name: ONNX Runtime's kernels on x86-64 want U8S8, TensorRT S8S8.
FORMATS = {"uint8": Grid(8, signed=False), "int8": Grid(8, signed=True)}


@dataclass(frozen=True)
class ActivationRange:
    """How one tensor is quantised: value = (integer - zero) * step.

    Attributes:
        format: a key of FORMATS.
        step: above zero; the largest of the channels' where they differ.
        zero: the integer that stands for zero.
        clip: the method that chose the range, or "constant" where there was nothing to choose.
        scales: (C,) steps of the channels (axis 1) in units of `step`; empty where all are 1.
        zeros: (C,) the integers that stand for zero in them; empty where it is `zero` in all.
    """

    format: str
    step: float
    zero: int
    clip: str
    scales: tuple[float, ...] = ()
    zeros: tuple[int, ...] = ()

    @property
    def low(self) -> float:
        """The smallest value of any channel."""
        return float(((FORMATS[self.format].lowest - self.channel_zeros()) * self.steps()).min())

    @property
    def high(self) -> float:
        """The largest value of any channel."""
        return float(((FORMATS[self.format].highest - self.channel_zeros()) * self.steps()).max())

    def steps(self) -> NDArray[np.float32]:
        """Step of each channel, (C,), or of all, (1,)."""
        steps: NDArray[np.float32] = np.float32(self.step) * self.relative()
        return steps

    def relative(self) -> NDArray[np.float32]:
        """Those in units of `step`."""
        return np.array(self.scales or [1.0], np.float32)

    def channel_zeros(self) -> NDArray[np.int32]:
        """Zero point of each channel, (C,), or of all, (1,)."""
        return np.array(self.zeros or [self.zero] * max(1, len(self.scales)), np.int32)

    def shifts(self) -> NDArray[np.float32]:
        """What `zero` stands for in each channel below its own zero point, (C,) or (1,)."""
        return (self.channel_zeros() - self.zero) * self.steps()

    def apply(self, x: Tensor) -> Tensor:
        """Round a tensor to the grid; the gradient passes inside the range."""
        grid = FORMATS[self.format]
        if not self.scales:
            return torch.fake_quantize_per_tensor_affine(
                x, self.step, self.zero, grid.lowest, grid.highest
            )
        steps, zeros = torch.from_numpy(self.steps()), torch.from_numpy(self.channel_zeros())
        return torch.fake_quantize_per_channel_affine(x, steps, zeros, 1, grid.lowest, grid.highest)


def check_format(name: str) -> None:
    """Refuse what is no activation format.

    Raises:
        ValueError: the name is unknown.
    """
    if name not in FORMATS:
        raise ValueError(f"expected activations of {', '.join(FORMATS)} or none, got {name!r}")


def range_of(samples: Samples, format_name: str, clip: str) -> ActivationRange:
    """The range of an activation.

    A constant tensor has no distribution: its range is from zero to the constant. Zeros alone (a
    ReLU that never fires) get a range up to 1: biases are stored in units of the step.

    Raises:
        ValueError: an unknown format or method.
    """
    check_format(format_name)
    grid = FORMATS[format_name]
    constant = bool((samples.low == samples.high).all())
    low, high = clipper("minmax" if constant else clip)(samples, grid)
    clip = "constant" if constant else clip
    if samples.channels is not None and samples.channels[0].any():
        return _with_zero_points(format_name, clip, samples.channels, low, high)
    high = np.where((low == 0) & (high == 0), 1.0, high)
    steps, zeros = grid.place(low, high)
    scales = () if samples.channels is None else tuple(samples.channels[1].tolist())
    return ActivationRange(format_name, float(steps[0]), int(zeros[0]), clip, scales)


def _with_zero_points(
    format_name: str, clip: str, channels: tuple[Reals, Reals], low: Reals, high: Reals
) -> ActivationRange:
    """Channels that were shifted to a common range need zero points of their own."""
    grid, (offset, scale) = FORMATS[format_name], channels
    lows, highs = np.minimum(offset + low * scale, 0), np.maximum(offset + high * scale, 0)
    steps, zeros = grid.place(lows, np.where((lows == 0) & (highs == 0), 1.0, highs))
    step = float(steps.max())
    whole = tuple(int(zero) for zero in zeros)
    middle = (grid.lowest + grid.highest + 1) // 2
    return ActivationRange(format_name, step, middle, clip, tuple((steps / step).tolist()), whole)

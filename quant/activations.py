"""Activations on their grids: 8 bits per tensor, unsigned for CPUs, symmetric for TensorRT."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .clipping import clipper
from .grid import Grid
from .samples import Samples

# Formats by name: ONNX Runtime's kernels on x86-64 want U8S8, TensorRT S8S8.
FORMATS = {"uint8": Grid(8, signed=False), "int8": Grid(8, signed=True)}


@dataclass(frozen=True)
class ActivationRange:
    """How one tensor is quantised: value = (integer - zero) * step.

    Attributes:
        format: a key of FORMATS.
        step: above zero.
        zero: the integer that stands for zero.
        clip: the method that chose the range, or "constant" where there was nothing to choose.
    """

    format: str
    step: float
    zero: int
    clip: str

    @property
    def low(self) -> float:
        """The smallest value."""
        return (FORMATS[self.format].lowest - self.zero) * self.step

    @property
    def high(self) -> float:
        """The largest value."""
        return (FORMATS[self.format].highest - self.zero) * self.step

    def apply(self, x: Tensor) -> Tensor:
        """Round a tensor to the grid; the gradient passes inside the range."""
        grid = FORMATS[self.format]
        return torch.fake_quantize_per_tensor_affine(
            x, self.step, self.zero, grid.lowest, grid.highest
        )


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
    high = np.where((low == 0) & (high == 0), 1.0, high)
    step, zero = grid.place(low, high)
    return ActivationRange(
        format_name, float(step[0]), int(zero[0]), "constant" if constant else clip
    )

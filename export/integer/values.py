"""What a name of an ONNX graph stands for while the graph becomes a packed net."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcsdk.export.integer.net_file import Layer, Tensor

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Symbol:
    """An input, or what the kernel's numbers become: known by its name alone."""

    name: str


@dataclass(frozen=True)
class Padded:
    """A value whose border is repeated before a convolution takes it."""

    value: View | Pending
    pad: int


@dataclass(eq=False)
class View:
    """A tensor times factors per channel: what a grid of its own per channel makes of it."""

    tensor: Tensor
    factors: Reals


@dataclass(eq=False)
class Pending:
    """Sums of a convolution that no tensor holds yet: value = alpha * sum + beta per channel.

    Attributes:
        layer: With weights; its multipliers and its target come when it is stored.
        alpha: (cout,).
        beta: (cout,).
        relu: Whether negative values become 0.
        added: A tensor to be added to the value.
    """

    layer: Layer
    alpha: Reals
    beta: Reals
    relu: bool = False
    added: Tensor | None = None


@dataclass(frozen=True)
class Gridded:
    """A value rounded to 8 bits: value = (integer - zero) * step."""

    value: Value
    step: float
    zero: int


@dataclass(frozen=True)
class Part:
    """Channels of what the detector says, times a factor.

    Attributes:
        value: All of its channels.
        channel: Which one.
        factor: That it is multiplied by.
    """

    value: Pending
    channel: int
    factor: float = 1.0


Value = Symbol | Padded | View | Pending | Gridded | Part

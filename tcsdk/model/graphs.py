"""Shapes of the graphs' inputs for a picture's size: one table for plans, probes and tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tcsdk.codec.tiles import Y_STRIDE, Z_STRIDE, ceil_div
from tcsdk.errors import EngineError


@dataclass(frozen=True)
class InputRow:
    """How an input's shape follows from the picture's.

    Attributes:
        stride: Pixels per position; None where the input has one value per channel.
        broadcasts: Whether (1, C, 1, 1) may stand for the whole shape.
    """

    stride: int | None
    broadcasts: bool = False


# Every input of every graph that tcsdk runs; their channels are fixed in the graph.
INPUTS = {
    "x": InputRow(1),
    "z_gain": InputRow(None),
    "z_inverse_gain": InputRow(None),
    "z_hat": InputRow(Z_STRIDE),
    "r": InputRow(Y_STRIDE),
    "inv_gain": InputRow(Y_STRIDE, broadcasts=True),
}


@dataclass(frozen=True)
class Size:
    """Pictures in one call: batch, height and width in pixels."""

    batch: int
    height: int
    width: int

    def padded(self) -> Size:
        """Return the size that the graphs see: sides rounded up to multiples of 64."""
        height, width = (Z_STRIDE * ceil_div(side, Z_STRIDE) for side in (self.height, self.width))
        return Size(self.batch, height, width)

    def __str__(self) -> str:
        batch = f"{self.batch}@" if self.batch > 1 else ""
        return f"{batch}{self.width}x{self.height}"


def input_shape(
    name: str, channels: int, size: Size, *, smallest: bool = False
) -> tuple[int, int, int, int]:
    """Return the shape of a graph's input for pictures of a size.

    Args:
        name: Of the input.
        channels: Its second dimension.
        size: Of the pictures, with sides that are multiples of 64.
        smallest: Take (1, C, 1, 1) where the input broadcasts.

    Raises:
        EngineError: No graph of tcsdk has such an input.
    """
    row = INPUTS.get(name)
    if row is None:
        raise EngineError(
            f"expected inputs among {', '.join(INPUTS)}, got {name!r}: the graph is not one of "
            "this version of tcsdk"
        )
    if row.broadcasts and smallest:
        return (1, channels, 1, 1)
    if row.stride is None:
        return (size.batch, channels, 1, 1)
    return (size.batch, channels, size.height // row.stride, size.width // row.stride)


def channels_of(name: str, shape: Sequence[object]) -> int:
    """Return the fixed second dimension of an input (N, C, H, W).

    Raises:
        EngineError: The shape is another.
    """
    channels = shape[1] if len(shape) == 4 else None
    if not isinstance(channels, int) or channels < 1:
        raise EngineError(f"input {name!r}: expected (N, C, H, W) with fixed C, got {tuple(shape)}")
    return channels

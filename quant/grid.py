"""Integer grids: how many levels there are, and how real numbers fall onto them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

MIN_BITS, MAX_BITS = 2, 8
# Steps stay above this, so that a channel of zeros still has one.
SMALLEST_STEP = 1e-12


def check_bits(bits: int) -> int:
    """Return `bits`.

    Raises:
        ValueError: it is not a whole number in 2..8.
    """
    if isinstance(bits, bool) or not isinstance(bits, int) or not MIN_BITS <= bits <= MAX_BITS:
        raise ValueError(f"expected bits to be a whole number {MIN_BITS}..{MAX_BITS}, got {bits!r}")
    return bits


@dataclass(frozen=True)
class Grid:
    """Uniform grid of integers.

    Attributes:
        bits: 2..8.
        signed: True for the symmetric grid that keeps zero, -(2^(bits-1)-1)..2^(bits-1)-1; False
            for 0..2^bits-1 with a zero point.
    """

    bits: int
    signed: bool

    def __post_init__(self) -> None:
        check_bits(self.bits)

    @property
    def lowest(self) -> int:
        """The smallest integer."""
        return -self.highest if self.signed else 0

    @property
    def highest(self) -> int:
        """The largest integer."""
        return (1 << (self.bits - 1)) - 1 if self.signed else (1 << self.bits) - 1

    def place(self, low: Reals, high: Reals) -> tuple[Reals, Reals]:
        """Step and zero point of ranges that hold zero.

        Args:
            low: (R,) not above zero; ignored by signed grids but for its magnitude.
            high: (R,) not below zero.

        Returns:
            The step (R,), above zero, and the integer that stands for zero, (R,).
        """
        if self.signed:
            step = np.maximum(np.maximum(-low, high) / self.highest, SMALLEST_STEP)
            return step, np.zeros_like(step)
        step = np.maximum((high - low) / self.highest, SMALLEST_STEP)
        return step, np.clip(np.rint(-low / step), 0, self.highest)

    def snap(self, values: Reals, step: Reals, zero: Reals) -> Reals:
        """The nearest values of the grid, (R, n), of values (R, n)."""
        integers = np.rint(values / step[:, None]) + zero[:, None]
        kept: Reals = (np.clip(integers, self.lowest, self.highest) - zero[:, None]) * step[:, None]
        return kept

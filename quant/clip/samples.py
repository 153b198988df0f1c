"""What a clipper sees of a tensor: weighted values per row, from the tensor or a histogram."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcsdk.quant.grid import Reals


@dataclass(frozen=True)
class Samples:
    """Weighted values of R rows: output channels of a weight, or the one row of an activation.

    Attributes:
        values: (R, n) float64.
        counts: (R, n) float64, how often each occurs.
        low, high: (R,) exact extremes.
        before_relu: what a fused ReLU made this of, or None where there is none.
        channels: offset and scale (C,) that an activation's channels were brought to the same range
            with; None where they were left as they are.
    """

    values: Reals
    counts: Reals
    low: Reals
    high: Reals
    before_relu: Samples | None = None
    channels: tuple[Reals, Reals] | None = None

    @staticmethod
    def of_rows(rows: NDArray[np.floating]) -> Samples:
        """Every value of rows (R, n), counted once."""
        values = np.asarray(rows, np.float64)
        return Samples(values, np.ones_like(values), values.min(1), values.max(1))

    def mean(self) -> Reals:
        """Mean of each row, (R,)."""
        return self._average(self.values)

    def deviation(self, centre: Reals) -> Reals:
        """Mean absolute distance of each row from its centre, (R,)."""
        return self._average(np.abs(self.values - centre[:, None]))

    def spread(self, centre: Reals) -> Reals:
        """Root mean squared distance of each row from its centre, (R,)."""
        return np.sqrt(self._average(np.square(self.values - centre[:, None])))

    def _average(self, values: Reals) -> Reals:
        average: Reals = (self.counts * values).sum(1) / self.counts.sum(1)
        return average

"""Extremes and histogram of what flows through a place in a net, over a calibration set."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import torch
from torch import Tensor

from tcsdk.quant.clip.samples import Samples
from tcsdk.quant.grid import Reals

BINS = 4096
# Channels quieter than this share of the loudest are divided by it: biases are stored in units of
# steps.
QUIETEST = 1 / 256
SHARES = np.linspace(0.05, 0.95, 37)  # of a grid that may lie below zero


class Norm(Enum):
    """What channels (axis 1) are brought to before they share a histogram, and then a grid.

    Attributes:
        NONE: nothing: one step, one zero point.
        SCALE: a step of their own each, one zero point: what zero padding allows.
        RANGE: a step and a zero point of their own each.
    """

    NONE = "none"
    SCALE = "scale"
    RANGE = "range"


@dataclass
class Histogram:
    """Extremes of a tensor over the set, then its histogram between them.

    Attributes:
        norm: what its channels are brought to.
    """

    norm: Norm = Norm.NONE
    lows: Reals = field(default_factory=lambda: np.array(np.inf))
    highs: Reals = field(default_factory=lambda: np.array(-np.inf))
    counts: Reals = field(default_factory=lambda: np.zeros(BINS))

    def widen(self, x: Tensor) -> None:
        """First pass: take note of a batch's extremes."""
        kept = () if self.norm is Norm.NONE else (1,)
        axes = [axis for axis in range(x.ndim) if axis not in kept]
        self.lows = np.minimum(self.lows, x.amin(axes).double().numpy())
        self.highs = np.maximum(self.highs, x.amax(axes).double().numpy())

    @property
    def seen(self) -> bool:
        """Whether there was a batch."""
        return bool(np.isfinite(self.lows).all())

    def normaliser(self) -> tuple[Reals, Reals]:
        """Offset and scale of the channels, (C,) or (); the largest scale of several is 1."""
        if self.norm is Norm.NONE:
            return np.zeros(()), np.ones(())
        if self.norm is Norm.RANGE:
            offset, scale = (self.lows + self.highs) / 2, (self.highs - self.lows) / 2
        else:
            offset, scale = np.zeros_like(self.lows), _scales(self.lows, self.highs)
        largest = float(scale.max())
        relative = scale / largest if largest > 0 else np.ones_like(scale)
        return offset, np.maximum(relative, QUIETEST)

    def count(self, x: Tensor, normaliser: tuple[Reals, Reals]) -> None:
        """Second pass: add a batch to the histogram."""
        low, high = self._range(normaliser)
        if high > low:
            shape = (-1, *[1] * (x.ndim - 2))
            offset, scale = (torch.from_numpy(v).float().reshape(shape) for v in normaliser)
            counts = torch.histc((x.float() - offset) / scale, BINS, low, high)
            self.counts += counts.double().numpy()

    def samples(
        self, normaliser: tuple[Reals, Reals], before_relu: Samples | None = None
    ) -> Samples:
        """What a clipper sees."""
        least, most = self._range(normaliser)
        low, high = np.array([least]), np.array([most])
        channels = None if self.norm is Norm.NONE else normaliser
        if most == least:
            return Samples(low[None], np.ones((1, 1)), low, high, before_relu, channels)
        # A ReLU's zeros are a spike at the edge, not spread over the first bin.
        edges = np.linspace(least, most, BINS + 1)
        centres = (edges[:-1] + edges[1:]) / 2
        if least == 0.0:
            centres[0] = 0.0
        return Samples(centres[None], self.counts[None], low, high, before_relu, channels)

    def _range(self, normaliser: tuple[Reals, Reals]) -> tuple[float, float]:
        offset, scale = normaliser
        low, high = (self.lows - offset) / scale, (self.highs - offset) / scale
        return float(low.min()), float(high.max())


def _scales(lows: Reals, highs: Reals) -> Reals:
    """Least steps of channels, in common units, on grids with a common zero point."""
    below, above = np.maximum(-lows, 0.0), np.maximum(highs, 0.0)
    tried = np.stack([np.maximum(below / share, above / (1 - share)) for share in SHARES])
    if not below.any():
        return above
    if not above.any():
        return below
    chosen: Reals = tried[np.square(tried).sum(1).argmin()]
    return chosen

"""Numbers on their way to whole ones: stochastic Gumbel annealing.

Yang, Bamler and Mandt 2020, "Improving Inference for Neural Image Compression", section 3.2: each
number is rounded up or down by chance, the nearer the likelier, and what chance mixes has a
gradient; it mixes less and less. Adam (Kingma and Ba 2015) moves the numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_RATE, _SLOW, _SLOW_FROM = 0.05, 0.3, 0.7  # of a step of the quantiser; its end; the end's begin
_FIRST, _COOLING = 0.5, 3.5  # temperature, and by which power of e it falls
_LEAST_MIXED = 0.2
_DECAYS, _TINY = (0.9, 0.999), 1e-8
_EDGE = 1e-4


@dataclass
class Annealing:
    """Real numbers that become whole over so many steps.

    Attributes:
        values: (n,) float32, where they are.
        steps: How many there will be.
        rng: Source of chance.
    """

    values: Floats
    steps: int
    rng: np.random.Generator
    _step: int = 0
    _mean: Floats = field(init=False)
    _square: Floats = field(init=False)
    _below: Floats = field(init=False)
    _slope: Floats = field(init=False)

    def __post_init__(self) -> None:
        self._mean, self._square = np.zeros_like(self.values), np.zeros_like(self.values)

    def mixed(self) -> tuple[NDArray[np.int32], Floats]:
        """Return the whole number below each, and how much of the one above is mixed in, 0..1."""
        heat = _FIRST * math.exp(-_COOLING * self._step / self.steps)
        below = np.floor(self.values)
        part = np.clip(self.values - below, _EDGE, 1 - _EDGE)
        chance = self.rng.random(len(part), np.float32).clip(1e-7, 1 - 1e-7)
        noise = np.log(chance) - np.log1p(-chance)  # the difference of two Gumbel variables
        leaning = (np.arctanh(part) - np.arctanh(1 - part)) / heat
        mixing = max(heat, _LEAST_MIXED)
        above = 1 / (1 + np.exp(-np.clip((leaning + noise) / mixing, -50, 50)))
        steep = (1 / (1 - part**2) + 1 / (part * (2 - part))) / heat
        self._slope = (above * (1 - above) / mixing * steep).astype(np.float32)
        return below.astype(np.int32), above.astype(np.float32)

    def move(self, gradient: Floats) -> None:
        """Take one step against the gradient by what was mixed last, (n,)."""
        slow = self._step >= _SLOW_FROM * self.steps
        self._step += 1
        gradient = gradient * self._slope
        first, second = _DECAYS
        self._mean += (1 - first) * (gradient - self._mean)
        self._square += (1 - second) * (gradient**2 - self._square)
        mean = self._mean / (1 - first**self._step)
        square = self._square / (1 - second**self._step)
        rate = _RATE * (_SLOW if slow else 1.0)
        self.values -= (rate * mean / (np.sqrt(square) + _TINY)).astype(np.float32)

    def whole(self) -> NDArray[np.int16]:
        """Return the nearest whole numbers."""
        return np.rint(self.values).astype(np.int16)

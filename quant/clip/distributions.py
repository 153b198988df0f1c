"""Laplace and Gauss: where to clip them, in closed form (Banner et al. 2019, arXiv:1810.05723).

Everything is in units of the distribution's own scale: b = E|X - EX| for Laplace, the standard
deviation for Gauss.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from functools import cache

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import erfc, lambertw

from tcsdk.quant.clip.samples import Samples
from tcsdk.quant.grid import Grid, Reals, check_bits

FAR = 60.0  # beyond all mass, and no overflow


class Distribution(ABC):
    """A symmetric density of unit scale around zero."""

    name: str
    variance: float

    @abstractmethod
    def scale(self, samples: Samples, centre: Reals) -> Reals:
        """The fitted scale of each row, (R,)."""

    @abstractmethod
    def clip_relu(self, bits: int, mean: float = 0.0) -> float:
        """Best a of [0, a] for max(0, X + mean); elements at zero cost nothing."""

    @abstractmethod
    def moments(self, end: Reals) -> tuple[Reals, Reals, Reals]:
        """Integrals of f, x f and x^2 f over 0..end."""

    @abstractmethod
    def clip(self, bits: int) -> float:
        """Best a of [-a, a] with 2^bits levels."""

    @abstractmethod
    def _clipped_power(self, a: float) -> float:
        """Mean square of what lies beyond [-a, a]."""

    def relative_error(self, bits: int) -> float:
        """Mean squared error over variance at the best clip."""
        a = self.clip(bits)
        return (self._clipped_power(a) + a * a / (3 * 4.0**bits)) / self.variance

    def signed_error(self, bits: int, a: float) -> float:
        """Mean squared error over variance on the symmetric grid that keeps zero, clipped at a."""
        levels = Grid(bits, signed=True).highest
        value = np.arange(levels + 1) * (a / levels)
        edges = np.concatenate([[0.0], value[1:] - a / (2 * levels), [FAR]])
        m0, m1, m2 = (np.diff(m) for m in self.moments(edges))
        return float(2 * (m2 - 2 * value * m1 + value**2 * m0).sum()) / self.variance

    def clip_signed(self, bits: int) -> float:
        """Best a for the symmetric grid that keeps zero: below `clip`, by much at 2 and 3 bits."""
        return _signed_optimum(self, check_bits(bits))


@cache
def _signed_optimum(distribution: Distribution, bits: int) -> float:
    found = minimize_scalar(
        lambda a: distribution.signed_error(bits, a),
        bounds=(0.3, 14.0),
        method="bounded",
        options={"xatol": 1e-7},
    )
    return float(found.x)


class Laplace(Distribution):
    """Density exp(-|x|) / 2."""

    name, variance = "laplace", 2.0

    def scale(self, samples: Samples, centre: Reals) -> Reals:
        """Mean absolute deviation."""
        return samples.deviation(centre)

    def clip(self, bits: int) -> float:
        """Solve a exp(a) = 3 * 4^bits."""
        return float(lambertw(3 * 4.0 ** check_bits(bits)).real)

    def clip_relu(self, bits: int, mean: float = 0.0) -> float:
        """Solve a exp(a) = 6 * 4^bits * exp(mean) / P(X + mean > 0).

        At a mean of zero that is 12 * 4^bits; below it the mean cancels, as the tail has no memory.
        """
        check_bits(bits)
        if mean <= 0:
            return float(lambertw(12 * 4.0**bits).real)
        positive = 1 - 0.5 * math.exp(-mean)
        return float(lambertw(6 * 4.0**bits * math.exp(min(mean, FAR)) / positive).real)

    def _clipped_power(self, a: float) -> float:
        return 2 * math.exp(-a)

    def moments(self, end: Reals) -> tuple[Reals, Reals, Reals]:
        """Integrals of f, x f and x^2 f over 0..end."""
        tail = np.exp(-end)
        return (
            0.5 * (1 - tail),
            0.5 * (1 - (1 + end) * tail),
            0.5 * (2 - (end**2 + 2 * end + 2) * tail),
        )


def _normal(x: Reals | float) -> Reals:
    density: Reals = np.exp(-0.5 * np.square(x)) / math.sqrt(2 * math.pi)
    return density


def _above(x: Reals | float) -> Reals:
    mass: Reals = 0.5 * erfc(np.asarray(x) / math.sqrt(2))
    return mass


class Gauss(Distribution):
    """The normal density."""

    name, variance = "gauss", 1.0

    def scale(self, samples: Samples, centre: Reals) -> Reals:
        """Standard deviation."""
        return samples.spread(centre)

    def clip(self, bits: int) -> float:
        """Root of a / (3 * 4^bits) = 2 E[max(0, X - a)]."""
        check_bits(bits)

        def slope(a: float) -> float:
            return float(2 * a * _above(a) - 2 * _normal(a) + a / (3 * 4.0**bits))

        return float(brentq(slope, 0.1, 20.0, xtol=1e-12))

    def clip_relu(self, bits: int, mean: float = 0.0) -> float:
        """Root of P(X + mean > 0) a / (12 * 4^bits) = E[max(0, X + mean - a)]."""
        check_bits(bits)
        # Further below zero there is no mass to speak of, and above the ReLU does nothing.
        mean = min(max(mean, -6.0), FAR)
        positive = float(_above(-mean))

        def slope(a: float) -> float:
            u = a - mean
            return float(positive * a / (12 * 4.0**bits) - (_normal(u) - u * _above(u)))

        return float(brentq(slope, 1e-6, 20.0 + abs(mean), xtol=1e-12))

    def _clipped_power(self, a: float) -> float:
        return float(2 * ((a * a + 1) * _above(a) - a * _normal(a)))

    def moments(self, end: Reals) -> tuple[Reals, Reals, Reals]:
        """Integrals of f, x f and x^2 f over 0..end."""
        m0 = 0.5 - _above(end)
        return m0, _normal(0.0) - _normal(end), m0 - end * _normal(end)


LAPLACE, GAUSS = Laplace(), Gauss()
# E|X - EX| over the standard deviation: 0.707 for Laplace, 0.798 for Gauss. At this value both have
# the same likelihood: log(2 b) + 1 = log(2 pi e s^2) / 2.
RATIO_OF_EQUALS = math.sqrt(math.pi / (2 * math.e))


def choose(samples: Samples, centre: Reals) -> Distribution:
    """The likelier of the two for a tensor, by Geary's ratio averaged over its rows.

    Args:
        samples: of the tensor.
        centre: (R,) that distances are taken from.
    """
    spread = samples.spread(centre)
    alive = spread > 0
    if not alive.any():
        return LAPLACE
    ratio = float(np.mean(samples.deviation(centre)[alive] / spread[alive]))
    return GAUSS if ratio > RATIO_OF_EQUALS else LAPLACE

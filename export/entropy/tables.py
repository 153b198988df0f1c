"""Cumulative tables of the entropy coder: 32 entries a row, from probabilities, made once."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

ENTRIES = 32
ESCAPE = ENTRIES - 1
LIMIT = 15  # entry e of a row stands for e - LIMIT; the last one escapes
# A row of scale sigma keeps raw low bits once LIMIT + 1/2 is nearer than this many sigmas.
REACH = 3.3


def quantise_frequencies(mass: NDArray[np.float64], precision: int) -> NDArray[np.int64]:
    """Whole frequencies >= 1 with sum 2^precision, close to the least code length.

    Args:
        mass: (n,) probabilities, at least one positive.
        precision: bits.

    Returns:
        (n,) int64. Rounding's surplus is settled one count at a time where it costs least.
    """
    total = 1 << precision
    mass = np.maximum(mass / mass.sum(), 1e-12)
    frequency = np.maximum(1, np.rint(mass * total)).astype(np.int64)
    while (surplus := int(frequency.sum()) - total) != 0:
        if surplus > 0:
            cost = np.where(
                frequency > 1, mass * np.log(frequency / np.maximum(frequency - 1, 1)), np.inf
            )
            frequency[np.argmin(cost)] -= 1
        else:
            frequency[np.argmax(mass * np.log1p(1 / frequency))] += 1
    return frequency


def starts(frequency: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Cumulative starts of frequencies, the first one 0."""
    return (np.cumsum(frequency) - frequency).astype(np.uint16)


def low_bits(sigma: float) -> int:
    """Raw low bits of a row of scale sigma."""
    return max(0, math.ceil(math.log2(REACH * sigma / (LIMIT + 0.5))))


def gaussian_row(sigma: float, shift: int) -> NDArray[np.float64]:
    """Masses of r >> shift for a rounded zero-mean Gaussian; the last entry takes both tails."""
    edges = (np.arange(-LIMIT, LIMIT + 2) * 2.0**shift - 0.5) / sigma
    mass = np.diff(ndtr(edges))
    return np.append(mass, ndtr(edges[0]) + ndtr(-edges[-1]))


def blend(
    mass: NDArray[np.float64], counts: NDArray[np.int64], strength: float
) -> NDArray[np.float64]:
    """Probabilities from counts, with an assumed density worth `strength` observations.

    Args:
        mass: (..., n) the assumed density.
        counts: (..., n) occurrences.
        strength: observations that the density counts as.
    """
    blended = counts + strength * mass / mass.sum(-1, keepdims=True)
    result: NDArray[np.float64] = blended / blended.sum(-1, keepdims=True)
    return result


def residual_shifts(sigmas: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Raw low bits of each row, (64,)."""
    return np.array([low_bits(float(s)) for s in sigmas], np.uint8)


def residual_masses(sigmas: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gaussian masses of all rows of r, (64, 32)."""
    shifts = residual_shifts(sigmas)
    rows = [gaussian_row(float(s), int(b)) for s, b in zip(sigmas, shifts, strict=True)]
    return np.stack(rows)


def row_starts(masses: NDArray[np.float64], precision: int) -> NDArray[np.uint16]:
    """Cumulative starts (n, 32) of rows of masses (n, 32)."""
    return np.stack([starts(quantise_frequencies(row, precision)) for row in masses])


def median(mass: NDArray[np.float64], low: int) -> int:
    """The median of the whole numbers low, low + 1, ... of probabilities mass (n,)."""
    return low + int(np.searchsorted(np.cumsum(mass), 0.5 * mass.sum()))


def hyper_row(
    mass: NDArray[np.float64], low: int, centre: int, precision: int
) -> NDArray[np.uint16]:
    """Cumulative starts of one channel of z in one context.

    Args:
        mass: (n,) probabilities of the whole numbers low, low + 1, ...
        low: the number that mass[0] belongs to.
        centre: the number of entry LIMIT.
        precision: bits.
    """
    entries = np.zeros(ENTRIES)
    for offset in range(-LIMIT, LIMIT + 1):
        index = centre + offset - low
        entries[offset + LIMIT] = mass[index] if 0 <= index < len(mass) else 0.0
    entries[ESCAPE] = max(0.0, float(mass.sum() - entries.sum()))
    return starts(quantise_frequencies(entries, precision))

"""Curves of a codec, and how many bytes one needs where another needs so many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from scipy.interpolate import PchipInterpolator

from benchmarks.rate_accuracy.rows import NAN, Row

# Where codecs are compared: this accuracy, or so far below the reader on uncompressed pictures.
ACCURACY, MARGIN = 0.95, 0.02


def bytes_at(rows: Sequence[Row], measure: str, wanted: float) -> float:
    """Bytes a codec needs for a value, by interpolation in log bytes; nan outside its curve."""
    curve = sorted((r.bytes, getattr(r, measure)) for r in rows)
    for (b0, a0), (b1, a1) in pairwise(curve):
        if a0 <= wanted <= a1:
            weight = (wanted - a0) / max(1e-9, a1 - a0)
            return float(np.exp(np.log(b0) * (1 - weight) + np.log(b1) * weight))
    return NAN


def accuracy_point(rows: Sequence[Row], measure: str = "accuracy") -> float:
    """The value to reach: the lower of ACCURACY and what "original" has, less MARGIN."""
    whole = [getattr(r, measure) for r in rows if r.codec == "original"]
    return float(min([ACCURACY, *(accuracy - MARGIN for accuracy in whole)]))


def value_at(rows: Sequence[Row], measure: str, level: float, of: str) -> float:
    """Another measure where a codec first reaches a level of one, by linear interpolation.

    Args:
        rows: Points of one codec.
        measure: What is asked for.
        level: Of the measure `of`; nan is returned where the curve does not pass it.
        of: What the codecs are made equal in.
    """
    curve = sorted((r.bytes, getattr(r, of), getattr(r, measure)) for r in rows)
    for (_, a0, v0), (_, a1, v1) in pairwise(curve):
        if a0 <= level <= a1:
            weight = (level - a0) / max(1e-9, a1 - a0)
            return float(v0 * (1 - weight) + v1 * weight)
    return NAN


def front(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """(value, bytes) of those (bytes, value) that no smaller file equals or beats, by bytes."""
    best, kept = -np.inf, []
    for size, value in sorted(points):
        if value > best:
            best = value
            kept.append((value, size))
    return kept


def bd_bytes(rows: Sequence[Row], peer: Sequence[Row], measure: str) -> float:
    """`bjontegaard` of a measure that bytes buy, such as "accuracy", "f1" or "psnr"."""
    points = [[(r.bytes, getattr(r, measure)) for r in codec] for codec in (rows, peer)]
    return bjontegaard(*points)


def bjontegaard(
    points: Iterable[tuple[float, float]], peer: Iterable[tuple[float, float]]
) -> float:
    """Bytes saved or spent at equal values, on average over the values that both codecs reach.

    Bjontegaard's difference (VCEG-M33, 2001) with any value in the place of PSNR and piecewise
    cubic Hermite interpolation, as later practice has it: the mean of log(bytes / peer's bytes).

    Args:
        points: (bytes, value) of one codec.
        peer: Of the other.

    Returns:
        Per cent: -50 is half the bytes of the peer. nan without two points each or a common range.
    """
    curves = [front(codec) for codec in (points, peer)]
    if min(map(len, curves)) < 2:
        return NAN
    low = max(curve[0][0] for curve in curves)
    high = min(curve[-1][0] for curve in curves)
    if not low < high:
        return NAN
    values_and_bytes = [np.array(curve).T for curve in curves]
    logs = [PchipInterpolator(v, np.log(b)).integrate(low, high) for v, b in values_and_bytes]
    return float(100 * np.expm1((logs[0] - logs[1]) / (high - low)))


def value_apart(
    points: Iterable[tuple[float, float]], peer: Iterable[tuple[float, float]]
) -> float:
    """By how much a value differs at equal bytes, on average over the bytes that both codecs spend.

    The counterpart of `bjontegaard`: the mean of value - peer's value over log(bytes).

    Args:
        points: (bytes, value) of one codec.
        peer: Of the other.

    Returns:
        In the value's unit; nan without two points each or a common range.
    """
    curves = [dict(sorted(codec)) for codec in (points, peer)]
    if min(map(len, curves)) < 2:
        return NAN
    low = float(np.log(max(min(curve) for curve in curves)))
    high = float(np.log(min(max(curve) for curve in curves)))
    if not low < high:
        return NAN
    drawn = [PchipInterpolator(np.log(list(c)), list(c.values())) for c in curves]
    means = [curve.integrate(low, high) / (high - low) for curve in drawn]
    return float(means[0] - means[1])

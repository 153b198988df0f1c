"""Clipping: from a tensor's samples to the range that its grid covers. One function per method."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from tcsdk.quant.clip.distributions import GAUSS, LAPLACE, Distribution, choose
from tcsdk.quant.clip.samples import Samples
from tcsdk.quant.grid import Grid, Reals

# Samples and the grid they go to -> low (R,), high (R,); zero lies between them. Symmetric grids
# take the larger magnitude of the two.
Clipper = Callable[[Samples, Grid], tuple[Reals, Reals]]

PERCENT_KEPT = 99.999  # per tail; 99.9 costs the edge net 3 dB at quality 63
CANDIDATES = np.geomspace(0.06, 1.0, 48)  # of the largest magnitude
KL_BINS = 1024


def _holding_zero(low: Reals, high: Reals) -> tuple[Reals, Reals]:
    return np.minimum(low, 0.0), np.maximum(high, 0.0)


def min_max(samples: Samples, grid: Grid) -> tuple[Reals, Reals]:
    """Clip nothing."""
    return _holding_zero(samples.low, samples.high)


def percentile(samples: Samples, grid: Grid) -> tuple[Reals, Reals]:
    """Clip what lies beyond PERCENT_KEPT on either side."""
    order = np.argsort(samples.values, 1)
    values = np.take_along_axis(samples.values, order, 1)
    mass = np.take_along_axis(samples.counts, order, 1).cumsum(1)
    beyond = (1 - PERCENT_KEPT / 100) * mass[:, -1:]
    rows = np.arange(len(values))
    low = values[rows, (mass > beyond).argmax(1)]
    high = values[rows, (mass >= mass[:, -1:] - beyond).argmax(1)]
    return _holding_zero(low, high)


def _error(samples: Samples, grid: Grid, low: Reals, high: Reals) -> Reals:
    """Sum of squared errors of each row, (R,)."""
    step, zero = grid.place(low, high)
    lost = samples.values - grid.snap(samples.values, step, zero)
    error: Reals = (samples.counts * np.square(lost)).sum(1)
    return error


def _best(samples: Samples, grid: Grid, ranges: list[tuple[Reals, Reals]]) -> tuple[Reals, Reals]:
    errors = np.stack([_error(samples, grid, low, high) for low, high in ranges])
    chosen, rows = errors.argmin(0), np.arange(errors.shape[1])
    lows, highs = (np.stack([r[side] for r in ranges]) for side in (0, 1))
    return lows[chosen, rows], highs[chosen, rows]


def least_squares(samples: Samples, grid: Grid) -> tuple[Reals, Reals]:
    """The range of least squared error, by search; both ends apart where there is a zero point."""
    low, high = min_max(samples, grid)
    low, high = _best(samples, grid, [(low * part, high * part) for part in CANDIDATES])
    if grid.signed:
        return low, high
    outer_low, outer_high = min_max(samples, grid)
    low, high = _best(samples, grid, [(outer_low * part, high) for part in CANDIDATES])
    return _best(samples, grid, [(low, outer_high * part) for part in CANDIDATES])


def aciq(
    samples: Samples, grid: Grid, distribution: Distribution | None = None
) -> tuple[Reals, Reals]:
    """Banner et al.'s analytic clip, never beyond the values that occur.

    It takes the values for Laplace's or Gauss's. Rows of few large weights among many small ones,
    as trained codecs have, are neither (docs/decisions/aciq-on-codecs.md).

    Args:
        samples: of the tensor.
        grid: symmetric ones keep zero and have their own optimum.
        distribution: LAPLACE, GAUSS, or None to choose by test.
    """
    low, high = min_max(samples, grid)
    if grid.signed:
        centre = np.zeros_like(low)
        shape = distribution or choose(samples, centre)
        a = shape.scale(samples, centre) * shape.clip_signed(grid.bits)
        return np.maximum(low, -a), np.minimum(high, a)
    source = samples.before_relu or samples
    centre = source.mean()
    shape = distribution or choose(source, centre)
    scale = shape.scale(source, centre)
    if samples.before_relu is None:
        a = scale * shape.clip(grid.bits)
        return _holding_zero(np.maximum(low, centre - a), np.minimum(high, centre + a))
    ratios = [
        shape.clip_relu(grid.bits, float(c / s)) if s > 0 else 0.0
        for c, s in zip(centre, scale, strict=True)
    ]
    return np.zeros_like(high), np.minimum(high, scale * np.array(ratios))


def _divergence(counts: Reals, kept: int, levels: int) -> float:
    """KL divergence of a histogram (bins,) to itself, clipped to `kept` bins and quantised."""
    clipped = counts[:kept].copy()
    clipped[-1] += counts[kept:].sum()
    starts = np.arange(levels) * kept // levels
    occupied = (counts[:kept] > 0).astype(np.float64)
    members = np.add.reduceat(occupied, starts)
    level = np.add.reduceat(counts[:kept], starts) / np.maximum(members, 1)
    width = np.diff(np.append(starts, kept))
    quantised = np.repeat(level, width) * occupied
    p, q = clipped / clipped.sum(), quantised / max(quantised.sum(), 1e-300)
    seen = p > 0
    return float((p[seen] * np.log(p[seen] / np.maximum(q[seen], 1e-12))).sum())


def least_divergence(samples: Samples, grid: Grid) -> tuple[Reals, Reals]:
    """The magnitude at which the clipped and quantised histogram tells most of the original.

    TensorRT's entropy calibration (Migacz 2017), on magnitudes.
    """
    low, high = min_max(samples, grid)
    levels = grid.highest
    limit = np.zeros_like(high)
    for row, top in enumerate(np.maximum(-low, high)):
        magnitudes = np.abs(samples.values[row])
        if top == 0:
            continue
        counts, _ = np.histogram(magnitudes, KL_BINS, (0.0, top), weights=samples.counts[row])
        kept = np.unique(np.linspace(max(levels, KL_BINS // 16), KL_BINS, 40).astype(int))
        best = min(kept, key=lambda bins: _divergence(counts, int(bins), levels))
        limit[row] = top * best / KL_BINS
    return np.maximum(low, -limit), np.minimum(high, limit)


METHODS: dict[str, Clipper] = {
    "minmax": min_max,
    "percentile": percentile,
    "kl": least_divergence,
    "mse": least_squares,
    "output": least_squares,  # of weights that count by the power of what they meet
    "laplace": partial(aciq, distribution=LAPLACE),
    "gauss": partial(aciq, distribution=GAUSS),
    "aciq": aciq,
}


def clipper(name: str) -> Clipper:
    """The method of this name.

    Raises:
        ValueError: there is none.
    """
    if name not in METHODS:
        raise ValueError(f"expected a clipping method of {', '.join(METHODS)}, got {name!r}")
    return METHODS[name]

"""Trained nets beside each other, paired by seed and picture: differences and how sure they are.

A difference is a ratio of sums over all pictures and seeds. Its 95 % interval is a bootstrap that
draws seeds and pictures, each with replacement and apart from each other (the pigeonhole bootstrap,
Owen 2007): each drawn seed is seen on each drawn picture. With three seeds it is, if anything, too
narrow in what seeds do; a seed by itself has a row of its own. With one seed only pictures are
drawn, and nothing is known of other seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.rate_accuracy.curves import bjontegaard, value_apart
from benchmarks.rate_accuracy.measures import LEVEL, RESAMPLES
from benchmarks.studies.captions import ALL, Stream, verdict

Floats = NDArray[np.float64]
Curve = Sequence[Stream]  # of one net, seed and picture, by quality
# Which (seeds, pictures) of a difference are summed: above and below the line.
Sums = tuple[Floats, Floats]


@dataclass(frozen=True)
class SeedStream(Stream):
    """What one picture came to by one net of one seed.

    Attributes:
        seed: Of its training.
        weights: The digest of its weights.
    """

    seed: int
    weights: str


@dataclass(frozen=True)
class SeedComparison:
    """How two nets differ, over seeds and pictures.

    Attributes:
        seeds: Such as "1" or "1+2+3".
        count: Pairs of seed and picture that count.
    """

    pictures: str
    model: str
    over: str
    seeds: str
    quality: str
    measure: str
    count: int
    difference: float
    low: float
    high: float
    verdict: str


def crossed_interval(above: Floats, below: Floats, seed: int = 0) -> tuple[float, float]:
    """Percentile bootstrap over seeds and pictures of a ratio of sums.

    Args:
        above, below: (seeds, pictures).
        seed: Of the resampling.

    Returns:
        The bounds of the 95 % interval; nan where nothing counts.
    """
    if not below.any():
        return float("nan"), float("nan")
    rng, (seeds, pictures) = np.random.default_rng(seed), above.shape
    of_pictures = rng.multinomial(pictures, [1 / pictures] * pictures, RESAMPLES)
    of_seeds = rng.multinomial(seeds, [1 / seeds] * seeds, RESAMPLES)
    sums = [np.einsum("rs,sp,rp->r", of_seeds, part, of_pictures) for part in (above, below)]
    ratios = sums[0][sums[1] > 0] / sums[1][sums[1] > 0]
    low, high = np.percentile(ratios, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(low), float(high)


def _at_quality(value: Callable[[Stream], float], per_cent: bool) -> Callable[..., Sums]:
    """Difference of a value at one quality: of its sum in per cent, or its mean."""

    def compare(own: Sequence[Sequence[Stream]], other: Sequence[Sequence[Stream]]) -> Sums:
        a, b = (np.array([[value(r) for r in row] for row in side]) for side in (own, other))
        return (100.0 * (a - b), b) if per_cent else (a - b, np.ones_like(a))

    return compare


def _over_qualities(apart: Callable[[Curve, Curve], float]) -> Callable[..., Sums]:
    """Mean of a difference of curves, of those that have one."""

    def compare(own: Sequence[Sequence[Curve]], other: Sequence[Sequence[Curve]]) -> Sums:
        found = np.array(
            [
                [apart(a, b) for a, b in zip(*rows, strict=True)]
                for rows in zip(own, other, strict=True)
            ]
        )
        counts = np.isfinite(found)
        return np.where(counts, found, 0.0), counts.astype(np.float64)

    return compare


def _points(curve: Curve, value: Callable[[Stream], float]) -> list[tuple[float, float]]:
    return [(row.bytes, value(row)) for row in curve]


def _bytes_at(value: Callable[[Stream], float]) -> Callable[[Curve, Curve], float]:
    return lambda a, b: bjontegaard(_points(a, value), _points(b, value))


def _psnr_at_bytes(a: Curve, b: Curve) -> float:
    return value_apart(*(_points(curve, lambda row: row.psnr) for curve in (a, b)))


def _distance_at_bytes(a: Curve, b: Curve) -> float:
    logs = (_points(curve, lambda row: float(np.log(row.distance))) for curve in (a, b))
    return float(100 * np.expm1(value_apart(*logs)))


AT_A_QUALITY = {
    "bytes_%": _at_quality(lambda row: row.bytes, True),
    "psnr_dB": _at_quality(lambda row: row.psnr, False),
    "distance_%": _at_quality(lambda row: row.distance, True),
}
OVER_QUALITIES = {
    "bytes_at_equal_distance_%": _over_qualities(_bytes_at(lambda row: -row.distance)),
    "bytes_at_equal_psnr_%": _over_qualities(_bytes_at(lambda row: row.psnr)),
    "psnr_at_equal_bytes_dB": _over_qualities(_psnr_at_bytes),
    "distance_at_equal_bytes_%": _over_qualities(_distance_at_bytes),
}


def seed_comparisons(rows: Sequence[SeedStream], over: str) -> Iterator[SeedComparison]:
    """Compare each net with one of them, seed by seed and over the seeds that both have.

    Args:
        rows: Of one set; all nets of the same pictures and qualities.
        over: The net that the others are compared with.
    """
    seeds_of: dict[str, set[int]] = {}
    for row in rows:
        seeds_of.setdefault(row.model, set()).add(row.seed)
    for model in sorted(set(seeds_of) - {over}):
        common = sorted(seeds_of[model] & seeds_of.get(over, set()))
        groups = [[seed] for seed in common] + ([common] if len(common) > 1 else [])
        for seeds in groups:
            yield from _pair(rows, model, over, seeds)


def _pair(
    rows: Sequence[SeedStream], model: str, over: str, seeds: Sequence[int]
) -> Iterator[SeedComparison]:
    of = {(r.model, r.seed, r.picture, r.quality): r for r in rows}
    pictures = sorted({row.picture for row in rows})
    qualities = sorted({row.quality for row in rows})

    def compared(quality: str, measure: str, sums: Sums) -> SeedComparison:
        above, below = sums
        value = float(above.sum() / below.sum()) if below.any() else float("nan")
        low, high = crossed_interval(above, below)
        said = verdict(low, high) if measure.startswith("bytes") else ""
        named = "+".join(map(str, seeds))
        count = int(np.count_nonzero(below))
        measured = (quality, measure, count, value, low, high, said)
        return SeedComparison(rows[0].pictures, model, over, named, *measured)

    for quality in qualities:
        sides = [[[of[m, s, p, quality] for p in pictures] for s in seeds] for m in (model, over)]
        for measure, compare in AT_A_QUALITY.items():
            yield compared(str(quality), measure, compare(*sides))
    curves = [
        [[[of[m, s, p, q] for q in qualities] for p in pictures] for s in seeds]
        for m in (model, over)
    ]
    for measure, over_qualities in OVER_QUALITIES.items():
        yield compared(ALL, measure, over_qualities(*curves))

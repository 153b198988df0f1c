"""Differences of trained nets, paired by seed and picture."""

import numpy as np
import pytest

from benchmarks.rate_accuracy.measures import interval
from benchmarks.studies.captions import ALL
from benchmarks.studies.paired_seeds import SeedStream, crossed_interval, seed_comparisons

PICTURES, QUALITIES = 9, (10, 20, 30)


def streams(model, seed, factor=1.0, better=0.0):
    """Streams `factor` as large at pictures of equal PSNR and distance, or so many dB `better`."""
    return [
        SeedStream(
            model, "s", str(p), q, "true", round(size * factor), q + better, 1 / q, seed, "w"
        )
        for p in range(PICTURES)
        for q in QUALITIES
        for size in [1000 * q * (1 + p**2)]
    ]


def found(rows):
    return {(c.model, c.seeds, c.quality, c.measure): c for c in seed_comparisons(rows, "a")}


def test_one_seed_is_a_bootstrap_over_pictures():
    rng = np.random.default_rng(5)
    above, below = rng.normal(size=(1, 20)), rng.uniform(1, 2, (1, 20))
    assert crossed_interval(above, below) == pytest.approx(interval(above[0], below[0]))


def test_what_only_seeds_do_widens_the_interval():
    rng = np.random.default_rng(6)
    noise = rng.normal(size=(3, 30))
    apart = noise + np.array([[-2.0], [0.0], [2.0]])
    widths = [np.diff(crossed_interval(x, np.ones_like(x)))[0] for x in (noise, apart)]
    assert widths[1] > 3 * widths[0]
    low, high = crossed_interval(apart, np.ones_like(apart))
    assert low < -1.5 < 1.5 < high  # a mean of three seeds that lie 4 apart


def test_the_interval_covers_as_often_as_it_says():
    """Nothing but pictures differ: of 200 samples about 95 % hold the true mean."""
    rng, held = np.random.default_rng(7), 0
    for turn in range(200):
        values = np.repeat(rng.normal(size=(1, 40)), 3, axis=0)
        low, high = crossed_interval(values, np.ones_like(values), turn)
        held += low <= 0 <= high
    assert 180 <= held <= 198


def test_nothing_that_counts_has_no_interval():
    assert np.isnan(crossed_interval(np.zeros((2, 3)), np.zeros((2, 3)))).all()


def test_smaller_streams_of_every_seed_are_found():
    rows = [
        row
        for seed in (1, 2, 3)
        for model, factor in (("a", 1.0), ("b", 0.9), ("c", 1.0))
        for row in streams(model, seed, factor)
    ]
    of = found(rows)
    for seeds in ("1", "2", "3", "1+2+3"):
        for measure in ("bytes_at_equal_distance_%", "bytes_at_equal_psnr_%"):
            c = of["b", seeds, ALL, measure]
            assert (c.difference, c.low, c.high) == pytest.approx((-10, -10, -10), abs=0.01)
            assert (c.count, c.verdict) == (PICTURES * len(seeds.split("+")), "different")
            assert of["c", seeds, ALL, measure].verdict == "equivalent"
        assert of["b", seeds, "20", "bytes_%"].difference == pytest.approx(-10, abs=0.01)
        assert of["b", seeds, "20", "psnr_dB"].difference == 0
        assert of["b", seeds, ALL, "psnr_at_equal_bytes_dB"].difference > 0


def test_better_pictures_of_equal_bytes_are_found():
    of = found([*streams("a", 1), *streams("b", 1, better=1.5)])
    c = of["b", "1", ALL, "psnr_at_equal_bytes_dB"]
    assert (c.difference, c.low, c.high, c.verdict) == pytest.approx((1.5, 1.5, 1.5, ""))
    assert of["b", "1", ALL, "distance_at_equal_bytes_%"].difference == pytest.approx(0)


def test_only_seeds_that_both_nets_have_are_compared():
    rows = [row for seed in (1, 2) for row in streams("a", seed)] + streams("b", 2)
    assert {key[1] for key in found(rows)} == {"2"}
    assert not found(streams("b", 2))

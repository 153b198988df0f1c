"""Distances of sets of vectors, where they are known."""

import numpy as np
import pytest

from benchmarks.perception.distributions import frechet, mean_discrepancy, median_distance
from checks import check_rejects


def gaussian(mean, deviation, count=4000, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, len(mean))) * deviation + np.asarray(mean)


def test_a_set_is_no_way_from_itself():
    x = gaussian([0.0, 1.0, 2.0], [1.0, 2.0, 0.5])
    assert frechet(x, x) == pytest.approx(0.0, abs=1e-9)
    assert mean_discrepancy(x, x, 1.3) == pytest.approx(0.0, abs=1e-12)
    assert frechet(x, x[::-1]) == pytest.approx(0.0, abs=1e-9)


def test_frechet_of_gaussians_that_differ_in_mean_and_spread():
    """|m - n|^2 + sum of (s - t)^2 for axes that are the same."""
    x = gaussian([0.0, 0.0, 0.0], [1.0, 2.0, 0.5], 40_000)
    y = gaussian([1.0, -2.0, 0.0], [1.5, 2.0, 1.5], 40_000, 2)
    assert frechet(x, y) == pytest.approx(5.0 + 0.25 + 0.0 + 1.0, rel=0.02)
    assert frechet(x, y) == pytest.approx(frechet(y, x), rel=1e-9)


def test_frechet_of_axes_that_are_turned():
    """For 2x2 covariances tr (C D)^1/2 = sqrt(tr CD + 2 sqrt(det CD))."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(50, 2)) @ [[2, 1], [0, 1]], rng.normal(size=(60, 2)) @ [[1, -1], [0, 3]]
    c, d = np.cov(x.T), np.cov(y.T)
    root = np.sqrt(np.trace(c @ d) + 2 * np.sqrt(np.linalg.det(c @ d)))
    expected = np.square(x.mean(0) - y.mean(0)).sum() + np.trace(c) + np.trace(d) - 2 * root
    assert frechet(x, y) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("shift", [0.5, 1.0, 2.0])
def test_discrepancy_of_shifted_gaussians(shift):
    """2 (h^2 / (h^2 + 2 s^2))^(d/2) (1 - exp(-a^2 / 2 (h^2 + 2 s^2)))."""
    s, h, d = 0.8, 1.2, 3
    x = gaussian([0.0] * d, s)
    y = gaussian([shift, 0.0, 0.0], s, seed=2)
    wide = h**2 + 2 * s**2
    expected = 2 * (h**2 / wide) ** (d / 2) * (1 - np.exp(-(shift**2) / (2 * wide)))
    assert mean_discrepancy(x, y, h) == pytest.approx(expected, rel=0.05)


def test_discrepancy_of_equal_gaussians_is_about_zero_on_average():
    found = [
        mean_discrepancy(gaussian([0.0] * 2, 1.0, 50, n), gaussian([0.0] * 2, 1.0, 50, 99 + n), 1.0)
        for n in range(60)
    ]
    assert min(found) < 0 < max(found)
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(len(found))


def test_discrepancy_of_a_small_change_of_each_is_smaller_than_of_a_large_one():
    x = gaussian([0.0] * 4, 1.0, 300)
    noise = gaussian([0.0] * 4, 1.0, 300, 5)
    small, large = (mean_discrepancy(x, x + part * noise, 2.0) for part in (0.3, 1.0))
    assert 0 < small < large


def test_median_distance():
    assert median_distance(np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 0.1]])) == pytest.approx(
        np.hypot(3, 3.9)
    )


def test_too_few_vectors_are_refused():
    check_rejects(lambda: frechet(np.zeros((3, 4)), np.zeros((9, 4))), ValueError, "more than 4")

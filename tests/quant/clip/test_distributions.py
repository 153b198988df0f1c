"""ACIQ's numbers (Banner et al. 2019), and what they rest on: no other clip has less error."""

import numpy as np
import pytest

from tcsdk.quant.clip.distributions import GAUSS, LAPLACE, choose
from tcsdk.quant.clip.samples import Samples

pytestmark = pytest.mark.train

# Bits, Laplace a/b, the same after a ReLU, Gauss a/s, the same after a ReLU, relative errors.
ACIQ = [
    (2, 2.8307, 3.8972, 1.7106, 2.1516, 1.42e-1, 8.7e-2),
    (3, 3.8972, 5.0286, 2.1516, 2.5591, 5.99e-2, 3.14e-2),
    (4, 5.0286, 6.2048, 2.5591, 2.9362, 2.30e-2, 1.05e-2),
    (5, 6.2048, 7.4131, 2.9362, 3.2869, 8.29e-3, 3.32e-3),
    (6, 7.4131, 8.6456, 3.2869, 3.6151, 2.84e-3, 1.01e-3),
    (7, 8.6456, 9.8968, 3.6151, 3.9240, 9.36e-4, 3.00e-4),
    (8, 9.8968, 11.1627, 3.9240, 4.2163, 2.99e-4, 8.71e-5),
]
SIGNED = [(2, 2.00, 1.22), (3, 3.48, 1.96), (4, 4.82, 2.48)]


@pytest.mark.parametrize("row", ACIQ, ids=lambda row: f"{row[0]}bit")
def test_clips_are_the_published_ones(row):
    bits, laplace, laplace_relu, gauss, gauss_relu, _, _ = row
    assert LAPLACE.clip(bits) == pytest.approx(laplace, abs=5.1e-5)
    assert LAPLACE.clip_relu(bits) == pytest.approx(laplace_relu, abs=5.1e-5)
    assert GAUSS.clip(bits) == pytest.approx(gauss, abs=5.1e-5)
    assert GAUSS.clip_relu(bits) == pytest.approx(gauss_relu, abs=5.1e-5)


@pytest.mark.parametrize("row", ACIQ, ids=lambda row: f"{row[0]}bit")
def test_relative_errors_are_the_published_ones(row):
    assert LAPLACE.relative_error(row[0]) == pytest.approx(row[5], rel=6e-3)
    assert GAUSS.relative_error(row[0]) == pytest.approx(row[6], rel=6e-3)


@pytest.mark.parametrize(("bits", "laplace", "gauss"), SIGNED)
def test_grids_that_keep_zero_have_their_own_optimum(bits, laplace, gauss):
    assert LAPLACE.clip_signed(bits) == pytest.approx(laplace, abs=0.01)
    assert GAUSS.clip_signed(bits) == pytest.approx(gauss, abs=0.01)


@pytest.mark.parametrize("distribution", [LAPLACE, GAUSS], ids=["laplace", "gauss"])
def test_the_papers_clip_costs_most_at_two_bits(distribution):
    lost = [
        10
        * np.log10(
            distribution.signed_error(bits, distribution.clip(bits))
            / distribution.signed_error(bits, distribution.clip_signed(bits))
        )
        for bits in (2, 3, 4)
    ]
    assert lost[0] > 0.4 > lost[1] > lost[2] > 0


@pytest.mark.parametrize(
    ("distribution", "draw"), [(LAPLACE, "laplace"), (GAUSS, "normal")], ids=["laplace", "gauss"]
)
@pytest.mark.parametrize("mean", [-1.0, 0.0, 1.5])
def test_clip_after_a_relu_has_the_least_error_on_drawn_values(distribution, draw, mean):
    rng = np.random.default_rng(1)
    x = np.maximum(getattr(rng, draw)(mean, 1.0, 400_000), 0)

    def error(a):
        step = a / 15
        return np.mean((np.clip(np.rint(x / step), 0, 15) * step - x) ** 2)

    best = distribution.clip_relu(4, mean)
    assert error(best) < min(error(0.75 * best), error(1.35 * best))


def test_signed_error_is_that_of_drawn_values():
    x = np.random.default_rng(2).laplace(0, 1, 400_000)
    a = LAPLACE.clip_signed(3)
    drawn = np.mean((np.clip(np.rint(x / (a / 3)), -3, 3) * (a / 3) - x) ** 2) / 2
    assert LAPLACE.signed_error(3, a) == pytest.approx(drawn, rel=0.02)


@pytest.mark.parametrize(
    ("draw", "expected"), [("laplace", LAPLACE), ("normal", GAUSS)], ids=["laplace", "gauss"]
)
def test_the_likelier_distribution_is_chosen(draw, expected):
    rows = Samples.of_rows(getattr(np.random.default_rng(3), draw)(0.5, 2.0, (8, 4000)))
    assert choose(rows, rows.mean()) is expected


@pytest.mark.parametrize("bits", [1, 9, 0, -3, 2.5, True])
def test_bits_outside_two_to_eight_are_refused(bits):
    with pytest.raises(ValueError, match=r"whole number 2\.\.8"):
        LAPLACE.clip(bits)

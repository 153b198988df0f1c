import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcsdk.export.entropy.tables import (
    ENTRIES,
    blend,
    gaussian_row,
    hyper_row,
    low_bits,
    median,
    quantise_frequencies,
    residual_masses,
    residual_shifts,
    row_starts,
)

pytestmark = pytest.mark.train


@given(st.lists(st.floats(0, 1), min_size=2, max_size=32), st.integers(12, 15))
def test_frequencies_are_positive_and_complete(mass, precision):
    mass = np.array(mass) + 1e-6
    frequency = quantise_frequencies(mass, precision)
    assert frequency.min() >= 1
    assert frequency.sum() == 1 << precision


def test_frequencies_cost_little_over_the_entropy():
    mass = gaussian_row(1.3, 0)
    frequency = quantise_frequencies(mass, 14) / 2**14
    present = mass > 0
    entropy = -(mass[present] * np.log2(mass[present])).sum()
    cost = -(mass * np.log2(frequency)).sum()
    assert cost - entropy < 0.004 * entropy


@pytest.mark.parametrize("sigma", [0.11, 1.0, 5.0, 256.0])
def test_gaussian_row_is_a_distribution_that_seldom_escapes(sigma):
    row = gaussian_row(sigma, low_bits(sigma))
    assert len(row) == ENTRIES
    assert row.sum() == pytest.approx(1.0)
    assert row[-1] < 2e-3


def test_residual_tables_start_at_zero_and_rise():
    sigmas = np.geomspace(0.11, 256, 64)
    shifts, table = residual_shifts(sigmas), row_starts(residual_masses(sigmas), 14)
    assert table.shape == (64, ENTRIES)
    assert (table[:, 0] == 0).all()
    assert (np.diff(table.astype(int), axis=1) >= 1).all()
    assert (np.diff(shifts.astype(int)) >= 0).all()


def test_hyper_row_is_centred_on_the_median():
    mass = np.zeros(255)
    mass[127 + 40 : 127 + 43] = [0.2, 0.5, 0.3]
    centre = median(mass, -127)
    assert centre == 41
    table = hyper_row(mass, -127, centre, 14)
    frequency = np.diff(np.append(table.astype(int), 1 << 14))
    assert frequency.argmax() == 15


def test_counts_outweigh_the_density_where_there_are_many():
    mass = np.array([0.5, 0.5])
    assert blend(mass, np.array([0, 0]), 10.0).tolist() == [0.5, 0.5]
    assert blend(mass, np.array([990, 0]), 10.0) == pytest.approx([0.995, 0.005])

"""Numbers that become whole, and what they cost."""

import numpy as np
import pytest

from tcsdk.refining.rates import bits_by_row
from tcsdk.refining.rounding import Annealing


def annealing(values, steps=60, seed=1):
    return Annealing(np.array(values, np.float32), steps, np.random.default_rng(seed))


def test_what_is_mixed_lies_between_two_whole_numbers():
    numbers = annealing([0.2, -1.7, 3.0, -0.5])
    below, above = numbers.mixed()
    assert below.tolist() == [0, -2, 3, -1]
    assert ((above >= 0) & (above <= 1)).all()


def test_near_numbers_are_the_likelier_the_more_so_the_later():
    early, late = annealing(np.full(4000, 0.2)), annealing(np.full(4000, 0.2))
    late._step = 59
    (_, first), (_, last) = early.mixed(), late.mixed()
    assert (last > 0.5).mean() < 0.05 < (first > 0.5).mean() < 0.5
    assert ((last > 0.02) & (last < 0.98)).mean() < ((first > 0.02) & (first < 0.98)).mean()


def test_a_sum_of_squares_is_brought_to_its_least():
    wanted = np.array([2.0, -1.0, 0.0, 4.0] * 8)
    numbers = annealing(wanted + np.random.default_rng(2).uniform(-0.9, 0.9, 32), 200)
    for _ in range(200):
        below, above = numbers.mixed()
        numbers.move((2 * (below + above - wanted)).astype(np.float32))
    assert (numbers.whole() == wanted).mean() > 0.9


def test_the_same_chance_gives_the_same_numbers():
    results = []
    for _ in range(2):
        numbers = annealing(np.linspace(-3, 3, 40), 20, seed=7)
        for _ in range(20):
            below, above = numbers.mixed()
            numbers.move((below + above).astype(np.float32))
        results.append(numbers.whole())
    np.testing.assert_array_equal(*results)


def test_bits_grow_with_the_number_and_never_end():
    table = bits_by_row()
    assert table.shape == (64, 513)
    assert (np.diff(table, axis=1) >= -1e-4).all()
    assert np.isfinite(table).all()


@pytest.mark.train
def test_bits_are_those_of_training():
    import torch

    from tcsdk.models.codecs.likelihood import gaussian_bits

    rows, numbers = np.meshgrid(np.arange(64), np.arange(513), indexing="ij")
    bits = gaussian_bits(torch.from_numpy(numbers).double(), torch.from_numpy(rows).double())
    np.testing.assert_allclose(bits_by_row(), bits.numpy(), rtol=1e-3, atol=1e-4)

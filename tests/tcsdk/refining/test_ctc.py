"""What a text costs a recogniser, against all ways to say it."""

from itertools import product

import numpy as np
import pytest

from tcsdk.refining.ctc import BLANK, ctc_loss, log_softmax


def said(path):
    """What a path of classes says: repeats count once, blanks nothing."""
    return [c for k, c in enumerate(path) if c != BLANK and (k == 0 or c != path[k - 1])]


def by_all_paths(logits, target):
    """The cost by its definition: the probability of every path that says the text, summed."""
    log_p = log_softmax(logits)
    steps, classes = log_p.shape
    ways = [p for p in product(range(classes), repeat=steps) if said(p) == list(target)]
    return -np.log(sum(np.exp(sum(log_p[k, c] for k, c in enumerate(p))) for p in ways))


@pytest.mark.parametrize("target", [[], [1], [1, 2], [1, 1], [2, 1, 2]])
def test_it_is_the_probability_of_all_paths(target):
    logits = np.random.default_rng(len(target)).normal(0, 2, (5, 3))
    cost, _ = ctc_loss(logits, target)
    assert cost == pytest.approx(by_all_paths(logits, target))


@pytest.mark.parametrize("target", [[], [3], [3, 3, 4, 5], [5, 4, 4, 4, 1]])
def test_the_gradient_is_that_of_the_cost(target):
    rng = np.random.default_rng(3)
    logits, step = rng.normal(0, 2, (14, 7)), rng.normal(0, 1, (14, 7))
    _, slope = ctc_loss(logits, target)
    (more, _), (less, _) = (ctc_loss(logits + e * step, target) for e in (1e-5, -1e-5))
    assert (slope * step).sum() == pytest.approx((more - less) / 2e-5, rel=1e-5)


def test_a_text_that_cannot_fit_costs_nothing():
    cost, slope = ctc_loss(np.zeros((4, 3)), [1, 1, 1])
    assert cost == 0.0
    assert not slope.any()


def test_what_is_said_surely_costs_next_to_nothing():
    logits = np.full((6, 4), -20.0)
    logits[np.arange(6), [0, 1, 0, 2, 2, 0]] = 20.0
    cost, slope = ctc_loss(logits, [1, 2])
    assert cost == pytest.approx(0.0, abs=1e-9)
    assert np.abs(slope).max() < 1e-9

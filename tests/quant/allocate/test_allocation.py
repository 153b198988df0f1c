import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcsdk.quant.allocate.allocation import channel_bits, complete, descend, within_bits
from tcsdk.quant.allocate.plan import Request, within_loss

pytestmark = pytest.mark.train


def falling(cost):
    """A layer that loses `cost` at two bits and a quarter with each further bit."""
    return {bits: cost / 4.0 ** (bits - 2) for bits in range(2, 9)}


def test_a_channels_bins_grow_with_its_clip_to_the_two_thirds():
    clips = np.array([1.0, 8.0, 64.0])
    bits = channel_bits(clips, 5).astype(int)
    assert np.diff(bits).tolist() == [2, 2]  # 8^(2/3) = 4 times the bins


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=40), st.integers(2, 8))
def test_channels_spend_no_more_bits_than_there_are(clips, bits):
    found = channel_bits(np.array(clips), bits)
    assert found.sum() <= bits * len(clips)
    assert found.min() >= 2
    assert found.max() <= 8


def test_the_channel_rule_has_less_error_than_equal_bits():
    clips = np.geomspace(0.1, 10, 32)
    noise = clips**2 / 4.0 ** channel_bits(clips, 4)
    assert noise.sum() < 0.8 * (clips**2 / 4.0**4).sum()


def test_losses_between_measured_widths_fall_by_a_factor_of_four_a_bit():
    found = complete({2: 16.0, 4: 1.0})
    assert found[3] == pytest.approx(4.0)
    assert found[6] == pytest.approx(1 / 16)


def test_losses_never_rise_with_bits_nor_fall_below_zero():
    found = complete({2: 1.0, 3: 3.0, 4: -0.5, 6: 0.01})
    values = [found[bits] for bits in range(2, 9)]
    assert values == sorted(values, reverse=True)
    assert min(values) > 0


def test_bits_go_where_they_matter_and_the_budget_holds():
    sensitivity = {"deaf": falling(0.01), "keen": falling(100.0)}
    plan = within_bits(sensitivity, {"deaf": 1000, "keen": 1000}, 8000)
    assert plan["keen"] > 4 > plan["deaf"]
    assert sum(plan.values()) * 1000 <= 8000


def test_the_plan_is_as_good_as_the_best_of_all():
    rng = np.random.default_rng(0)
    sensitivity = {
        name: falling(float(c)) for name, c in zip("abc", rng.uniform(1, 50, 3), strict=True)
    }
    parameters = {"a": 300, "b": 500, "c": 200}
    plan = within_bits(sensitivity, parameters, 4000)

    def loss(p):
        return sum(sensitivity[name][p[name]] for name in p)

    every = [dict(zip("abc", p, strict=True)) for p in np.ndindex(7, 7, 7)]
    every = [{n: b + 2 for n, b in p.items()} for p in every]
    best = min(loss(p) for p in every if sum(p[n] * parameters[n] for n in p) <= 4000)
    assert loss(plan) <= 1.25 * best


def test_the_descent_ends_at_two_bits_everywhere():
    plans = list(descend({"a": falling(1.0), "b": falling(2.0)}, {"a": 10, "b": 10}))
    assert plans[0] == {"a": 8, "b": 8}
    assert plans[-1] == {"a": 2, "b": 2}
    totals = [sum(p.values()) for p in plans]
    assert totals == sorted(set(totals), reverse=True)


def test_budgets_below_two_bits_are_refused():
    with pytest.raises(ValueError, match="at least 2000 bits"):
        within_bits({"a": falling(1.0)}, {"a": 1000}, 1999)


def test_the_smallest_plan_within_a_loss_is_found_and_none_is_named():
    class Weight:
        name = "a"

        @staticmethod
        def numel():
            return 10

    layer = type("L", (), {"name": "a", "weight": Weight})()
    sensitivity = {"a": falling(64.0)}
    plan = within_loss([layer], 5.0, lambda: sensitivity, lambda p: sensitivity["a"][p["a"]])
    assert plan == {"a": 4}
    with pytest.raises(ValueError, match=r"max_loss of at least 0\.01562.*got 0\.001"):
        within_loss([layer], 0.001, lambda: sensitivity, lambda p: sensitivity["a"][p["a"]])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "got none"),
        ({"bits": 4, "max_mb": 1.0}, "got bits, max_mb"),
        ({"bits": 1}, r"2\.\.8, got 1"),
        ({"bits": 9}, r"2\.\.8, got 9"),
        ({"max_mb": 0.0}, "max_mb above zero"),
        ({"max_loss": float("nan")}, "max_loss above zero"),
    ],
)
def test_unclear_requests_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        Request(**arguments)

import numpy as np
import pytest

from tcsdk.train.render import Assets
from tcsdk.train.super_resolution.pairs import BINS, HIGH, LONGEST, LOW, make_pair

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def assets():
    return Assets.load("train")


def test_pairs_have_textzooms_sizes_and_say_a_word(assets):
    for index, blur in enumerate(BINS):
        pair = make_pair(assets, np.random.default_rng((5, index)), blur)
        assert pair.low.shape == (*LOW, 3)
        assert pair.high.shape == (*HIGH, 3)
        assert pair.bin == blur
        assert " " not in pair.text
        assert any(c.isalnum() for c in pair.text)
        assert len(pair.text) <= LONGEST


def test_a_pair_repeats(assets):
    one, other = (make_pair(assets, np.random.default_rng(7), "hard") for _ in range(2))
    np.testing.assert_array_equal(one.low, other.low)
    np.testing.assert_array_equal(one.high, other.high)
    assert one.text == other.text


def test_both_crops_show_the_same_word(assets):
    """The large crop made smaller is much nearer to its own small one than to another's."""
    pairs = [make_pair(assets, np.random.default_rng((9, i)), "easy") for i in range(8)]

    def pattern(crop):
        grey = crop.astype(float).mean(2)
        small = grey.reshape(8, grey.shape[0] // 8, 32, grey.shape[1] // 32).mean((1, 3))
        return (small - small.mean()) / small.std()

    lows, highs = ([pattern(getattr(p, name)) for p in pairs] for name in ("low", "high"))
    likeness = np.array([[(a * b).mean() for b in highs] for a in lows])
    assert (likeness.argmax(1) == np.arange(len(pairs))).mean() >= 0.75


def test_harder_bins_are_blurred_more(assets):
    def sharpness(blur):
        crops = [make_pair(assets, np.random.default_rng((11, i)), blur).low for i in range(12)]
        return np.mean([np.abs(np.diff(crop.astype(float), axis=1)).mean() for crop in crops])

    assert sharpness("easy") > sharpness("medium") > sharpness("hard")

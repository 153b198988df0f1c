import numpy as np
import pytest
from support.small_model import smooth_picture

from benchmarks.pages import demo_picture
from benchmarks.sets import Picture

pytestmark = pytest.mark.train


def row(name, ratio, free=True):
    image = smooth_picture(16, 16)
    picture = Picture(name, image, (), np.zeros(image.shape[:2], bool))
    return demo_picture.Compared(picture, free, 100, 100 * ratio)


def test_the_picture_nearest_to_the_median_of_all_is_chosen_and_never_a_photograph():
    rows = [row("a", 1), row("b", 2.1), row("c", 3, free=False), row("d", 4), row("e", np.inf)]
    assert demo_picture.nearest_to_median(rows).picture.name == "d"
    assert demo_picture.nearest_to_median(rows[:3]).picture.name == "b"


def test_a_codec_that_never_reads_so_well_counts_as_the_larger_one():
    assert row("a", np.inf).ratio == np.inf
    assert demo_picture.Compared(row("a", 1).picture, True, np.inf, 500).ratio == 0

import numpy as np
import pytest

from benchmarks.sets import places

pytestmark = pytest.mark.train


def box(left, top, right, bottom):
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def test_overlap_is_intersection_over_union():
    one, shifted, apart = box(0, 0, 10, 10), box(5, 0, 15, 10), box(20, 20, 30, 30)
    assert places.overlap([one], [one, shifted, apart])[0] == pytest.approx([1, 1 / 3, 0])


def test_overlap_does_not_depend_on_the_corner_that_comes_first():
    assert places.overlap([box(0, 0, 9, 4)], [np.roll(box(0, 0, 9, 4), 1, 0)]) == pytest.approx(1.0)


def test_overlap_of_nothing_is_an_empty_table():
    assert places.overlap([], [box(0, 0, 1, 1)]).shape == (0, 1)


def test_words_are_cut_in_proportion_to_characters():
    (first, one), (second, two) = places.cut_words("abc defghi", box(0, 0, 100, 20))
    assert (first, second) == ("abc", "defghi")
    assert one == pytest.approx(box(0, 0, 30, 20))
    assert two == pytest.approx(box(40, 0, 100, 20))


def test_a_word_twice_in_a_line_stands_in_two_places():
    (_, one), (_, two) = places.cut_words("la la", box(0, 0, 50, 10))
    assert one[0, 0] == 0
    assert two[0, 0] == pytest.approx(30)


def test_reading_order_goes_by_rows_and_forgives_slight_slants():
    words = [
        ("d", box(60, 31, 80, 41)),
        ("b", box(60, 3, 80, 13)),
        ("c", box(0, 28, 20, 38)),
        ("a", box(0, 0, 20, 10)),
    ]
    assert places.in_reading_order(words) == "a b\nc d"


def test_share_inside_counts_pixels_of_the_quad():
    mask = places.mask_of([box(0, 0, 10, 20)], (20, 40))
    assert mask.sum() == pytest.approx(200, abs=40)
    assert places.share_inside(box(2, 2, 8, 18), mask) == 1.0
    assert places.share_inside(box(20, 2, 30, 18), mask) == 0.0
    assert places.share_inside(box(100, 100, 101, 101), mask) == 0.0

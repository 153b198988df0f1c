"""Boxes that cover the same text."""

import numpy as np
import pytest

from tcsdk.reading.overlaps import joined, repeated


def box(left, top, right, bottom):
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def turned(corners, degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return (corners @ np.array([(c, s), (-s, c)])).astype(np.float32)


WHOLE = box(0, 0, 300, 40)
IN_TWO = [box(0, 0, 180, 40), box(160, 0, 300, 40)]


@pytest.mark.parametrize("degrees", [0, 3, -10])
@pytest.mark.parametrize("order", [1, -1])
def test_parts_of_a_line_that_share_a_figure_become_one_box(degrees, order):
    (came,) = joined([turned(part, degrees) for part in IN_TWO[::order]])
    np.testing.assert_allclose(came, turned(WHOLE, degrees), atol=0.01)


def test_a_line_that_runs_down_keeps_the_corners_order():
    (came,) = joined([box(0, 0, 40, 180), box(0, 160, 40, 300)])
    np.testing.assert_allclose(came, box(0, 0, 40, 300), atol=0.01)


def test_a_box_within_a_line_is_joined_to_it():
    (came,) = joined([box(100, 4, 130, 38), WHOLE])
    np.testing.assert_allclose(came, WHOLE, atol=0.01)


def test_a_join_that_reaches_a_third_box_takes_it_in():
    parts = [box(0, 0, 120, 40), box(200, 0, 300, 40), box(110, 0, 210, 40)]
    (came,) = joined(parts)
    np.testing.assert_allclose(came, WHOLE, atol=0.01)


@pytest.mark.parametrize(
    "other",
    [
        box(301, 0, 400, 40),  # beside it
        box(0, 28, 300, 68),  # the next line, whose margin reaches into this one
        box(290, 20, 330, 40),  # a small unit behind it
    ],
    ids=["beside", "below", "smaller"],
)
def test_other_lines_stay_boxes_of_their_own(other):
    came = joined([WHOLE, other])
    assert len(came) == 2
    assert came[0] is WHOLE
    assert came[1] is other


def test_no_boxes_are_none():
    assert joined([]) == []


def test_a_line_within_another_that_says_the_same_repeats_it():
    boxes = [WHOLE, box(100, 10, 130, 30), box(100, 10, 130, 30), box(0, 100, 30, 120)]
    found = repeated(boxes, ["40 718", "07", "8 B", "07"], [0.9, 1.0, 1.0, 1.0])
    assert found == [False, True, False, False]


def test_of_two_equal_lines_the_surer_stays():
    assert repeated([WHOLE, WHOLE], ["407", "407"], [0.8, 0.9]) == [True, False]

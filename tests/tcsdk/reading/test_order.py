"""The order of lines on pages that lie any way round."""

import numpy as np
import pytest

from tcsdk.reading.boxes import from_text, run_down
from tcsdk.reading.order import reading_order

# Left, top, right, bottom of a page of 400x300 in reading order: two columns, the right 6 lower.
ROWS = [
    (10, 10, 200, 40),
    (250, 16, 380, 46),
    (10, 60, 90, 90),
    (250, 66, 280, 96),
    (10, 110, 390, 140),
]


def page(degrees):
    """Corners clockwise from the text's top left, the page turned clockwise about its middle."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    boxes = [np.array([(x, t), (r, t), (r, b), (x, b)], np.float32) for x, t, r, b in ROWS]
    middle = np.array([200, 150], np.float32)
    return [(box - middle) @ np.array([(c, s), (-s, c)], np.float32) + middle for box in boxes]


@pytest.mark.parametrize("degrees", [0, 90, 180, 270, 4, -4, 94, 176])
def test_rows_are_read_from_their_beginning_whichever_way_the_page_lies(degrees):
    boxes = page(degrees)
    shuffled = [3, 0, 4, 2, 1]
    assert [shuffled[k] for k in reading_order([boxes[k] for k in shuffled])] == [0, 1, 2, 3, 4]


def test_a_line_along_the_margin_does_not_turn_the_page():
    boxes = [*page(0), page(90)[0]]
    came = [k for k in reading_order(boxes) if k != 5]
    assert came == [0, 1, 2, 3, 4]


def test_nothing_is_in_order():
    assert reading_order([]) == []


def box(width, height):
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)


def test_narrow_figures_run_as_their_page_does():
    """A 1 alone is twice as high as wide; two figures of a page on its side as wide as high."""
    one, two_turned = box(20, 40), box(40, 44)
    assert run_down([box(300, 40), one]) == [False, False]
    assert run_down([box(40, 300), two_turned]) == [True, True]
    assert run_down([box(300, 40), box(40, 200)]) == [False, True]
    assert run_down([box(40, 80)]) == [True]
    assert run_down([]) == []


@pytest.mark.parametrize(
    ("runs_down", "turned", "first"), [(0, 0, 0), (1, 0, 1), (0, 1, 2), (1, 1, 3)]
)
def test_corners_begin_where_the_text_does(runs_down, turned, first):
    """rapidocr's crops are turned anticlockwise: a line that runs down begins at the right."""
    corners = box(300, 40)
    came = from_text(corners, bool(runs_down), bool(turned))
    assert came[0].tolist() == corners[first].tolist()
    assert came[1].tolist() == corners[(first + 1) % 4].tolist()

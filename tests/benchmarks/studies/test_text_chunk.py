"""The study of sent text: what counts as a code, and the order in which people read."""

import numpy as np
import pytest

from benchmarks.studies import text_chunk
from tcsdk._kernels import places_of_corners

pytestmark = pytest.mark.train


def box(x, y, width, height):
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def test_lines_are_read_by_rows_and_from_the_left():
    boxes = [
        box(300, 104, 90, 20),
        box(20, 200, 50, 24),
        box(20, 100, 200, 22),
        box(90, 198, 40, 20),
    ]
    places = places_of_corners(np.array(boxes, np.float64))
    assert text_chunk.reading_order(places) == [2, 0, 1, 3]


@pytest.mark.parametrize("text", ["123", "AB-12", "4.50", "X17"])
def test_figures_make_a_code(text):
    assert text_chunk.is_code(text)


@pytest.mark.parametrize("text", ["12", "EXIT", "Room 7"])
def test_words_and_short_numbers_are_none(text):
    assert not text_chunk.is_code(text)


def test_a_line_on_the_grid_is_where_it_was():
    sample = text_chunk.Sample("one", ("a",), np.array([box(100, 100, 80, 20)], np.float64))
    assert text_chunk.moved(sample)[0] < 0.2

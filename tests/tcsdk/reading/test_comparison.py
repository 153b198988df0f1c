"""Lines of two pictures, compared."""

from __future__ import annotations

import numpy as np
import pytest

from tcsdk import TextLine
from tcsdk.reading.comparison import compare


def line(text, x, y=10, width=100, height=20):
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return TextLine(text, np.float32(corners), 0.95)


COMPARED = [
    ([line("A 12", 0)], [line("A12", 3)], []),
    ([line("A·12-B", 0)], [line("A.12 B.", 3)], []),
    ([line("a12", 0)], [line("A12", 3)], [("a12", "A12")]),
    ([line("A12", 0)], [line("A17", 3)], [("A12", "A17")]),
    ([line("A12", 0)], [], [("A12", "")]),
    ([line("A12", 0)], [line("A12", 300)], [("A12", "")]),
    ([line("left right", 0)], [line("right", 55, width=45), line("left", 1, width=44)], []),
    ([line("one", 0), line("two", 0, y=60)], [line("two", 0, y=61), line("one", 2)], []),
    ([line("one", 0)], [line("one", 0), line("new", 0, y=80)], []),
    ([line("7", 60, width=20), line("4", 0, width=20)], [line("47", 0)], []),
    (
        [line("4", 0, width=20), line("7", 60, width=20)],
        [line("41", 0)],
        [("4", "41"), ("7", "41")],
    ),
    ([line("4", 0, width=20), line("7", 60, width=20)], [line("4", 0, width=30)], [("7", "")]),
]


@pytest.mark.parametrize(("expected", "came", "differing"), COMPARED)
def test_lines_are_compared_in_their_places(expected, came, differing):
    assert [(d.original, d.decoded) for d in compare(expected, came)] == differing

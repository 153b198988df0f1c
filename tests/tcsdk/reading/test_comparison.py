"""Two readings of a line, compared."""

from __future__ import annotations

import numpy as np
import pytest

from tcsdk.reading.comparison import LineDifference, agree, differing_parts


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("A 12", "A12", True),
        ("A·12-B", "A.12 B.", True),
        ("a12", "A12", False),
        ("A12", "A17", False),
        ("A12", "", False),
    ],
)
def test_letters_and_digits_are_compared(one, other, same):
    assert agree(one, other) == same
    assert (differing_parts(other, one) == []) == same


@pytest.mark.parametrize(
    ("said", "expected", "parts"),
    [
        ("0023456789", "0123456789", [(0.0, 0.3)]),
        ("012345678", "0123456789", [(0.8, 1.0)]),
        ("01234x56789", "0123456789", [(0.4, 0.6)]),
        ("", "0123456789", [(0.0, 1.0)]),
        ("9123456780", "0123456789", [(0.0, 0.2), (0.8, 1.0)]),
        ("ab", "- a c -", [(2 / 7, 1.0)]),
    ],
)
def test_places_that_differ_have_a_character_beside_them(said, expected, parts):
    np.testing.assert_allclose(differing_parts(said, expected), parts)


def test_a_difference_says_what_and_where():
    assert str(LineDifference("A 12", "", (1, 2, 30, 4))) == '"A 12" is not read (at 1,2, 30x4)'

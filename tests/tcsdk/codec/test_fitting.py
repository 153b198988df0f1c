"""Lines are cut at spaces where the format's grid would draw their letters beside themselves."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tcsdk._kernels import GlyphAtlas, corners_of_places, places_of_corners
from tcsdk.codec.fitting import fitted_parts

FILE = Path(__file__).parents[3] / "zoo" / "textboost" / "atlas.tcsg"
ATLAS = GlyphAtlas(FILE.read_bytes())


def corners(length: float, height: float = 12.0, x: float = 30.0, y: float = 40.0) -> np.ndarray:
    return np.array([(x, y), (x + length, y), (x + length, y + height), (x, y + height)])


def length_of(box: np.ndarray) -> float:
    return float(np.linalg.norm(box[[1, 2]].mean(0) - box[[0, 3]].mean(0)))


def parts(text: str, box: np.ndarray) -> list[tuple[str, np.ndarray]]:
    return list(fitted_parts(ATLAS, text, box))


def test_a_line_whose_length_the_grid_has_is_left_whole():
    ((text, box),) = parts("a line of many words", corners(256.0))
    assert text == "a line of many words"
    assert np.array_equal(box, corners(256.0))


def test_a_line_between_two_lengths_of_the_grid_is_cut():
    long = "a line of so many words that it is long"
    made = parts(long, corners(288.0))
    assert len(made) > 1
    assert " ".join(text for text, _ in made) == long
    lefts = [box[0, 0] for _, box in made]
    assert lefts == sorted(lefts)
    assert made[0][1][0, 0] >= 30.0
    assert made[-1][1][1, 0] <= 318.0


def test_one_word_is_never_cut():
    assert [text for text, _ in parts("indivisible", corners(115.0))] == ["indivisible"]


def test_spaces_alone_are_no_line():
    assert parts("  ", corners(100.0)) == []


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text("aiMW1.", min_size=1, max_size=9), min_size=1, max_size=8),
    st.floats(20, 600),
    st.floats(6, 30),
)
def test_nothing_that_could_be_cut_is_off_by_more_than_it_should_be(words, length, height):
    made = parts(" ".join(words), corners(length, height))
    assert [word for text, _ in made for word in text.split()] == words
    for text, box in made:
        placed = corners_of_places(places_of_corners(box[None]))[0]
        off = abs(length_of(placed) - length_of(box)) / 2
        assert " " not in text or off * len(text) <= 0.4 * length_of(box) + 1e-6
        assert len(made) == 1 or length_of(placed) <= 1.05 * length_of(box) + 1e-6


def test_parts_stand_beside_each_other():
    made = parts("a line of so many words that it is long", corners(288.0))
    places = [corners_of_places(places_of_corners(box[None]))[0] for _, box in made]
    for one, other in pairwise(places):
        assert other[0, 0] - one[1, 0] > -4  # a step of the grid

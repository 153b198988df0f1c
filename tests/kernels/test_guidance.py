"""Sent lines are drawn as the specification says, the same in every window and on every machine."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels.reference_guidance import Place

from checks import check_rejects, check_safe
from kernels import reference_guidance as reference
from tcsdk import errors
from tcsdk._kernels import GlyphAtlas, draw_guidance, which_guide

FILE = Path(__file__).parents[2] / "zoo" / "textboost" / "atlas.tcsg"
DATA = FILE.read_bytes()
ATLAS, TWIN = GlyphAtlas(DATA), reference.Atlas.of(DATA)
SIZE = (160, 96)
WHOLE = (0, 0, *SIZE)

places = st.builds(
    Place,
    st.integers(-10, 50),
    st.integers(-5, 30),
    st.integers(6, 15),
    st.integers(3, 20),
    st.integers(0, 255),
)
texts = st.text(st.sampled_from("aWi. -gÅ8漢é\u0301"), min_size=1, max_size=8)
some_lines = st.lists(st.tuples(texts, places), min_size=1, max_size=3)
boxes = st.tuples(
    st.integers(0, SIZE[0] - 1), st.integers(0, SIZE[1] - 1), st.integers(1, 60), st.integers(1, 60)
)


def drawn(lines, box=WHOLE, size=SIZE) -> np.ndarray:
    grid = np.array([place for _, place in lines], np.int32).reshape(-1, 5)
    planes = draw_guidance(ATLAS, [text for text, _ in lines], grid, *size, box)
    return np.zeros((2, box[3], box[2]), np.uint8) if planes is None else planes


@settings(max_examples=40, deadline=None)
@given(some_lines, boxes)
def test_a_window_is_what_is_cut_from_the_whole(lines, box):
    x, y, width, height = box
    wide = drawn(lines, (0, 0, x + width, y + height))
    assert np.array_equal(drawn(lines, box), wide[:, y:, x:])


@settings(max_examples=25, deadline=None)
@given(some_lines, boxes)
def test_every_pixel_is_that_of_the_specification(lines, box):
    expected = reference.draw(TWIN, lines, SIZE, box)
    got = drawn(lines, box)
    assert np.array_equal(got, np.zeros_like(got) if expected is None else expected)


@settings(max_examples=60, deadline=None)
@given(some_lines, st.integers(1, 2000), st.integers(1, 2000))
def test_small_letters_guide_and_large_ones_do_not(lines, width, height):
    grid = np.array([place for _, place in lines], np.int32)
    said = which_guide([text for text, _ in lines], grid, width, height)
    assert said.tolist() == [reference.guides(*line, width, height) for line in lines]


def test_letters_are_white_upright_and_where_they_should_be():
    line = ("HI", Place(5, 10, 10, 12, 0))  # x 20..36, y 35..45
    letters, reach = drawn([line])
    rows, columns = np.nonzero(letters)
    assert (rows.min(), rows.max()) == (37, 42)  # 70 and 55 256ths of 10 stay empty
    assert (columns.min(), columns.max()) == (22, 33)
    assert letters.max() > 200  # strokes are narrower than a pixel
    assert reach[40, 28] == 255
    assert letters[reach == 0].sum() == 0


def test_a_line_that_stands_on_its_head_is_the_same_turned():
    upright, turned = (drawn([("Lg", Place(20, 12, 10, 11, angle))])[0] for angle in (0, 128))
    assert upright.any()
    assert np.array_equal(upright[:, 80:], turned[::-1, ::-1][:, 80:])  # about (80, 48)


def test_a_missing_glyph_guides_nothing():
    assert drawn([("漢字", Place(5, 10, 10, 12, 0))]).sum() == 0
    mixed = drawn([("A漢", Place(5, 10, 10, 12, 0))])
    assert mixed[1, 40, 24] == 255
    assert mixed[:, :, 28:].sum() == 0  # not even its surroundings


def test_nothing_is_drawn_without_text():
    assert draw_guidance(ATLAS, [], np.zeros((0, 5), np.int32), *SIZE, WHOLE) is None
    assert draw_guidance(ATLAS, [" "], np.array([[5, 5, 9, 9, 0]], np.int32), *SIZE, WHOLE) is None


def test_all_machines_draw_the_same():
    lines = [("Exit 24 m", Place(3, 6, 10, 19, 3)), ("Größe", Place(8, 16, 11, 17, 250))]
    digest = hashlib.sha256(drawn(lines).tobytes()).hexdigest()
    assert digest == "d42952a64b5c8f312a40c8f1ba2c63617b1890529926452642977b5ff09bf17c"


def test_advances_are_the_columns_between_letters():
    assert ATLAS.advances("A漢").tolist() == [TWIN.glyphs["A"].advance, TWIN.blank]
    assert ord("A") in ATLAS
    assert ord("漢") not in ATLAS
    assert len(ATLAS) == len(TWIN.glyphs)


def with_byte(at: int, value: int) -> bytes:
    return DATA[:at] + bytes([value]) + DATA[at + 1 :]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        DATA[:13],
        with_byte(0, 0),
        with_byte(4, 2),  # of a newer version
        with_byte(6, 200),  # small letters below the baseline
        with_byte(8, 0),  # no advance
        with_byte(9, 128),  # no room between the margins
        with_byte(20, 255),  # ink beyond its cell
        with_byte(23, 1),  # what ends a glyph's row
        DATA + b"\0",
        DATA[:-1],
    ],
)
def test_a_broken_atlas_is_refused(data):
    check_rejects(lambda: GlyphAtlas(data), errors.GlyphAtlasError, "atlas")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 200), st.integers(0, 255))
def test_any_byte_may_be_another(at, value):
    check_safe(lambda: GlyphAtlas(with_byte(at, value)))


def test_what_is_no_place_is_refused():
    far = np.array([[0, 0, 51, 3, 0]], np.int32)
    check_rejects(lambda: which_guide(["a"], far, 9, 9), ValueError, "place")
    check_rejects(lambda: which_guide(["\ud800"], far, 9, 9), TypeError, "strings")

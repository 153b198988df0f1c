"""How large text is, from what a detector that was taught by rule says at several sizes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcsdk.codec.legibility import legibility
from tcsdk.codec.text_size import TextPlanes, text_sizes

SHAPE = (512, 768)  # pixels


def planes(scale: float, lines, faint: float = 0.0) -> TextPlanes:
    """What the detector is taught to say: text of 5 to 90 pixels; steps by height and contrast.

    Args:
        scale: Of the picture.
        lines: (top, height) of each line in pixels of the full picture; as wide as it.
        faint: Steps that all of it asks for more.
    """
    height, width = (-(-round(side * scale) // 16) for side in SHAPE)
    probability = np.zeros((height, width), np.float32)
    asked = np.zeros((height, width), np.float32)
    for top, size in lines:
        if not 4.5 <= size * scale <= 90:
            continue
        rows = slice(int(top * scale / 16), -(-round((top + size) * scale) // 16))
        probability[rows] = 0.9
        asked[rows] = np.clip(10 * np.log2(20 / (size * scale)), 0, 20) + faint
    return TextPlanes(scale, probability, asked)


def sizes(lines, faint: float = 0.0):
    return text_sizes([planes(2.0**-n, lines, faint) for n in range(4)])


@given(st.floats(10, 150), st.sampled_from([0.0, 2.0, 4.0]))
def test_the_height_of_text_is_found_whether_it_is_faint_or_not(height, faint):
    found = np.median(sizes([(64, height)], faint).heights)
    alike = height < 40  # faint and small text, where it is never above 20 pixels
    assert (0.9 * 2 ** (-faint / 10) if alike else 0.7) * height <= found <= 1.3 * height


def test_sizes_that_differ_are_told_apart():
    found = sizes([(32, 14), (256, 112)]).heights
    small, large = found[found < 40], found[found >= 40]
    assert np.median(small) == pytest.approx(14, rel=0.1)
    assert np.median(large) == pytest.approx(112, rel=0.3)


def test_where_no_text_is_there_are_no_sizes():
    assert not sizes([])
    assert sizes([(64, 30)])


def test_the_smallest_scale_at_which_all_is_legible_is_seen():
    text = sizes([(64, 80)])
    expected = {scale: text.expected(scale, 40) for scale in (1.0, 0.5, 0.25, 0.125)}
    assert expected[0.25] > expected[1.0] - 0.01
    assert expected[0.125] < expected[0.25] - 0.05


@given(st.floats(4, 400), st.integers(0, 62))
def test_a_higher_quality_is_no_less_legible(height, quality):
    at, better = (legibility(np.array([height]), q)[0] for q in (quality, quality + 1))
    assert 0 <= at <= better + 0.02 <= 1.02


def test_text_below_twenty_pixels_is_less_legible():
    values = legibility(np.array([5.0, 8.0, 12.0, 20.0, 40.0]), 24)
    assert (np.diff(values[:4]) > 0.05).all()
    assert values[4] >= values[3]


def test_grain_that_looks_like_the_finest_print_is_no_text():
    levels = [planes(2.0**-n, [(64, 110)]) for n in range(4)]
    levels[0].probability[24:30, 10:30] = 0.6
    levels[0].asked[24:30, 10:30] = 11.5
    assert (text_sizes(levels).heights < 20).sum() == 0


def test_the_finest_print_is_text_where_half_the_size_shows_some_of_it():
    levels = [planes(2.0**-n, [(64, 110), (400, 10)]) for n in range(4)]
    assert (text_sizes(levels).heights < 20).sum() >= 40

"""Depth and transparency: what is guessed or covered is said."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from support.small_model import file_of

from checks import check_rejects
from tcsdk.errors import ImageError
from tcsdk.images import load_picture

RAMP = np.arange(200).reshape(10, 20)


def kinds(source: object) -> list[str]:
    return [note.kind for note in load_picture(source).notes]


@pytest.mark.parametrize(
    ("factor", "white"), [(1, 255), (300, 65535)], ids=["of 8 bits", "of 16 bits"]
)
def test_pictures_of_32_bits_are_taken_for_the_least_depth_that_holds_them(factor, white):
    levels = (RAMP * factor).astype(np.int32)
    for source in (Image.fromarray(levels), file_of(levels, "TIFF")):
        picture = load_picture(source)
        expected = np.rint(levels * (255 / white))
        np.testing.assert_array_equal(picture.pixels[:, :, 1], expected)
        (note,) = picture.notes
        assert note.kind == "depth"
        assert f"{white} is taken for white" in note.text


@pytest.mark.parametrize("levels", [RAMP - 1, RAMP * 400], ids=["negative", "above 65535"])
def test_pictures_of_32_bits_beyond_16_are_refused_with_their_range(levels):
    image = Image.fromarray(levels.astype(np.int32))
    words = (f"{levels.min()}..{levels.max()}", "scale it")
    check_rejects(lambda: load_picture(image), ImageError, *words)


def test_nearly_black_pictures_of_16_bits_are_said():
    dark = (RAMP * 20).astype(np.uint16)  # 12 bits of a sensor, not scaled
    for source in (dark, file_of(dark), np.dstack([dark] * 3 + [np.full_like(dark, 65535)])):
        assert kinds(source) == ["depth"]
    assert "reach 3980 of 65535" in load_picture(dark).notes[0].text
    assert kinds((RAMP * 21).astype(np.uint16)) == []
    assert kinds(np.zeros((4, 4), np.uint16)) == []


def test_pixels_that_show_the_background_are_counted():
    rgba = np.full((10, 20, 4), 255, np.uint8)
    assert kinds(rgba) == []
    rgba[:5, :10, 3] = 254
    (note,) = load_picture(rgba, background=(1, 2, 3)).notes
    assert note.kind == "transparency"
    assert "25.00%" in note.text
    assert "1,2,3" in note.text
    assert load_picture(file_of(rgba), background=(1, 2, 3)).notes == (note,)

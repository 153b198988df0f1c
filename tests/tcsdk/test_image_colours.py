"""Colour profiles: what is shown is what the file means, or something is said."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms
from support.profiles import DISPLAY_P3, SRGB, gray_profile, rgb_profile
from support.small_model import file_of, levels_apart, smooth_picture

from tcsdk.images import load_picture

PIXELS = smooth_picture(40, 30)
P3 = rgb_profile(DISPLAY_P3)


def converted(image: Image.Image, profile: bytes) -> np.ndarray:
    """What LittleCMS makes of an image that has no transparency."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    shown = ImageCms.profileToProfile(
        image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    return np.asarray(shown)


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_colours_of_a_wide_profile_are_converted():
    picture = load_picture(file_of(PIXELS, icc_profile=P3))
    assert levels_apart(picture.pixels, PIXELS) > 10
    np.testing.assert_array_equal(picture.pixels, converted(Image.fromarray(PIXELS), P3))
    assert picture.notes == ()


def test_a_profile_that_is_kept_leaves_the_pixels_as_they_are():
    picture = load_picture(file_of(PIXELS, icc_profile=P3), keep=("icc",))
    np.testing.assert_array_equal(picture.pixels, PIXELS)
    assert picture.icc == P3
    assert picture.notes == ()


def test_pixels_of_srgb_are_left_alone_whatever_the_profile_is_called():
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    np.testing.assert_array_equal(load_picture(file_of(PIXELS, icc_profile=own)).pixels, PIXELS)
    brighter = rgb_profile(SRGB, gamma=1.8)
    assert load_picture(file_of(PIXELS, icc_profile=brighter)).pixels.mean() > PIXELS.mean() + 5


def test_gray_profiles_are_applied_and_never_kept():
    gray = Image.fromarray(PIXELS[:, :, 0])
    profile = gray_profile(1.0)
    data = saved(gray, icc_profile=profile)
    picture = load_picture(data, keep=("icc",))
    np.testing.assert_array_equal(picture.pixels, converted(gray, profile))
    assert picture.icc is None
    assert ["not kept" in note.text for note in picture.notes] == [True]
    assert load_picture(data).notes == ()


def test_bitmaps_with_a_gray_profile_stay_black_and_white():
    bitmap = Image.fromarray(PIXELS[:, :, 0] > PIXELS[:, :, 0].mean())
    picture = load_picture(saved(bitmap, "TIFF", icc_profile=gray_profile(1.8)))
    assert set(np.unique(picture.pixels)) == {0, 255}
    assert picture.notes == ()


def test_the_background_behind_transparency_is_not_converted():
    image = Image.fromarray(np.dstack([PIXELS, np.zeros((30, 40), np.uint8)]))
    picture = load_picture(saved(image, icc_profile=P3), background=(9, 200, 70))
    assert (picture.pixels == (9, 200, 70)).all()


def test_gray_pictures_may_have_a_profile_of_rgb():
    gray = Image.fromarray(PIXELS[:, :, 0])
    picture = load_picture(saved(gray, icc_profile=P3))
    np.testing.assert_array_equal(picture.pixels, converted(gray.convert("RGB"), P3))


@pytest.mark.parametrize(
    "profile",
    [b"not a profile", P3[:150], b"\0" * 16 + b"RGB " + b"\0" * 108, gray_profile(1.0)],
    ids=["no profile", "truncated", "empty", "of another space"],
)
def test_a_profile_that_cannot_be_used_is_said_and_the_pixels_stay(profile):
    picture = load_picture(file_of(PIXELS, icc_profile=profile))
    np.testing.assert_array_equal(picture.pixels, PIXELS)
    (note,) = picture.notes
    assert note.kind == "colours"
    assert "may be off" in note.text


def test_inks_without_a_profile_are_said_to_be_a_guess():
    image = Image.fromarray(PIXELS).convert("CMYK")
    picture = load_picture(saved(image, "TIFF"))
    np.testing.assert_array_equal(picture.pixels, np.asarray(image.convert("RGB")))
    assert [note.kind for note in picture.notes] == ["colours"]

"""JPEG files that end too early: taken where every pixel is there, refused where one is not."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageFile
from support.small_model import file_of, smooth_picture

from checks import check_rejects
from tcsdk.errors import ImageError
from tcsdk.images import load_picture
from tcsdk.jpeg_end import with_end

PIXELS = smooth_picture(120, 90)
NOISE = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
KINDS = [{}, {"progressive": True}, {"restart_marker_blocks": 4}]


@pytest.mark.parametrize("options", KINDS, ids=str)
@pytest.mark.parametrize("pixels", [PIXELS, NOISE], ids=["smooth", "noise"])
@pytest.mark.parametrize("cut", [1, 2])
def test_a_jpeg_whose_end_marker_alone_is_missing_is_taken(options, pixels, cut):
    data = file_of(pixels, "JPEG", **options)
    picture = load_picture(data[:-cut])
    assert np.array_equal(picture.pixels, load_picture(data).pixels)
    assert [note.kind for note in picture.notes] == ["end"]
    assert load_picture(data).notes == ()
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize("options", KINDS, ids=str)
def test_a_jpeg_that_lacks_more_is_refused_wherever_it_ends(options):
    data = file_of(NOISE, "JPEG", **options)
    for cut in (*range(4, 40), len(data) // 2):
        check_rejects(lambda cut=cut: load_picture(data[:-cut]), ImageError, "truncated")


def test_what_is_no_such_jpeg_is_left_as_it_is():
    whole = file_of(PIXELS, "JPEG")
    for data in (b"", b"\xff\xd8\xff", whole, whole + b"behind it", file_of(PIXELS)[:-2]):
        assert with_end(data, None) is data
    assert with_end(whole[:-2], 100) == whole[:-2]  # larger than may be decoded

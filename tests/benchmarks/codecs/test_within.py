"""Files of at most so many bytes, of codecs that have no such option."""

from __future__ import annotations

import numpy as np
import pytest
from support.small_model import smooth_picture

from benchmarks.codecs.within import greys_within, pillow_within
from benchmarks.rate_accuracy.measures import psnr

pytestmark = pytest.mark.train

PICTURE = smooth_picture(96, 128)
CODECS = {"webp": pillow_within("WEBP", method=6), "greys": greys_within(64)}


@pytest.mark.parametrize("name", CODECS)
def test_a_file_keeps_to_its_bytes_and_is_shown_at_the_full_size(name):
    codec = CODECS[name]
    for most, scale in ((400, 0.125), (2000, 0.25)):
        data = codec.encode(PICTURE, most, scale)
        assert data is not None
        assert len(data) <= most
        shown = codec.decode(data, PICTURE)
        assert shown.shape == PICTURE.shape
        assert psnr(PICTURE, shown) > 10
    assert codec.encode(PICTURE, 20, 1.0) is None


def test_greys_come_back_within_half_a_step():
    grey = np.repeat(np.arange(0, 256, 2, dtype=np.uint8)[None, :, None], 3, 2)
    data = greys_within(64).encode(grey, 1000, 1.0)
    assert data is not None
    shown = greys_within(64).decode(data, grey)
    assert np.abs(shown.astype(int) - grey).max() <= 2
    assert (shown[..., 0] == shown[..., 2]).all()


def test_a_side_that_a_byte_cannot_say_is_no_picture_of_greys():
    assert greys_within(64).encode(np.zeros((4, 256, 3), np.uint8), 10_000, 1.0) is None

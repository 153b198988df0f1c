"""The border around a picture."""

import numpy as np
import pytest

from tcsdk.reading.frame import framed


@pytest.mark.parametrize("size", [(1, 1), (20, 30), (62, 303), (720, 1280), (3, 2000), (2000, 3)])
def test_a_picture_lies_in_its_frame_and_is_not_long(size):
    pixels = np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)
    large, (x, y) = framed(pixels)
    assert (large[y : y + size[0], x : x + size[1]] == pixels).all()
    assert min(x, y) >= min(*size, 64)
    assert max(large.shape[:2]) <= 8 * min(large.shape[:2])

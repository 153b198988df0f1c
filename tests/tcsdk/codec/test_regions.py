"""A region shows what the whole picture shows there, and needs its tiles alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.small_model import MODEL, levels_apart, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk import Encoder
from tcsdk.errors import RegionError

PICTURE = smooth_picture(300, 200)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_region_is_what_the_whole_picture_shows_there(decoder, tiled_stream, data):
    stream, whole = tiled_stream
    height, width = whole.shape[:2]
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    w, h = data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y))
    part = decoder.decode(stream, region=(x, y, w, h))
    assert levels_apart(part, whole[y : y + h, x : x + w]) <= 1


@pytest.fixture(scope="module")
def tiled_stream(decoder):
    stream = Encoder(MODEL, tile=64, quality=40).encode(PICTURE)
    return stream, decoder.decode(stream)


def test_a_region_needs_only_its_tiles_and_their_neighbours(decoder, tiled_stream):
    stream, whole = tiled_stream
    chunks = tcsdk._kernels.parse(stream)[1]
    damaged = bytearray(stream)
    damaged[chunks[19].offset] ^= 1  # the last of 5 x 4 tiles
    part = decoder.decode(bytes(damaged), region=(0, 0, 100, 100))
    np.testing.assert_array_equal(part, whole[:100, :100])
    with pytest.raises(tcsdk.CorruptStreamError, match="tile 19"):
        decoder.decode(bytes(damaged), region=(150, 100, 100, 90))


@pytest.mark.parametrize(
    "region", [(-1, 0, 2, 2), (0, 0, 0, 5), (0, 0, 301, 1), (299, 199, 2, 1), (0, 200, 1, 1)]
)
def test_regions_beyond_the_picture_are_refused(decoder, encoder, region):
    data = encoder.encode(PICTURE)
    check_rejects(lambda: decoder.decode(data, region=region), RegionError, "within 300x200")

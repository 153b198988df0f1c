"""Parts of a picture as they will be decoded."""

from __future__ import annotations

import numpy as np
import pytest
from support.small_model import MODEL, levels_apart, smooth_picture

from tcsdk import Encoder
from tcsdk.codec.preview import Preview
from tcsdk.codec.tile import TileDecoder
from tcsdk.codec.tiles import Box
from tcsdk.images import load_picture
from tcsdk.model.find import find_model
from tcsdk.picture_encoding import PictureEncoding
from tcsdk.request import Request
from tcsdk.timings import Stopwatch

PICTURE = smooth_picture(300, 200)
AREAS = [Box(0, 0, 40, 30), Box(250, 170, 50, 30), Box(100, 60, 64, 64), Box(17, 33, 1, 1)]


# The small model sees further than its halo, so that its tiles and windows differ by more.
@pytest.mark.parametrize(
    ("tile", "scale", "levels"), [(512, 1.0, 1), (512, 0.75, 1), (64, 1.0, 6), (64, 0.5, 6)]
)
def test_parts_are_what_the_decoder_shows_there(decoder, tile, scale, levels):
    encoder = Encoder(MODEL, device="cpu", threads=2, tile=tile)
    asked = Request(scale=scale, regions=[(90, 60, 80, 70, 9)])
    encoding = PictureEncoding(encoder._loaded, load_picture(PICTURE), asked, None, Stopwatch()).at(
        scale
    )
    folder, precision = find_model(MODEL)
    codec = TileDecoder.load(folder, folder.precision_for("cpu", precision), encoder._engine)
    preview = Preview(codec, encoding.grid, encoding.sizes, concurrent=False)
    shown = decoder.decode(encoding.stream(20))
    parts = preview.parts(encoding.first.of_kept(20), 20, AREAS)
    for area, part in zip(AREAS, parts, strict=True):
        expected = shown[area.y : area.bottom, area.x : area.right]
        assert levels_apart(part, expected) <= levels
    assert np.mean(parts[2] == shown[60:124, 100:164]) > 0.9


def test_far_parts_have_windows_of_their_own_and_near_ones_share_one():
    from tcsdk.codec.preview import _windows

    picture = Box(0, 0, 4000, 4000)
    near = [Box(100, 100, 60, 20), Box(180, 100, 60, 20)]
    assert _windows([*near, Box(3000, 3000, 60, 20)], picture, 128) == [
        Box(64, 64, 176, 56),
        Box(2944, 2944, 116, 76),
    ]
    assert _windows([], picture, 128) == []

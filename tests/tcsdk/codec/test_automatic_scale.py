"""The size at which a picture is coded, chosen by its text and by the bytes that there are."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from support.offsets import offsets_of
from support.small_model import ADAPTIVE, DETECTOR, MODEL, smooth_picture

import tcsdk
from tcsdk import Encoder
from tcsdk.codec.automatic_scale import halvings

SHIPPED = "tfic-int8"


def written(height: int, size: tuple[int, int] = (768, 384)) -> np.ndarray:
    """A picture with two lines of letters that are `height` pixels high."""
    image = Image.new("RGB", size, (225, 220, 205))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=height)
    for row, text in enumerate(("TX 4071", "lot 55B")):
        draw.text((24, 16 + 1.6 * row * height), text, (30, 30, 40), font)
    return np.asarray(image)


def coded_scale(data: bytes) -> float:
    info = tcsdk.inspect(data)
    return info.coded_width / info.width


@pytest.fixture(scope="module")
def shipped():
    return Encoder(SHIPPED, device="cpu", threads=1)


def test_large_letters_are_coded_smaller_and_shown_as_large_as_they_were(shipped):
    picture = written(110)
    data = shipped.encode(picture)
    assert coded_scale(data) <= 0.5
    assert len(data) < 0.9 * len(shipped.encode(picture, scale=1.0))
    assert tcsdk.Decoder("cpu", precision="int8").decode(data).shape == picture.shape


def test_small_letters_keep_their_size(shipped):
    assert coded_scale(shipped.encode(written(14))) == 1.0
    assert coded_scale(shipped.encode(written(14), max_bytes=4000)) == 1.0


def test_small_letters_beside_large_ones_keep_most_of_their_size(shipped):
    large = written(110)
    both = np.concatenate([large, written(14, (768, 128))])
    assert coded_scale(shipped.encode(both)) >= 2 * coded_scale(shipped.encode(large))


def test_a_scale_that_is_named_is_kept(shipped):
    picture = written(110)
    assert coded_scale(shipped.encode(picture, scale=1.0)) == 1.0
    assert coded_scale(shipped.encode(picture, scale=0.75, max_bytes=900)) == 0.75


@pytest.mark.parametrize("target", [150, 300, 1000, 5000])
def test_a_target_is_met_at_the_scale_that_is_the_most_legible(shipped, target):
    picture = written(110)
    data = shipped.encode(picture, max_bytes=target)
    assert len(data) <= target
    if target < 1000:  # large letters need few bytes, and read best when coded small
        assert coded_scale(data) < 1.0


def test_a_target_is_met_where_no_quality_of_the_full_size_fits(shipped):
    picture = smooth_picture(1536, 1024)
    least = len(shipped.encode(picture, quality=0, scale=1.0))
    data = shipped.encode(picture, max_bytes=least // 3)
    assert len(data) <= least // 3
    assert coded_scale(data) < 1.0


@pytest.mark.parametrize("model", [MODEL, DETECTOR])
def test_models_that_do_not_say_how_large_text_is_keep_the_size_of_a_quality(model):
    picture = written(110)
    assert coded_scale(Encoder(model).encode(picture)) == 1.0


def test_what_cannot_be_coded_smaller_is_not():
    picture, encoder = written(110), Encoder(ADAPTIVE)
    steps = np.zeros((24, 48), np.int8)
    assert coded_scale(encoder.encode(picture, qmap=steps)) == 1.0
    layered = Encoder(ADAPTIVE, base_model=MODEL, base_quality=4)
    assert coded_scale(layered.encode(picture)) == 1.0


def test_a_refusal_says_what_would_take_less(shipped):
    picture = written(110)
    with pytest.raises(tcsdk.TargetTooSmallError, match="scale='auto'") as caught:
        shipped.encode(picture, max_bytes=40, scale=1.0)
    assert caught.value.__context__ is None
    with pytest.raises(tcsdk.TargetTooSmallError, match="no user=") as caught:
        shipped.encode(picture, max_bytes=40, user=bytes(50))
    assert caught.value.smallest > 50


def test_what_is_asked_for_blocks_goes_before_a_refusal():
    encoder, picture = Encoder(ADAPTIVE), smooth_picture(100, 80)
    plain = len(encoder.encode(picture, quality=0, adaptive=False))
    regions = [(0, 0, 100, 80, 60)]
    assert len(encoder.encode(picture, quality=0, regions=regions)) > plain
    assert len(encoder.encode(picture, max_bytes=plain, regions=regions, text_boost=40)) <= plain


def test_what_the_model_asks_for_goes_before_the_size_does(shipped):
    picture = written(13, (512, 256))
    region = [(0, 128, 512, 64, 4)]  # a caller's wish, which stays
    plain = shipped.encode(picture, quality=0, scale=1.0, adaptive=False, regions=region)
    assert len(plain) < len(shipped.encode(picture, quality=0, scale=1.0, regions=region)) - 16
    most = len(plain) + 8
    fitted = shipped.encode(picture, max_bytes=most, scale=1.0, regions=region)
    assert np.array_equal(offsets_of(fitted), offsets_of(plain))
    assert coded_scale(shipped.encode(picture, max_bytes=most, regions=region)) > 0.5


@given(st.integers(1, 65535), st.integers(1, 65535))
def test_halvings_end_where_a_side_gets_short(width, height):
    scales = halvings(width, height)
    assert scales[0] == 1.0
    assert all(b == a / 2 for a, b in pairwise(scales))
    assert len(scales) == 1 or min(width, height) * scales[-1] >= 32

"""Parts of a picture alone, and pictures of which parts alone are sent."""

import numpy as np
import pytest
from support.small_model import MODEL, psnr, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk.codec.dropping import only_regions
from tcsdk.errors import RegionError, TargetTooSmallError

PICTURE = smooth_picture(300, 200)
BOX = (96, 40, 128, 64)


def test_a_crop_is_the_small_stream_of_a_part():
    data = tcsdk.crop(PICTURE, BOX, model=MODEL, max_bytes=None, quality=30)
    part = np.ascontiguousarray(PICTURE[40:104, 96:224])
    assert data == tcsdk.encode(part, model=MODEL, quality=30, small=True)
    assert tcsdk.inspect(data).small
    assert tcsdk.decode(data, models=[MODEL]).shape == (64, 128, 3)


def test_a_crop_takes_120_bytes_at_most_or_what_is_asked():
    for most in (120, 300):
        data = tcsdk.crop(PICTURE, BOX, model=MODEL, **({} if most == 120 else {"max_bytes": most}))
        assert len(data) <= most
    with pytest.raises(TargetTooSmallError):
        tcsdk.crop(PICTURE, BOX, model=MODEL, max_bytes=9)


@pytest.mark.parametrize("box", [(-1, 0, 5, 5), (0, 0, 301, 5), (0, 0, 0, 5), (299, 199, 2, 1)])
def test_boxes_that_leave_the_picture_are_refused(box):
    check_rejects(lambda: tcsdk.crop(PICTURE, box, model=MODEL), RegionError, "within 300x200")


def test_misspelt_keywords_are_refused():
    check_rejects(lambda: tcsdk.crop(PICTURE, BOX, max_byte=9), TypeError, "max_bytes")


def test_nothing_of_what_is_dropped_can_be_told():
    """Two pictures alike in the region and nowhere else have the same stream."""
    other = 255 - PICTURE
    other[40:104, 96:224] = PICTURE[40:104, 96:224]
    encoder = tcsdk.Encoder(MODEL, background="drop")
    one, same = (encoder.encode(p, regions=[(*BOX, 0)], quality=40) for p in (PICTURE, other))
    assert one == same
    assert len(one) < len(tcsdk.Encoder(MODEL).encode(PICTURE, quality=40))
    shown = tcsdk.decode(one, models=[MODEL])
    assert shown.shape == PICTURE.shape
    assert psnr(shown[48:96, 104:216], PICTURE[48:96, 104:216]) > 24
    beside = shown[:, 260:].astype(int)
    assert np.abs(beside - beside.mean(axis=(0, 1))).max() < 40


def test_the_colour_of_what_is_dropped_is_the_mean_of_what_is_kept():
    kept = only_regions(PICTURE, [(0, 0, 10, 10, 3), (20, 20, 4, 4, 0)])
    assert np.array_equal(kept[:10, :10], PICTURE[:10, :10])
    assert np.array_equal(kept[20:24, 20:24], PICTURE[20:24, 20:24])
    pixels = np.concatenate(
        [PICTURE[:10, :10].reshape(-1, 3), PICTURE[20:24, 20:24].reshape(-1, 3)]
    )
    assert np.array_equal(kept[100, 200], np.rint(pixels.mean(axis=0)))


def test_dropping_takes_regions_within_the_picture():
    encoder = tcsdk.Encoder(MODEL, background="drop")
    check_rejects(lambda: encoder.encode(PICTURE), ValueError, "give regions=")
    outside = [(290, 0, 20, 20, 0)]
    check_rejects(lambda: encoder.encode(PICTURE, regions=outside), RegionError, "within 300x200")
    check_rejects(lambda: tcsdk.Encoder(MODEL, background="none"), TypeError, "background")

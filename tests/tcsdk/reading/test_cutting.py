"""Lines cut out: upright, of one height, letters of their own shape."""

import numpy as np
import pytest

from tcsdk.reading.cutting import NARROWEST, cut_line


@pytest.fixture
def picture():
    """A bright rectangle (30..70, 20..30) with a brighter left half, on black."""
    made = np.zeros((60, 100, 3), np.uint8)
    made[20:30, 30:70] = 150
    made[20:30, 30:50] = 250
    return made


def corners(left, top, right, bottom):
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def test_an_upright_line_keeps_its_shape(picture):
    cut = cut_line(picture, corners(30, 20, 70, 30), 32)
    assert cut.shape == (32, 128, 3)
    assert cut.dtype == np.uint8
    assert (cut[4:-4, 4:60] > 240).all()
    assert (np.abs(cut[4:-4, 68:-4].astype(int) - 150) < 8).all()


def test_the_first_corner_is_the_top_left_of_what_is_cut(picture):
    turned = np.roll(corners(30, 20, 70, 30), 2, axis=0)  # a line that stands on its head
    cut = cut_line(picture, turned, 32)
    assert cut.shape == (32, 128, 3)
    assert (np.abs(cut[4:-4, 4:60].astype(int) - 150) < 8).all()
    assert (cut[4:-4, 68:-4] > 240).all()


def test_a_leaning_line_is_straightened():
    y, x = np.mgrid[0:80, 0:200]
    picture = np.repeat((np.abs(y - 20 - 0.2 * x) < 8)[..., None] * np.uint8(255), 3, -1)
    box = np.array([[10, 14], [190, 50], [190, 66], [10, 30]], np.float32)
    cut = cut_line(picture.astype(np.uint8), box, 32)
    assert cut[8:24, 10:-10].mean() > 230


def test_what_lies_outside_is_left_out(picture):
    cut = cut_line(picture, corners(-50, 20, 70, 30), 32)
    assert cut.shape == (32, 224, 3)


@pytest.mark.parametrize("box", [corners(5, 5, 5, 5), corners(200, 200, 220, 210)])
def test_an_empty_box_gives_the_narrowest_line(picture, box):
    assert cut_line(picture, box, 32).shape[0] == 32
    assert cut_line(picture, box, 32).shape[1] >= NARROWEST


def test_small_is_enlarged_and_large_made_smaller_smoothly():
    checks = np.indices((128, 256)).sum(0) % 2 * np.uint8(255)
    picture = np.repeat(checks[..., None], 3, -1).astype(np.uint8)
    cut = cut_line(picture, corners(0, 0, 256, 128), 32)
    assert cut.shape == (32, 64, 3)
    assert (np.abs(cut.astype(int) - 128) < 20).all()  # no pattern of its own

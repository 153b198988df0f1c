import numpy as np
import pytest
from support.small_model import smooth_picture

import tcsdk
from benchmarks.pages import kinds

pytestmark = pytest.mark.train


def line(top, bottom):
    quad = np.array([(5, top), (60, top), (60, bottom), (5, bottom)], np.float32)
    return tcsdk.TextLine("a", quad, 1.0)


def test_the_part_to_show_begins_above_the_first_line_and_is_bounded():
    pixels = smooth_picture(100, 400)
    assert kinds.text_box(pixels, [line(50, 70), line(80, 100)]) == (0, 38, 100, 112)
    assert kinds.text_box(pixels, [line(4, 390)]) == (0, 0, 100, kinds.MOST_HEIGHT)
    assert kinds.text_box(smooth_picture(100, 90), []) == (0, 0, 100, 90)


def test_pictures_are_stacked_under_their_captions():
    pixels = smooth_picture(100, 80)
    sheet = kinds.stacked([("one", pixels), ("two", pixels)], (0, 10, 100, 40))
    assert sheet.size == (100, 2 * (30 + kinds.ROW))
    shown = np.asarray(sheet)
    assert np.array_equal(shown[kinds.ROW : kinds.ROW + 30], pixels[10:40])
    assert np.array_equal(shown[-30:], pixels[10:40])


@pytest.mark.parametrize("name", ["screen", "label"])
def test_pictures_that_need_no_renderer_are_pictures(name):
    pixels = kinds.KINDS[name].picture()
    assert pixels.shape == (256, 512, 3)
    assert pixels.dtype == np.uint8

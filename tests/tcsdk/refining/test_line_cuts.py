"""Lines cut out of pictures by maps that have exact adjoints."""

import numpy as np
import pytest

from tcsdk.model.grids import LINE_HEIGHT
from tcsdk.refining.line_cuts import LineCut, cut_width

UPRIGHT = np.array([[10, 8], [74, 8], [74, 24], [10, 24]], np.float32)
LEANING = np.array([[5.5, 9.2], [80.1, 14.7], [79.0, 33.3], [4.4, 27.9]], np.float32)
TALL = np.array([[3, 2], [91, 4], [92, 61], [2, 60]], np.float32)
BEYOND = np.array([[-6, -3], [40, -3], [40, 9], [-6, 9]], np.float32)
SHAPE = (64, 96)


@pytest.mark.parametrize("box", [UPRIGHT, LEANING, TALL, BEYOND])
def test_putting_back_is_the_adjoint_of_cutting(box):
    rng = np.random.default_rng(5)
    picture = rng.normal(0, 1, (3, *SHAPE)).astype(np.float32)
    cut = LineCut.of(box, SHAPE, cut_width(box))
    line = cut.cut(picture)
    assert line.shape == (3, LINE_HEIGHT, cut.width)
    gradient = rng.normal(0, 1, line.shape).astype(np.float32)
    back = np.zeros_like(picture)
    cut.put_back(gradient, back)
    assert float((line * gradient).sum()) == pytest.approx(float((picture * back).sum()), rel=1e-4)


def test_a_plain_picture_stays_plain():
    picture = np.full((3, *SHAPE), 0.25, np.float32)
    for box in (UPRIGHT, LEANING, TALL, BEYOND):
        cut = LineCut.of(box, SHAPE, cut_width(box))
        np.testing.assert_allclose(cut.cut(picture), 0.25, rtol=1e-5)


def test_an_upright_line_of_double_height_is_every_pixel_and_those_between():
    picture = np.zeros((3, *SHAPE), np.float32)
    picture[:] = np.arange(SHAPE[1])
    cut = LineCut.of(UPRIGHT, SHAPE, cut_width(UPRIGHT))
    assert cut.width == 128
    row = cut.cut(picture)[0, 5]
    np.testing.assert_allclose(row, 9.75 + 0.5 * np.arange(128), rtol=1e-5)


def test_what_is_made_smaller_is_smoothed():
    picture = np.zeros((3, 256, 512), np.float32)
    picture[:, ::2] = 1.0
    box = np.array([[0, 0], [512, 0], [512, 256], [0, 256]], np.float32)
    line = LineCut.of(box, (256, 512), cut_width(box)).cut(picture)
    np.testing.assert_allclose(line, 0.5, atol=0.2)


def test_widths_are_the_reader_s_steps():
    assert cut_width(UPRIGHT) % 8 == 0
    assert cut_width(np.array([[0, 0], [1, 0], [1, 40], [0, 40]], np.float32)) == 8
    endless = np.array([[0, 0], [99999, 0], [99999, 10], [0, 10]], np.float32)
    assert cut_width(endless) <= 64 * LINE_HEIGHT

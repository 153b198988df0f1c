"""Lines found by what a detector says of blocks: parted, straightened, none where none is."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tcsdk.codec.text_lines import find_lines
from tcsdk.codec.text_size import TextPlanes

SIZE = (512, 192)  # width, height


def planes(probability):
    return TextPlanes(1.0, probability.astype(np.float32), np.zeros_like(probability, np.float32))


def everywhere(pixels):
    """A detector that sees text in every block."""
    height, width = pixels.shape[:2]
    return [planes(np.ones((-(-height // 16), -(-width // 16))))]


def page(lines, size=20, degrees=0.0):
    """Lines (x, y, text), dark on white."""
    image = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(image)
    for x, y, text in lines:
        draw.text((x, y), text, fill="black", font=ImageFont.load_default(size))
    turned = image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor="white")
    return np.asarray(turned)


def holds(box, x, y):
    low, high = box.min(0), box.max(0)
    return low[0] <= x <= high[0] and low[1] <= y <= high[1]


def test_each_line_is_found_once():
    pixels = page([(30, 20, "GATE 4071"), (30, 60, "Room 25"), (30, 100, "Subtotal: 12.50")])
    boxes = sorted(find_lines(pixels, everywhere(pixels)), key=lambda box: box[0, 1])
    assert len(boxes) == 3
    for box, y in zip(boxes, (32, 72, 112), strict=True):
        assert box.shape == (4, 2)
        assert holds(box, 60, y)
        assert 14 < np.ptp(box[:, 1]) < 34


def test_columns_are_parted_and_words_are_not():
    pixels = page([(20, 50, "Milk and bread"), (380, 50, "4.99")])
    boxes = sorted(find_lines(pixels, everywhere(pixels)), key=lambda box: box[0, 0])
    assert len(boxes) == 2
    assert boxes[0].max(0)[0] < 300 < boxes[1].min(0)[0]


def test_close_lines_are_parted_though_their_tails_meet():
    texts = ("gypsy jumping qualify", "ABCDEFG HIKLMN", "pygmy quay jogging")
    pixels = page([(30, 30 + 19 * k, text) for k, text in enumerate(texts)])
    assert len(find_lines(pixels, everywhere(pixels))) == 3


@pytest.mark.parametrize("degrees", [5.0, -4.0])
def test_leaning_lines_have_leaning_boxes(degrees):
    pixels = page([(40, 60, "Subtotal of all: 12.50"), (40, 100, "To be paid: 99.95")], 22, degrees)
    boxes = find_lines(pixels, everywhere(pixels))
    assert len(boxes) == 2
    for box in boxes:
        rise, run = (box[1] - box[0])[::-1]
        assert rise / run == pytest.approx(-np.tan(np.radians(degrees)), abs=0.02)


def test_where_the_detector_sees_nothing_nothing_is_found():
    pixels = page([(30, 20, "GATE 4071"), (30, 120, "Room 25")])
    assert find_lines(pixels, [planes(np.zeros((12, 32)))]) == []
    seen = np.zeros((12, 32))
    seen[7:10, 1:10] = 0.9
    (box,) = find_lines(pixels, [planes(seen)])
    assert holds(box, 60, 132)


def test_a_blank_picture_and_rules_are_no_lines():
    blank = np.full((192, 512, 3), 255, np.uint8)
    assert find_lines(blank, everywhere(blank)) == []
    ruled = blank.copy()
    ruled[40:43, 20:400] = 0
    ruled[80:83, 20:400] = 0
    assert find_lines(ruled, everywhere(ruled)) == []


def test_letters_too_large_for_one_size_are_found_at_a_smaller_one():
    image = Image.new("RGB", (512, 256), "white")
    ImageDraw.Draw(image).text((20, 30), "40719", fill="black", font=ImageFont.load_default(160))
    pixels = np.asarray(image)
    half = TextPlanes(0.5, np.ones((8, 16), np.float32), np.zeros((8, 16), np.float32))
    boxes = find_lines(pixels, [*everywhere(pixels), half])
    assert len(boxes) == 1
    assert 100 < np.ptp(boxes[0][:, 1]) < 170

"""`FastReader`: lines found and read without an OCR."""

from difflib import SequenceMatcher

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import tcsdk
from checks import check_rejects
from tcsdk import errors


def alike(one, other):
    return SequenceMatcher(None, one, other).ratio()


def page(lines):
    """Lines (x, y, text), dark on white."""
    image = Image.new("RGB", (512, 192), "white")
    draw = ImageDraw.Draw(image)
    for x, y, text in lines:
        draw.text((x, y), text, fill="black", font=ImageFont.load_default(28))
    return np.asarray(image)


@pytest.fixture(scope="module")
def fast():
    with tcsdk.FastReader(device="cpu", threads=1) as made:
        yield made


def test_a_fast_reader_finds_and_reads(fast):
    pixels = page([(30, 20, "GATE 4071"), (30, 80, "Room 25")])
    lines = fast.read(pixels)
    assert len(lines) == 2
    for line, text in zip(lines, ("GATE 4071", "Room 25"), strict=True):
        assert alike(line.text, text) > 0.85
    for line in lines:
        assert isinstance(line, tcsdk.TextLine)
        assert line.polygon.shape == (4, 2)
        assert (line.polygon >= 0).all()
        assert len(line.confidences) == len(line.text)


def test_known_places_are_read_one_for_one(fast):
    pixels = page([(30, 20, "GATE 4071")])
    (box,) = fast.find(pixels)
    blank = np.array([[300, 120], [400, 120], [400, 150], [300, 150]], np.float32)
    read = fast.read_boxes(pixels, [blank, box])
    assert read[0].confidence < 0.5 < read[1].confidence
    assert alike(read[1].text, "GATE 4071") > 0.85


def test_a_picture_smaller_than_a_block_says_nothing(fast):
    assert fast.read(np.full((5, 7, 3), 200, np.uint8)) == []


def test_a_fast_reader_needs_a_detector_and_a_recogniser():
    check_rejects(lambda: tcsdk.FastReader("tfic"), errors.WrongTaskError, "'recognition'")
    check_rejects(lambda: tcsdk.FastReader(detector="base"), errors.NoDetectorError, "base", "tfic")
    check_rejects(lambda: tcsdk.FastReader(detector="reader"), errors.WrongTaskError, "'codec'")

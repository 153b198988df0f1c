"""Small lines are enlarged before they are read; large ones stay as they were, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from support.crop_models import RESOLUTION

import tcsdk
from checks import check_rejects
from tcsdk.reading.orientation import Recognised
from tcsdk.reading.ppocr import PPOCR
from tcsdk.reading.small_lines import SMALL

SMALL_TEXT, LARGE_TEXT = "room 417", "METER 40718"


@pytest.fixture(scope="module")
def net():
    return tcsdk.SuperResolver(RESOLUTION, device="cpu", threads=1)


@pytest.fixture(scope="module")
def page() -> np.ndarray:
    image = Image.new("RGB", (400, 140), "white")
    draw = ImageDraw.Draw(image)
    draw.text((20, 15), LARGE_TEXT, font=ImageFont.load_default(36), fill="black")
    draw.text((20, 90), SMALL_TEXT, font=ImageFont.load_default(11), fill="black")
    return np.asarray(image)


def plain(line):
    """All that a line says, to compare."""
    return line.text, line.polygon.tolist(), line.confidence, line.confidences


@pytest.mark.ocr
def test_a_small_line_is_enlarged_and_the_others_are_not_touched(net, page, monkeypatch):
    pytest.importorskip("rapidocr")
    seen, enlarged = [], net.enlarged
    monkeypatch.setattr(net, "enlarged", lambda c, h: seen.extend(c) or enlarged(c, h))
    before, after = tcsdk.read(page), tcsdk.read(page, upscale=net)
    (crop,) = seen
    assert crop.shape[0] <= SMALL < crop.shape[1]
    large = [
        [plain(line) for line in lines if LARGE_TEXT in line.text] for lines in (before, after)
    ]
    assert large[0] == large[1] != []
    (one,), (other,) = ([x for x in lines if LARGE_TEXT not in x.text] for lines in (before, after))
    assert one.text.replace(" ", "") == other.text.replace(" ", "") == SMALL_TEXT.replace(" ", "")
    np.testing.assert_array_equal(one.polygon, other.polygon)


@pytest.mark.ocr
@pytest.mark.parametrize("sure", [0.1, 0.999])
def test_the_surer_of_two_readings_is_kept(net, page, monkeypatch, sure):
    pytest.importorskip("rapidocr")
    before = [plain(line) for line in tcsdk.read(page)]
    (small,) = (line for line in before if LARGE_TEXT not in line[0])
    assert 0.1 < small[2] < 0.999
    said, recognise = Recognised("room 999", sure, (sure,) * 8), PPOCR.recognise

    def watched(self, crops):
        enlarged = len(crops) == 1 and crops[0].shape[0] == 32
        return [said] if enlarged else recognise(self, crops)

    monkeypatch.setattr(PPOCR, "recognise", watched)
    texts = [line.text for line in tcsdk.read(page, upscale=net)]
    assert ("room 999" if sure > small[2] else small[0]) in texts


@pytest.mark.ocr
@pytest.mark.parametrize("quarters", [0, 1, 2])
def test_pages_that_lie_another_way_are_read_alike(net, page, quarters):
    pytest.importorskip("rapidocr")
    texts = [line.text for line in tcsdk.read(np.rot90(page, quarters), upscale=net)]
    assert [text.replace(" ", "") for text in texts] == ["METER40718", "room417"]


@pytest.mark.ocr
def test_another_recogniser_may_read_what_was_enlarged(net, page):
    pytest.importorskip("rapidocr")
    with tcsdk.Recognizer("reader", device="cpu", threads=1) as reader:
        asked = []

        class Watched(tcsdk.Recognizer):
            def recognize(self, crops, *, characters=None):
                asked.extend(crops)
                return super().recognize(crops, characters=characters)

        watched = Watched("reader", device="cpu", threads=1)
        lines = tcsdk.read(page, upscale=net, recognizer=watched)
        assert [crop.shape[0] for crop in asked] == [32]
        (said,) = reader.recognize(asked)
    assert said.text in [line.text for line in lines] or said.confidence < 0.5


@pytest.mark.ocr
def test_a_page_of_large_text_alone_is_read_as_without(net, page):
    pytest.importorskip("rapidocr")
    large = page[:70]
    assert list(map(plain, tcsdk.read(large, upscale=net))) == list(map(plain, tcsdk.read(large)))


def test_wrong_arguments_are_refused_before_anything_is_read(net):
    picture = np.zeros((20, 20, 3), np.uint8)
    check_rejects(lambda: tcsdk.read(picture, upscale="edsr-s"), TypeError, "SuperResolver")
    check_rejects(lambda: tcsdk.read(picture, upscale=net, recognizer=1), TypeError, "Recognizer")
    with tcsdk.Recognizer("reader", device="cpu", threads=1) as reader:
        check_rejects(lambda: tcsdk.read(picture, recognizer=reader), ValueError, "upscale=")

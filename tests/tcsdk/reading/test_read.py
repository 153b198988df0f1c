from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from support.small_model import file_of, smooth_picture

import tcsdk
from checks import check_rejects

pytestmark = pytest.mark.ocr
pytest.importorskip("rapidocr")


@pytest.fixture(scope="module")
def page() -> np.ndarray:
    image = Image.new("RGB", (400, 140), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(36)
    draw.text((20, 15), "METER 40718", font=font, fill="black")
    draw.text((20, 80), "second line", font=font, fill="black")
    return np.asarray(image)


def test_lines_come_in_reading_order_with_their_places(page):
    first, second = tcsdk.read(page)
    assert first.text.replace(" ", "") == "METER40718"
    assert "second" in second.text
    assert first.polygon.shape == (4, 2)
    assert first.polygon.dtype == np.float32
    assert 0.5 < first.confidence <= 1
    assert first.polygon[:, 1].max() < second.polygon[:, 1].min() + 10
    assert abs(first.polygon[0] - (20, 20)).max() < 20


def test_each_character_has_a_confidence_of_its_own(page):
    first, second = tcsdk.read(page)
    for line in (first, second):
        assert len(line.confidences) == len(line.text)
        assert all(0 < confidence <= 1 for confidence in line.confidences)
        assert np.mean(line.confidences) == pytest.approx(line.confidence, abs=1e-4)


def test_the_character_that_is_unclear_is_the_one_doubted():
    image = Image.new("RGB", (400, 140), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(36)
    for figure, ink in (("6", (100, 100, 100)), ("5", "black")):  # half one, half the other
        draw.text((20, 15), f"METER 4071{figure}", font=font, fill=ink)
    (line,) = tcsdk.read(image)
    assert line.confidences[-1] == min(line.confidences) < 0.9 < line.confidence


def test_pictures_are_read_from_files_and_bytes(page, tmp_path):
    data = file_of(page)
    (tmp_path / "page.png").write_bytes(data)
    expected = [line.text for line in tcsdk.read(page)]
    for source in (data, tmp_path / "page.png", io.BytesIO(data), Image.fromarray(page)):
        assert [line.text for line in tcsdk.read(source)] == expected


def test_streams_are_decoded_first(encoder, decoder, tmp_path):
    picture = smooth_picture(64, 64)
    for bare in (False, True):
        data = encoder.encode(picture, bare=bare)
        assert tcsdk.read(data, decoder=decoder) == []
    (tmp_path / "a.tcs").write_bytes(data)
    assert tcsdk.read(tmp_path / "a.tcs", decoder=decoder) == []


def test_a_picture_without_text_has_no_lines():
    assert tcsdk.read(np.full((50, 70, 3), 255, np.uint8)) == []


def test_a_tall_picture_takes_no_more_than_a_wide_one(page):
    """Widened inside, else 2000x3 pixels become 490,000x736 of them."""
    noise = np.random.default_rng(0).integers(0, 255, (2000, 3, 3), np.uint8)
    assert tcsdk.read(noise) == []
    column = np.full((1800, 200, 3), 255, np.uint8)
    column[900:970] = np.asarray(Image.fromarray(page[:70]).resize((200, 70)))
    (line,) = tcsdk.read(column)
    assert line.text.replace(" ", "") == "METER40718"
    assert 900 < line.polygon[:, 1].min() < line.polygon[:, 1].max() < 970
    assert line.polygon[:, 0].max() <= 200


def test_what_is_neither_picture_nor_stream_is_refused():
    check_rejects(lambda: tcsdk.read(b"nothing of the kind"), tcsdk.ImageError)


def test_reading_prints_nothing(page, capfd):
    tcsdk.read(page)
    assert capfd.readouterr() == ("", "")

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from support.segments import draw_segments
from support.small_model import file_of, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk.reading.ppocr import PPOCR

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


@pytest.fixture(scope="module")
def table() -> np.ndarray:
    """A page whose rows have two parts, of which one is a figure alone."""
    image = Image.new("RGB", (400, 200), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(36)
    for x, y, text in (
        (20, 15, "METER 40718"),
        (20, 75, "item"),
        (300, 75, "1"),
        (20, 135, "total"),
        (300, 135, "12"),
    ):
        draw.text((x, y), text, font=font, fill="black")
    return np.asarray(image)


def texts(image) -> list[str]:
    return [line.text.replace(" ", "") for line in tcsdk.read(image)]


def tight_label(text, ink, back, margin) -> Image.Image:
    font = ImageFont.load_default(36)
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("RGB", (right - left + 2 * margin, bottom - top + 2 * margin), back)
    ImageDraw.Draw(image).text((margin - left, margin - top), text, font=font, fill=ink)
    return image


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
    for figure, ink in (("6", (110, 110, 110)), ("5", "black")):  # half one, half the other
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
    for small in (False, True):
        data = encoder.encode(picture, small=small)
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


@pytest.mark.parametrize("figures", ["390", "4092", "60959", "00482"])
def test_upright_figures_are_not_turned(figures):
    """rapidocr's classifier turns the first three: 06E, 260h and 65609, at 0.99 and more."""
    assert texts(draw_segments(figures)) == [figures]


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_is_read_in_order_whichever_way_round_it_lies(table, quarters):
    turned = np.rot90(table, quarters)
    assert texts(turned) == ["METER40718", "item", "1", "total", "12"]


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_polygons_begin_at_the_top_left_of_the_text(table, quarters):
    """On a turned page they are those of the upright one, turned, corner by corner."""
    height, width = table.shape[:2]
    x, y = np.moveaxis(np.stack([line.polygon for line in tcsdk.read(table)]), -1, 0)
    places = {1: (y, width - x), 2: (width - x, height - y), 3: (height - y, x)}
    came = np.stack([line.polygon for line in tcsdk.read(np.rot90(table, quarters))])
    assert abs(came - np.stack(places[quarters], axis=-1)).max() <= 10


@pytest.mark.parametrize("quarters", [1, 3])
def test_short_figures_of_a_page_on_its_side_are_neither_lost_nor_turned(quarters):
    rows = ["98088", "43", "99", "632"]
    image = Image.new("RGB", (360, 260), (235, 235, 230))
    draw = ImageDraw.Draw(image)
    for k, row in enumerate(rows):
        font = ImageFont.load_default(24 + 4 * k)
        draw.text((20, 15 + 60 * k), row, font=font, fill=(30, 30, 40))
    page = np.asarray(image)
    assert texts(page) == rows
    assert texts(np.rot90(page, quarters)) == rows


def test_figures_of_a_turned_page_are_turned_with_it():
    """Alone they could be read either way."""
    image = Image.new("RGB", (500, 320), (175, 185, 168))
    image.paste(draw_segments("60959", 60), (100, 0))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(36)
    draw.text((30, 130), "Cubic metres of gas", font=font, fill="black")
    draw.text((30, 220), "Read once a month", font=font, fill="black")
    expected = ["60959", "Cubicmetresofgas", "Readonceamonth"]
    assert texts(image) == texts(image.rotate(180)) == expected


@pytest.mark.parametrize(
    ("text", "ink", "back"),
    [("4819", (120, 60, 60), (40, 20, 20)), ("48", (90, 90, 90), (130, 130, 130))],
)
def test_tight_crops_of_faint_text_are_found(text, ink, back):
    image = tight_label(text, ink, back, 3)
    (line,) = tcsdk.read(image)
    assert line.text == text
    assert line.polygon.min() >= 0
    assert (line.polygon.max(axis=0) <= image.size).all()
    assert np.ptp(line.polygon, axis=0) == pytest.approx(image.size, abs=10)


def test_a_figure_in_two_boxes_is_read_once(page, monkeypatch):
    """The detector's own, cut in two that share a figure."""
    find = PPOCR.find

    def find_halves(self, image):
        (box,) = find(self, image)
        left, right = box.copy(), box.copy()
        middle = box[:, 0].mean()
        left[[1, 2], 0], right[[0, 3], 0] = middle + 20, middle - 20
        return [left, right]

    whole = texts(page[:75])
    monkeypatch.setattr(PPOCR, "find", find_halves)
    assert texts(page[:75]) == whole == ["METER40718"]


def test_what_is_neither_picture_nor_stream_is_refused():
    check_rejects(lambda: tcsdk.read(b"nothing of the kind"), tcsdk.ImageError)


def test_reading_prints_nothing(page, capfd):
    tcsdk.read(page)
    assert capfd.readouterr() == ("", "")

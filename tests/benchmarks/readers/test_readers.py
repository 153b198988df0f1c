import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from benchmarks import readers
from benchmarks.codecs import MissingToolError

pytestmark = [pytest.mark.train, pytest.mark.ocr]

TEXTS = ("GATE 4071", "Room 25")


@pytest.fixture(params=list(readers.READERS))
def reader(request):
    try:
        return readers.READERS[request.param]()
    except MissingToolError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def page():
    """Two lines in Pillow's own face, and the quads of their ink with a margin."""
    image = Image.new("RGB", (420, 200), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(40)
    quads = []
    for text, (x, y) in zip(TEXTS, ((30, 20), (60, 120)), strict=True):
        draw.text((x, y), text, fill="black", font=font)
        left, top, right, bottom = draw.textbbox((x, y), text, font=font)
        corners = [
            (left - 4, top - 4),
            (right + 4, top - 4),
            (right + 4, bottom + 4),
            (left - 4, bottom + 4),
        ]
        quads.append(np.array(corners, np.float32))
    return image, quads


def test_known_lines_are_read_with_confidence(reader, page):
    image, quads = page
    readings = reader.read_lines([readers.cut(image, quad) for quad in quads])
    assert [reading.text for reading in readings] == list(TEXTS)
    assert all(0.6 < reading.confidence <= 1.0 for reading in readings)


def test_confidences_of_single_characters_are_the_recognisers(page):
    image, quads = page
    readings = readers.READERS["ppocr"]().read_lines([readers.cut(image, quad) for quad in quads])
    for reading, text in zip(readings, TEXTS, strict=True):
        assert len(reading.confidences) == len(text)
        assert np.mean(reading.confidences) == pytest.approx(reading.confidence)


def test_what_is_read_on_a_blank_line_has_no_confidence(reader):
    """Tesseract 5.3 reads letters even there."""
    blank = Image.new("RGB", (200, readers.LINE_HEIGHT), "white")
    (reading,) = reader.read_lines([blank])
    assert reading.confidence < 0.1
    assert reader.read_lines([]) == []


def test_text_is_found_where_it_stands(reader, page):
    image, quads = page
    found = reader.read_page(np.asarray(image))
    assert " ".join(one.text for one in found) == " ".join(TEXTS)
    for one in found:
        assert one.quad.shape == (4, 2)
        inside = [
            (one.quad.mean(0) > q.min(0)).all() and (one.quad.mean(0) < q.max(0)).all()
            for q in quads
        ]
        assert sum(inside) == 1

"""`Recognizer`: what it reads, in which order, and what it refuses."""

import pickle

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import tcsdk
from checks import check_rejects
from tcsdk import errors
from tcsdk.model.find import find_model
from tcsdk.model.folder import RecogniserFolder
from tcsdk.model.graphs import RECOGNITION
from tcsdk.recognizer import _decoded


@pytest.fixture(scope="module")
def reader():
    with tcsdk.Recognizer("reader", device="cpu", threads=1) as made:
        yield made


def line(text, size=40):
    """Dark on white, in Pillow's own face."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("RGB", (right - left + 20, bottom - top + 12), "white")
    ImageDraw.Draw(image).text((10 - left, 6 - top), text, fill=(30, 30, 40), font=font)
    return image


def test_clean_lines_are_read(reader):
    texts = ["GATE 4071", "Room 25", "008214", "12.50"]
    said = reader.recognize([line(text) for text in texts])
    assert [each.text for each in said] == texts
    for each in said:
        assert len(each.confidences) == len(each.text)
        assert each.confidence == pytest.approx(np.mean(each.confidences))
        assert 0.5 < each.confidence <= 1


def test_a_line_says_the_same_whoever_it_is_read_with(reader):
    crops = [line(text) for text in ("7", "GATE 4071", "A-17", "Subtotal: 99")]
    together = reader.recognize(crops)
    alone = [reader.recognize([crop])[0] for crop in crops]
    assert [each.text for each in together] == [each.text for each in alone]
    for one, other in zip(together, alone, strict=True):
        assert one.confidences == pytest.approx(other.confidences, abs=1e-3)


def test_crops_may_be_arrays_of_any_height(reader):
    large, small = (np.asarray(line("008214", size)) for size in (90, 24))
    assert [each.text for each in reader.recognize([large, small])] == ["008214"] * 2


def test_nothing_is_read_on_a_blank_line_and_of_no_lines(reader):
    (blank,) = reader.recognize([np.full((32, 100, 3), 128, np.uint8)])
    assert (blank.text, blank.confidence, blank.confidences) == ("", 0.0, ())
    assert reader.recognize([]) == []


def test_it_reads_printable_ascii_and_signs(reader):
    assert set("09azAZ€°£") < set(reader.characters)


def test_runs_of_a_class_are_one_character_and_a_blank_parts_two():
    logits = np.full((3, 7), -9.0, np.float32)  # blank, "a", "b"
    for step, (best, how_sure) in enumerate(
        [(1, 1.0), (1, 3.0), (0, 1.0), (1, 2.0), (2, 4.0), (0, 1.0), (0, 1.0)]
    ):
        logits[best, step] = -9.0 + how_sure
    said = _decoded(logits, "ab")
    assert said.text == "aab"
    surest = [np.exp(x) / (np.exp(x) + 2) for x in (3.0, 2.0, 4.0)]
    assert said.confidences == pytest.approx(surest, rel=1e-5)


def test_it_prints_travels_and_closes():
    made = tcsdk.Recognizer("reader", device="cpu", threads=1)
    assert repr(made).startswith("Recognizer(model='reader', device='cpu'")
    assert pickle.loads(pickle.dumps(made)).recognize([line("Room 25")])[0].text == "Room 25"
    assert made.engine.device == "cpu"
    made.close()
    check_rejects(lambda: made.recognize([line("x")]), ValueError, "closed")


def test_other_models_and_no_pictures_are_refused(reader):
    check_rejects(
        lambda: tcsdk.Recognizer("tfic"), errors.WrongTaskError, "'recognition'", "a codec"
    )
    check_rejects(lambda: tcsdk.Recognizer("nobody"), errors.UnknownModelError, "nobody")
    check_rejects(lambda: reader.recognize([b"no picture"]), errors.ImageError)
    check_rejects(lambda: reader.recognize("name.png"), TypeError, "crops")


def test_the_folder_says_what_it_reads():
    folder, _ = find_model("reader", task=RECOGNITION)
    assert isinstance(folder, RecogniserFolder)
    assert len(folder.characters) == len(set(folder.characters)) == 102


def test_an_encoder_is_never_offered_it():
    check_rejects(
        lambda: tcsdk.Encoder("reader"), errors.WrongTaskError, "tcsdk.Recognizer runs it"
    )

"""`Recognizer`: what it reads, in which order, and what it refuses."""

import pickle

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from support.crop_models import WORDS, word

import tcsdk
from checks import check_rejects
from tcsdk import errors
from tcsdk.engines import select_engine
from tcsdk.model.find import find_model
from tcsdk.model.folder import RecogniserFolder
from tcsdk.model.graphs import CLASS_LOGITS, LINE_PIXELS, RECOGNITION
from tcsdk.reading.line_classes import decoded, read_lines


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


def test_a_line_of_any_length_says_what_it_would_say_whole():
    """Cut into parts of 2048 pixels that overlap: the reader sees less far than they do."""
    folder, _ = find_model("reader", task=RECOGNITION)
    graph = select_engine("cpu", 1).load(folder.graph_file("int8", RECOGNITION))
    long = np.asarray(line("Subtotal: 99 " * 30, 26).resize((4900, 32)))
    assert long.shape[1] > 2 * 2048
    wide = long.shape[1] + -long.shape[1] % 64
    pixels = np.full((1, 3, 32, wide), 0.5, np.float32)
    pixels[0, :, :, : long.shape[1]] = long.transpose(2, 0, 1).astype(np.float32) * np.float32(
        1 / 255
    )
    whole = graph.run({LINE_PIXELS: pixels})[CLASS_LOGITS][0, :, 0]
    (said,) = read_lines(graph, [long], folder.characters, folder.characters)
    expected = decoded(whole, folder.characters)
    assert (said.text, len(said.text) > 200) == (expected.text, True)
    assert said.confidences == pytest.approx(expected.confidences, abs=1e-5)


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
    said = decoded(logits, "ab")
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


@pytest.fixture(scope="module")
def words():
    with tcsdk.Recognizer(WORDS, device="cpu", threads=1) as made:
        yield made


def test_the_model_says_whether_it_reads_lines_or_words(reader, words):
    assert (reader.reads, words.reads) == ("lines", "words")
    assert (words.characters, words.model) == ("0123456789", "small-words-fp32")


def test_words_are_read_up_to_their_end(words):
    texts = ["0123456789", "7", "", "4711", "9" * 25]
    said = words.recognize([word(text) for text in texts])
    assert [each.text for each in said] == texts
    for each in said:
        assert len(each.confidences) == len(each.text)
        assert each.confidence == pytest.approx(np.mean(each.confidences or [0.0]))


def test_many_words_are_read_in_batches_and_errors_stay_alone(words):
    crops = [word("12"), np.zeros((3, 9, 3), np.uint8), word("34"), np.zeros((5, 200, 3), np.uint8)]
    found = list(words.recognize_many(iter(crops), batch=3))
    assert [each.error is None for each in found] == [True, False, True, False]
    assert [each.get().text for each in found if each.error is None] == ["12", "34"]
    check_rejects(found[1].get, errors.ImageError, "9x3", "4 to 8192")
    check_rejects(found[3].get, errors.ImageError, "200x5", "a word", "model that reads lines")
    assert found[0].timings.total >= found[0].timings.graph > 0
    assert list(words.recognize_many([])) == []
    check_rejects(lambda: words.recognize_many([], batch=0), ValueError, "batch")
    check_rejects(lambda: words.recognize_many(word("12")), TypeError, "several pictures")


def test_only_the_characters_asked_for_are_read(reader, words):
    # The grey of a 7 is nearest to that of 8 among those, that of 4 to that of 5.
    (said,) = words.recognize([word("747")], characters="258")
    assert said.text == "858"
    (said,) = reader.recognize([line("O0I1")], characters="0123456789")
    assert said.text.isdecimal()
    assert reader.recognize([line("008214")], characters=reader.characters)[0].text == "008214"


def test_characters_that_it_lacks_are_refused(reader, words):
    for made, lacking in ((words, "Aä"), (reader, "äß")):
        check_rejects(
            lambda m=made, c=lacking: m.recognize([], characters=f"1{c}1"),
            ValueError,
            made.model,
            repr(lacking),
        )
        for none in ("", 5, ["1"]):
            check_rejects(
                lambda m=made, n=none: m.recognize([], characters=n), ValueError, "characters"
            )


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((0, 5, 3), np.uint8),
        np.zeros((2, 30, 3), np.uint8),
        np.zeros((32, 10_000, 3), np.uint8),
        np.zeros((32, 128, 3), np.float64),
        np.zeros((32, 128, 5), np.uint8),
    ],
)
def test_crops_of_no_use_are_refused(reader, words, bad):
    for made in (reader, words):
        check_rejects(lambda m=made: m.recognize([bad]), errors.ImageError)


def test_what_a_call_took_is_told(words):
    fresh = tcsdk.Recognizer(WORDS, device="cpu", threads=1)
    assert fresh.timings is None
    fresh.recognize([word("1")])
    assert fresh.timings.total >= fresh.timings.graph > 0

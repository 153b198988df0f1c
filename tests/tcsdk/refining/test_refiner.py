"""Encoding refined for a reader, with the model that ships."""

import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import tcsdk
from checks import check_rejects
from tcsdk import Encoder
from tcsdk.codec.tiles import TileGrid
from tcsdk.errors import EngineError, MissingRuntimeError
from tcsdk.reading.lines import TextLine
from tcsdk.refining import refiner

pytest.importorskip("onnx", reason="needs the [refine] extra")

TEXTS = ("TX 4071", "lot 55B")
BOXES = [np.array([[20, y], [196, y], [196, y + 36], [20, y + 36]], np.float32) for y in (10, 70)]
KNOWN = [TextLine(text, box, 1.0) for text, box in zip(TEXTS, BOXES, strict=True)]


def written(size=(256, 128)):
    image = Image.new("RGB", size, (225, 220, 205))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=30)
    for text, box in zip(TEXTS, BOXES, strict=True):
        draw.text((24, int(box[0, 1]) + 2), text, (30, 30, 40), font)
    return np.asarray(image)


def encoder(steps, **arguments):
    return Encoder("tfic-int8", device="cpu", threads=1, refine=steps, **arguments)


@pytest.fixture(scope="module")
def fast():
    return encoder(12, verify="fast")


@pytest.fixture(scope="module")
def plain():
    return encoder(0)


@pytest.fixture(scope="module")
def refiner_of_12(fast):
    return fast._loaded.refiner


def nats(refining, picture, quality):
    """What the known lines cost the refiner's reader in a picture."""
    from tcsdk.refining.ctc import ctc_loss
    from tcsdk.refining.line_cuts import LineCut, cut_width

    shown, total = np.moveaxis(picture, 2, 0).astype(np.float32) / 255, 0.0
    for line in refining.wanted(KNOWN, (1.0, 1.0)):
        cut = LineCut.of(line.box, shown.shape[1:], cut_width(line.box))
        logits = refining.reader.value({"line_pixels": cut.cut(shown)[None]})[0]
        total += ctc_loss(logits[:, 0].T, line.classes)[0]
    return total


def test_refined_text_costs_the_reader_less_in_as_many_bytes(fast, plain, refiner_of_12):
    options = {"text": KNOWN, "scale": 1.0, "adaptive": False}
    before = plain.encode(written(), quality=4, **options)
    after = fast.encode(written(), quality=4, max_bytes=len(before), **options)
    assert len(after) <= len(before)
    costs = [nats(refiner_of_12, tcsdk.decode(each), 4) for each in (before, after)]
    assert costs[1] < 0.7 * costs[0]
    assert fast.timings.refine > 0


def test_the_same_picture_gives_the_same_stream(fast):
    first, second = (fast.encode(written(), quality=8, scale=1.0) for _ in range(2))
    assert first == second


def test_a_target_is_kept(fast):
    assert len(fast.encode(written(), max_bytes=150, small=True)) <= 150


def test_no_steps_change_nothing(plain):
    assert plain.encode(written(), quality=8) == Encoder("tfic-int8", threads=1).encode(
        written(), quality=8
    )


def test_several_areas_are_refined_one_after_the_other(plain, monkeypatch):
    picture = np.concatenate([written((256, 128))] * 3)
    monkeypatch.setattr(refiner, "_MOST_PIXELS", 1)
    streams = {}
    for steps in (0, 4):
        with encoder(steps, verify="fast", tile=128) as made:
            streams[steps] = made.encode(picture, quality=8, scale=1.0)
    assert streams[0] != streams[4]
    assert tcsdk.decode(streams[4]).shape == picture.shape


def test_areas_are_whole_rows_of_tiles(monkeypatch):
    monkeypatch.setattr(refiner, "_MOST_PIXELS", 2 * 300 * 128)
    areas = list(refiner._areas(TileGrid(300, 500, 128)))
    assert [(area.y, area.height) for area in areas] == [(0, 256), (256, 244)]
    assert all((area.x, area.width) == (0, 300) for area in areas)


def test_lines_that_may_be_something_else_are_not_drawn_clearly(refiner_of_12):
    box = BOXES[0]
    standing = np.array([[0, 0], [10, 0], [10, 80], [0, 80]], np.float32)
    lines = [
        TextLine("48", box, 0.95, (0.99, 0.91)),
        TextLine("48", box, 0.95, (0.99, 0.6)),
        TextLine("48", box, 0.5),
        TextLine("48", standing, 1.0),
        TextLine("1", standing, 1.0),
        TextLine("温度", box, 1.0),
    ]
    classes = [bool(line.classes) for line in refiner_of_12.wanted(lines, (1.0, 1.0))]
    assert classes == [True, False, False, False, True, False]


def test_a_picture_without_a_line_stays_as_it_is(fast, plain):
    picture = np.full((64, 128, 3), 90, np.uint8)
    assert fast.encode(picture, quality=20) == plain.encode(picture, quality=20)


def test_known_lines_stand_in_the_place_of_what_is_read(fast):
    a = fast.encode(written(), quality=4, scale=1.0, text=[TextLine("TX 4O71", BOXES[0], 1.0)])
    b = fast.encode(written(), quality=4, scale=1.0, text=[TextLine("TX 4071", BOXES[0], 1.0)])
    assert tcsdk.inspect(a).width == tcsdk.inspect(b).width
    assert (tcsdk.decode(a) != tcsdk.decode(b)).any()


def test_a_model_that_cannot_be_refined_is_refused():
    for model in ("base-int8", "textboost"):
        check_rejects(
            lambda model=model: Encoder(model, device="cpu", refine=4, verify="fast"),
            EngineError,
            "expected a model to refine",
            'take "tfic"',
        )


def test_a_graph_with_other_operators_is_refused():
    check_rejects(
        lambda: Encoder("tfic-tinylic", device="cpu", refine=4, verify="fast"),
        EngineError,
        "ConvTranspose",
        "cannot be refined",
    )


def test_steps_out_of_range_are_refused():
    check_rejects(lambda: Encoder(refine=-1), ValueError, "refine", "0..1000")
    check_rejects(lambda: Encoder(refine=1.5), TypeError, "refine")


def test_without_onnx_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx.shape_inference", None)
    check_rejects(lambda: encoder(4, verify="fast"), MissingRuntimeError, "refine=4", "[refine]")


def test_many_pictures_are_refined_each_by_itself(fast):
    pictures = [written(), np.flip(written(), 0).copy()]
    alone = [fast.encode(each, quality=8) for each in pictures]
    many = [outcome.get() for outcome in fast.encode_many(pictures, tcsdk.Request(quality=8))]
    assert many == alone

"""Streams that are read before they are handed out."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from support.fake_reader import FakeReader, line
from support.small_model import MODEL, psnr, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk import Encoder
from tcsdk.codec.resampling import Sizes
from tcsdk.reading import reader as readers
from tcsdk.reading import verification
from tcsdk.reading.line_reading import Line, cut_and_read
from tcsdk.reading.raising import LADDER

PICTURE = smooth_picture(300, 200)
LEFT, LOW = line("A 12", 10, width=101), line("B 34", 40, y=150, width=103)
# What the small model gives at quality 20 is less, and with steps of the map more.
NEEDED = 34.5


@pytest.fixture
def verifying():
    """Make an encoder with a fake reader of the lines given."""
    pytest.importorskip("rapidocr", reason="verify=True needs the [ocr] extra")

    def make(*lines, needs=None, wrong=None, unsteady=(), pixels=PICTURE, **options):
        options = {"quality": 20, **options}
        encoder = Encoder(MODEL, device="cpu", threads=2, verify=True, **options)
        reader = FakeReader(pixels, lines, needs or {}, wrong or {}, unsteady)
        held = encoder._held
        encoder._held = replace(held, verifier=replace(held.verifier, reader=reader))
        return encoder, reader

    return make


def shown_at(line, data, decoder):
    """How well a stream shows a line, dB."""
    left, top, right, bottom = (
        *line.polygon.min(axis=0).astype(int),
        *line.polygon.max(axis=0).astype(int),
    )
    at = slice(top, bottom), slice(left, right)
    return psnr(decoder.decode(data)[at], PICTURE[at])


def test_a_stream_that_reads_well_is_left_as_it_is(verifying, encoder):
    checked, _ = verifying(LEFT, LOW)
    assert checked.encode(PICTURE, text=None) == encoder.encode(PICTURE, quality=20)
    report = checked.verification
    assert (report.quality, report.rounds, report.lines, report.raised) == (20, 1, 2, ())
    assert report.agreed
    assert report.limit == ""
    assert checked.timings.verify > 0


def test_a_line_that_differs_is_coded_finer_and_the_rest_is_not(verifying, encoder, decoder):
    checked, _ = verifying(LEFT, LOW, needs={"A 12": NEEDED})
    data, plain = checked.encode(PICTURE), encoder.encode(PICTURE, quality=20)
    report = checked.verification
    assert report.agreed
    (raised,) = report.raised
    assert (raised.text, raised.box) == ("A 12", (10, 40, 101, 20))
    assert raised.steps > 0
    assert report.rounds > 1
    assert tcsdk.inspect(data).quality == report.quality == 20
    assert shown_at(LEFT, data, decoder) >= NEEDED - 1 > shown_at(LEFT, plain, decoder)
    far = slice(140, 200), slice(0, 300)
    before, after = decoder.decode(plain)[far], decoder.decode(data)[far]
    assert np.mean(before == after) > 0.99
    with pytest.raises(FrozenInstanceError):
        report.quality = 1


def test_only_lines_whose_pixels_changed_are_read_again(verifying):
    large = smooth_picture(300, 900)
    far = line("B 34", 40, y=700, width=103)
    checked, reader = verifying(LEFT, far, needs={"A 12": NEEDED}, pixels=large)
    checked.encode(large)
    rounds = checked.verification.rounds
    assert rounds > 2
    first, again = reader.asked.count("B 34"), reader.asked.count("A 12")
    assert first == 3  # on the original, with noise, and the stream once
    assert again >= 2 + rounds


@pytest.mark.parametrize("tile", [64, 512])
@pytest.mark.parametrize(("scale", "needed"), [(1.0, NEEDED), (0.5, 31.0)])
def test_what_is_reported_holds_of_the_stream_itself(verifying, decoder, tile, scale, needed):
    checked, reader = verifying(LEFT, LOW, needs={"A 12": needed, "B 34": needed}, tile=tile)
    data = checked.encode(PICTURE, scale=scale, regions=[(0, 0, 60, 60, 2)])
    assert checked.verification.agreed
    sizes = Sizes.of((round(300 * scale), round(200 * scale)), (300, 200))
    for known in (LEFT, LOW):
        line = Line.of(known.text, known.polygon, sizes)
        assert cut_and_read(reader, line, decoder.decode(data)).text == known.text


def test_a_line_that_never_agrees_costs_nothing_and_is_reported(verifying, encoder):
    checked, _ = verifying(LEFT, needs={"A 12": 99.0}, wrong={"A 12": "A 72"}, verify_limit=30)
    data = checked.encode(PICTURE, scale=1.0, text=None)
    report = checked.verification
    assert data == encoder.encode(PICTURE, quality=20, scale=1.0)
    assert not report.agreed
    assert (report.raised, report.limit) == ((), "quality")
    (difference,) = report.differences
    assert (difference.original, difference.decoded) == ("A 12", "A 72")
    assert difference.box == (10, 40, 101, 20)


def test_lines_are_raised_up_to_a_third_of_what_the_limit_is_above_the_quality(verifying):
    rungs = [rung for rung in LADDER if rung <= 20]
    # Nothing; 2 and back to 0; and each rung twice, by parts and as a whole, but 0 and back to it.
    for limit, rounds in ((20, 1), (26, 3), (80, 2 * len(rungs))):
        checked, _ = verifying(LEFT, needs={"A 12": 99.0}, verify_limit=limit)
        checked.encode(PICTURE, scale=1.0)
        assert checked.verification.rounds == rounds


def test_lines_that_the_reader_is_not_sure_of_are_not_compared(verifying):
    faint = line("faint", 10, y=100, width=102, confidence=0.5)
    unsteady = line("noise", 10, y=70, width=104)
    checked, _ = verifying(LEFT, faint, unsteady, needs={"noise": 99.0}, unsteady=["noise"])
    checked.encode(PICTURE)
    report = checked.verification
    assert (report.lines, report.unsure) == (1, 2)
    assert report.agreed


def test_max_bytes_wins_over_reading(verifying, encoder):
    checked, _ = verifying(LEFT, needs={"A 12": 99.0})
    data = checked.encode(PICTURE, max_bytes=700, quality=63, text=None)
    assert data == encoder.encode(PICTURE, max_bytes=700, quality=63)
    report = checked.verification
    assert report.limit == "max_bytes"
    assert report.quality == tcsdk.inspect(data).quality
    checked, _ = verifying(LEFT)
    checked.encode(PICTURE, max_bytes=700)
    assert checked.verification.agreed
    assert checked.verification.limit == ""


def test_many_pictures_carry_their_reports(verifying):
    checked, _ = verifying(LEFT, needs={"A 12": NEEDED})
    outcomes = list(checked.encode_many([PICTURE] * 2, workers=2))
    assert [outcome.verification.agreed for outcome in outcomes] == [True, True]
    assert outcomes[0].value == outcomes[1].value


def test_without_verify_there_is_no_report(encoder):
    encoder.encode(PICTURE)
    assert encoder.verification is None


def test_a_missing_reader_is_named(monkeypatch):
    monkeypatch.setattr(readers, "find_spec", lambda name: None)
    check_rejects(
        lambda: Encoder(MODEL, verify=True), tcsdk.MissingRuntimeError, 'pip install ".[ocr]"'
    )


def test_lines_that_are_named_are_compared_alone(verifying):
    total = line("TOTAL 4.819,07", 10, y=100, width=102)
    for pattern in ("^TOTAL", "[0-9]{6}"):  # the second in what counts of the line, without dots
        named, _ = verifying(LEFT, total, needs={"A 12": 99.0}, verify_lines=pattern)
        named.encode(PICTURE)
        assert named.verification.agreed
        assert (named.verification.lines, named.verification.unsure) == (1, 0)


@pytest.mark.parametrize("target", [{}, {"max_bytes": 700}])
def test_nothing_to_compare_is_no_agreement(verifying, target):
    for lines, options in (
        ([], {}),
        ([line("- - -", 0)], {}),
        ([line("A 12", 0)], {"verify_lines": "B"}),
    ):
        checked, _ = verifying(*lines, **options)
        checked.encode(PICTURE, **target)
        report = checked.verification
        assert not report.agreed
        assert (report.lines, report.limit, report.rounds) == (0, "lines", 0)
        assert "no line to compare" in report.complaints[0]


def test_complaints_say_each_line_and_where_it_is(verifying):
    checked, _ = verifying(
        LEFT, LOW, needs={"A 12": 99, "B 34": 99}, wrong={"A 12": "A 72"}, verify_limit=20
    )
    checked.encode(PICTURE)
    assert checked.verification.complaints == (
        '"A 12" is read as "A 72" (at 10,40, 101x20)',
        '"B 34" is not read (at 40,150, 103x20)',
    )


def test_expressions_that_are_none_are_refused():
    pytest.importorskip("rapidocr", reason="verify=True needs the [ocr] extra")
    for wrong, kind in (("(", ValueError), (7, TypeError)):
        make = partial(Encoder, MODEL, verify=True, verify_lines=wrong)
        check_rejects(make, kind, "verify_lines as a regular expression")
    check_rejects(lambda: Encoder(MODEL, verify_lines="A"), ValueError, "verify=True, which is off")


def test_half_the_size_is_tried_unless_the_caller_chose_one(verifying, monkeypatch):
    checked, reader = verifying(LEFT, verify_limit=26)
    sizes = []
    at_scale = verification.Verifier._at_scale

    def noted(self, encoding, *others):
        sizes.append(encoding.scale)
        reader.needs = {"A 12": 99.0 if encoding.scale == 1 else 0.0}
        return at_scale(self, encoding, *others)

    monkeypatch.setattr(verification.Verifier, "_at_scale", noted)
    data = checked.encode(PICTURE)
    assert checked.verification.agreed
    assert sizes == [1.0, 0.5]
    assert tcsdk.inspect(data).coded_width == PICTURE.shape[1] / 2
    assert checked.verification.rounds == 4  # 0, 2 and back to 0, and 0 at the other size
    checked.encode(PICTURE, scale=1.0)
    assert not checked.verification.agreed


def test_the_time_of_reading_is_not_counted_twice(verifying):
    checked, _ = verifying(LEFT, needs={"A 12": NEEDED})
    checked.encode(PICTURE)
    timings = checked.timings
    stages = timings.image + timings.analysis + timings.kernel + timings.write + timings.verify
    assert 0 < timings.verify < stages <= timings.total


@pytest.mark.ocr
def test_a_real_picture_is_read_and_verified():
    pytest.importorskip("rapidocr", reason="needs the [ocr] extra")
    label = Path(__file__).parents[3] / "examples" / "pictures" / "label.png"
    encoder = Encoder("tfic-int8", quality=8, device="cpu", verify=True)
    data = encoder.encode(label)
    report = encoder.verification
    assert report.lines >= 3
    assert report.quality == tcsdk.inspect(data).quality == 8
    assert report.agreed
    assert report.raised
    assert len(data) <= len(tcsdk.encode(label, model="tfic-int8", quality=24, device="cpu"))


def test_the_small_reader_verifies_without_an_extra(monkeypatch):
    monkeypatch.setattr(readers, "find_spec", lambda name: None)
    label = Path(__file__).parents[3] / "examples" / "pictures" / "label.png"
    encoder = Encoder("tfic-int8", quality=8, device="cpu", verify="fast")
    data = encoder.encode(label, text="codes")
    report = encoder.verification
    assert report.lines >= 1
    assert report.agreed
    assert "00482176 m3" in [line.text for line in tcsdk.inspect(data).text.lines]

"""Streams that are read before they are handed out."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from functools import partial

import numpy as np
import pytest
from support.small_model import MODEL, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk import Encoder, TextLine
from tcsdk.reading import verification
from tcsdk.reading.verification import Verification, Verifier
from tcsdk.timings import Stopwatch

PICTURE = smooth_picture(300, 200)


def line(text, x, y=10, width=100, height=20, confidence=0.95):
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return TextLine(text, np.float32(corners), confidence)


@pytest.fixture
def reader(monkeypatch):
    """A reader that reads the original right, and streams from a quality of its choice on.

    It stands in for the OCR, whose answers no test can choose: which of the qualities tried it is
    asked about shows in the streams themselves.
    """

    class Reader:
        right_from = 0
        asked: list[int]
        original = (line("A 12", 0), line("faint", 150, confidence=0.5))

        def read(self, pixels):
            if np.array_equal(pixels, PICTURE):
                return list(self.original)
            return self.decoded(self.asked[-1] >= self.right_from)

        def decoded(self, right):
            return [line("A-12." if right else "A 72", 2)]

    reader = Reader()
    reader.asked = []
    monkeypatch.setattr(verification, "read", reader.read)
    return reader


@pytest.fixture
def verifying(reader):
    def make(**options):
        encoder = Encoder(MODEL, device="cpu", threads=2, verify=True, **options)
        decode = encoder._loaded.verifier.decoder.decode

        def noted(data):
            reader.asked.append(tcsdk.inspect(data).quality)
            return decode(data)

        encoder._loaded.verifier.decoder.decode = noted
        return encoder

    pytest.importorskip("rapidocr", reason="verify=True needs the [ocr] extra")
    return make


def test_a_stream_that_reads_well_is_left_as_it_is(verifying, reader, encoder):
    checked = verifying(quality=20)
    data = checked.encode(PICTURE)
    assert data == encoder.encode(PICTURE, quality=20)
    report = checked.verification
    assert (report.qualities, report.quality, report.lines) == ((20,), 20, 1)
    assert report.agreed
    assert report.limit == ""
    assert checked.timings.verify > 0


@pytest.mark.parametrize("right_from", [21, 24, 25, 33, 40, 63])
def test_the_quality_is_raised_to_the_lowest_that_agrees(verifying, reader, encoder, right_from):
    reader.right_from = right_from
    checked = verifying(quality=20)
    data = checked.encode(PICTURE)
    report = checked.verification
    assert data == encoder.encode(PICTURE, quality=right_from)
    assert report.quality == right_from
    assert report.agreed
    assert list(report.qualities) == reader.asked
    assert len(set(reader.asked)) == len(reader.asked) <= 10
    with pytest.raises(FrozenInstanceError):
        report.quality = 1


def test_the_original_is_read_at_its_full_size(verifying, reader):
    encoder = verifying(quality=20)
    assert tcsdk.inspect(encoder.encode(PICTURE, scale=0.5)).coded_width < PICTURE.shape[1]
    assert encoder.verification.lines == 1  # the fake reader knows the original by its pixels


def test_a_limit_that_does_not_help_is_reported(verifying, reader):
    reader.right_from = 64
    checked = verifying(quality=20, verify_limit=30)
    data = checked.encode(PICTURE)
    report = checked.verification
    assert max(report.qualities) == 30
    assert tcsdk.inspect(data).quality == report.quality == 20
    assert not report.agreed
    assert report.limit == "quality"
    (difference,) = report.differences
    assert (difference.original, difference.decoded) == ("A 12", "A 72")
    assert difference.box == (0, 10, 100, 20)


def test_max_bytes_wins_over_reading(verifying, reader, encoder):
    reader.right_from = 64
    checked = verifying()
    data = checked.encode(PICTURE, max_bytes=700)
    assert data == encoder.encode(PICTURE, max_bytes=700)
    report = checked.verification
    assert report.limit == "max_bytes"
    assert report.qualities == (tcsdk.inspect(data).quality,)
    reader.right_from = 0
    checked.encode(PICTURE, max_bytes=700)
    assert checked.verification.agreed
    assert checked.verification.limit == ""


def test_many_pictures_carry_their_reports(verifying, reader):
    outcomes = list(verifying(quality=20).encode_many([PICTURE] * 2, workers=1))
    assert [outcome.verification.quality for outcome in outcomes] == [20, 20]


def test_without_verify_there_is_no_report(encoder):
    encoder.encode(PICTURE)
    assert encoder.verification is None


def test_a_missing_reader_is_named(monkeypatch):
    monkeypatch.setattr(verification, "find_spec", lambda name: None)
    check_rejects(
        lambda: Encoder(MODEL, verify=True), tcsdk.MissingRuntimeError, 'pip install ".[ocr]"'
    )


def test_lines_that_are_named_are_compared_alone(verifying, reader):
    reader.right_from = 64
    reader.original = [line("A 12", 0), line("TOTAL 4.819,07", 0, y=60)]
    reader.decoded = lambda right: [line("A 72", 0), line("TOTAL 4819,07", 0, y=60)]
    named = verifying(quality=20, verify_lines="^TOTAL")
    named.encode(PICTURE)
    assert named.verification.agreed
    assert named.verification.lines == 1
    by_figures = verifying(quality=20, verify_limit=20, verify_lines="[0-9]{6}")
    by_figures.encode(PICTURE)
    assert by_figures.verification.agreed  # found in what counts of the line, without its dots
    everything = verifying(quality=20, verify_limit=20)
    everything.encode(PICTURE)
    assert [d.original for d in everything.verification.differences] == ["A 12"]


@pytest.mark.parametrize("target", [{}, {"max_bytes": 700}])
def test_nothing_to_compare_is_no_agreement(verifying, reader, target):
    for said, options in (
        ([], {}),
        ([line("- - -", 0)], {}),
        ([line("A 12", 0)], {"verify_lines": "B"}),
    ):
        reader.original = said
        checked = verifying(quality=20, **options)
        checked.encode(PICTURE, **target)
        report = checked.verification
        assert not report.agreed
        assert (report.lines, report.limit, len(report.qualities)) == (0, "lines", 1)
        assert "no line to compare" in report.complaints[0]


def test_complaints_say_each_line_and_where_it_is(verifying, reader):
    reader.original = [line("A 12", 0), line("B 34", 0, y=60)]
    reader.decoded = lambda right: [line("A 72", 0)]
    checked = verifying(quality=20, verify_limit=20)
    checked.encode(PICTURE)
    assert checked.verification.complaints == (
        '"A 12" is read as "A 72" (at 0,10, 100x20)',
        '"B 34" is not read (at 0,60, 100x20)',
    )


def test_expressions_that_are_none_are_refused():
    pytest.importorskip("rapidocr", reason="verify=True needs the [ocr] extra")
    for wrong, kind in (("(", ValueError), (7, TypeError)):
        make = partial(Encoder, MODEL, verify=True, verify_lines=wrong)
        check_rejects(make, kind, "verify_lines as a regular expression")
    check_rejects(lambda: Encoder(MODEL, verify_lines="A"), ValueError, "verify=True, which is off")


def test_another_scale_is_tried_where_no_quality_agrees(reader):
    """Streams are stood for by their scale and quality; what is read depends on both."""
    pixels = PICTURE
    made: list[bytes] = []

    def make(scale: int, quality: int) -> bytes:
        made.append(bytes([scale, quality]))
        return made[-1]

    def verify(agrees) -> tuple[bytes, Verification]:
        class Reads:
            def decode(self, data: bytes) -> np.ndarray:
                reader.asked.append(64 if agrees(*data) else 0)
                return np.zeros((1, 1, 3), np.uint8)

        made.clear()
        reader.right_from = 1
        makes = (partial(make, scale) for scale in (4, 3, 2))
        return Verifier(Reads(), 40).raised(pixels, makes, 20, Stopwatch())

    stream, report = verify(lambda scale, quality: scale == 3 and quality >= 22)
    assert tuple(stream) == (3, 22)
    assert report.agreed
    assert report.qualities == (20, 24, 32, 40, 20, 24, 22, 21)
    assert not any(scale == 2 for scale, _ in made)
    stream, report = verify(lambda scale, quality: False)
    assert tuple(stream) == (4, 20)
    assert report.limit == "quality"


def test_half_the_size_is_tried_unless_the_caller_chose_one(verifying, reader):
    checked = verifying(quality=20, verify_limit=24)
    decode = checked._loaded.verifier.decoder.decode

    def noted(data):
        pixels = decode(data)
        reader.asked.append(64 if tcsdk.inspect(data).coded_width == PICTURE.shape[1] / 2 else 0)
        return pixels

    checked._loaded.verifier.decoder.decode = noted
    reader.right_from = 1
    data = checked.encode(PICTURE)
    assert checked.verification.agreed
    assert checked.verification.qualities == (20, 24, 20)
    assert tcsdk.inspect(data).coded_width == PICTURE.shape[1] / 2
    checked.encode(PICTURE, scale=1.0)
    assert not checked.verification.agreed
    assert checked.verification.qualities == (20, 24)


def test_the_time_of_reading_is_not_counted_twice(verifying, reader):
    reader.right_from = 63
    checked = verifying(quality=20)
    checked.encode(PICTURE)
    timings = checked.timings
    stages = timings.image + timings.analysis + timings.kernel + timings.write + timings.verify
    assert 0 < timings.verify < stages <= timings.total


@pytest.mark.ocr
def test_a_real_picture_is_read_and_verified():
    pytest.importorskip("rapidocr", reason="needs the [ocr] extra")
    from pathlib import Path

    label = Path(__file__).parents[3] / "examples" / "pictures" / "label.png"
    encoder = Encoder("tfic-int8", quality=20, device="cpu", verify=True, verify_limit=24)
    data = encoder.encode(label)
    report = encoder.verification
    assert report.lines >= 3
    assert report.quality == tcsdk.inspect(data).quality
    assert report.qualities[0] == 20
    assert max(report.qualities) <= 24

"""Streams that are read before they are handed out."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from support.small_model import MODEL, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk import Encoder, TextLine
from tcsdk.reading import verification
from tcsdk.reading.verification import compare

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
        confidence = 0.95

        def read(self, pixels):
            if np.array_equal(pixels, PICTURE):
                return [line("A 12", 0), line("faint", 150, confidence=0.5)]
            right = self.asked[-1] >= self.right_from
            return [line("A12" if right else "A 72", 2)]

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


COMPARED = [
    ([line("A 12", 0)], [line("A12", 3)], []),
    ([line("A12", 0)], [line("A17", 3)], [("A12", "A17")]),
    ([line("A12", 0)], [], [("A12", "")]),
    ([line("A12", 0)], [line("A12", 300)], [("A12", "")]),
    ([line("left right", 0)], [line("right", 55, width=45), line("left", 1, width=44)], []),
    ([line("one", 0), line("two", 0, y=60)], [line("two", 0, y=61), line("one", 2)], []),
    ([line("one", 0)], [line("one", 0), line("new", 0, y=80)], []),
]


@pytest.mark.parametrize(("expected", "came", "differing"), COMPARED)
def test_lines_are_compared_in_their_places(expected, came, differing):
    assert [(d.original, d.decoded) for d in compare(expected, came)] == differing


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

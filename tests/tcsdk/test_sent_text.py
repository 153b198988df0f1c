"""Text that goes along with a picture: what a caller asks for, and what arrives."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from support.fake_reader import FakeReader, line
from support.small_model import MODEL, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk import Encoder, Request
from tcsdk._kernels import parse
from tcsdk.given_text import is_code
from tcsdk.reading.reader import PPOCRReader

PICTURE = smooth_picture(300, 200)
METER = line("00482176", 10, width=101)
NAME = line("PUMP STATION", 40, y=150, width=103)
QUAD = [(10, 40), (110, 40), (110, 60), (10, 60)]


@pytest.fixture
def reading(monkeypatch):
    """Put a reader of these two lines in the OCR's place."""
    pytest.importorskip("rapidocr", reason="text='read' needs the [ocr] extra")

    def use(**options):
        reader = FakeReader(PICTURE, [METER, NAME], **options)
        monkeypatch.setattr(PPOCRReader, "find", lambda self, pixels: reader.find(pixels))
        monkeypatch.setattr(PPOCRReader, "read", lambda self, *asked: reader.read(*asked))
        return reader

    return use


def sent(data):
    return [(line.text, line.state) for line in tcsdk.inspect(data).text.lines]


FORMS = [
    [SimpleNamespace(text="A 12", polygon=np.float32(QUAD), confidence=0.6)],
    [tcsdk.TextLine("A 12", np.float32(QUAD), 0.6)],
    [tcsdk.SentLine("A 12", np.float32(QUAD), "sent", 0.6)],
    ((QUAD, "A 12"),),
    [(np.int64(QUAD), "A 12")],
]


@pytest.mark.parametrize("text", FORMS)
def test_lines_come_in_whatever_form_and_arrive(encoder, text):
    data = encoder.encode(PICTURE, text=text)
    (came,) = tcsdk.inspect(data).text.lines
    assert (came.text, came.state) == ("A 12", "sent")
    assert abs(came.polygon - np.float32(QUAD)).max() < 10  # on the grid of the format
    known = not hasattr(text[0], "confidence")
    assert came.confidence == pytest.approx(1.0 if known else 0.6, abs=0.08)


def test_a_register_has_no_place(encoder):
    (came,) = tcsdk.inspect(encoder.encode(PICTURE, text=["00482.7"])).text.lines
    assert (came.text, came.polygon, came.confidence) == ("00482.7", None, 1.0)
    assert tcsdk.inspect(encoder.encode(PICTURE)).text is None


def test_eight_figures_take_a_few_bytes(encoder):
    plain = len(encoder.encode(PICTURE))
    assert len(encoder.encode(PICTURE, text=["00482176"])) - plain <= 16


@pytest.mark.parametrize("scale", [1.0, 0.5])
@pytest.mark.parametrize("tile", [64, 512])
def test_places_are_those_of_the_picture_as_shown(scale, tile, decoder):
    encoder = Encoder(MODEL, device="cpu", tile=tile, base_quality=3, base_model=MODEL)
    data = encoder.encode(PICTURE, text=[(QUAD, "A 12")], scale=scale, keep=("exif",), user=b"u")
    (came,) = tcsdk.inspect(data).text.lines
    assert abs(came.polygon - np.float32(QUAD)).max() < 12
    assert tcsdk.metadata(data).user == b"u"
    np.testing.assert_array_equal(
        decoder.decode(data),
        decoder.decode(encoder.encode(PICTURE, scale=scale)),
    )


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("all", ValueError, "'read', 'codes', 'states'"),
        (7, TypeError, "text as several lines, got 7"),
        ([7], TypeError, "a line of text as a TextLine, as (corners, string)"),
        ([(QUAD, 7)], TypeError, "got 7 as the string"),
        ([(QUAD, " ")], ValueError, "which says nothing"),
        ([(QUAD, "\ud800")], ValueError, "as Unicode"),
        ([(QUAD[:3], "A")], ValueError, "four of x, y in pixels"),
        ([([(0, 0), (1, 0), (1, float("nan")), (0, 1)], "A")], ValueError, "four of x, y"),
        ([([(5, 5)] * 4, "A")], ValueError, "no more than a point"),
        ([("corners", "A")], TypeError, "four of x, y in pixels"),
        ([SimpleNamespace(text="A", polygon=QUAD, confidence=3)], ValueError, "in 0..1, got 3"),
    ],
)
def test_what_is_no_line_is_refused_before_a_picture_is_read(text, error, words):
    check_rejects(lambda: Request(text=text), error, words)


def test_lines_of_another_picture_are_refused(encoder):
    beside = [(np.add(QUAD, (300, 0)), "A 12")]
    check_rejects(
        lambda: encoder.encode(PICTURE, text=beside), tcsdk.RegionError, "within 300x200 pixels"
    )
    encoder.encode(PICTURE, text=[(np.add(QUAD, (250, 0)), "A 12")])  # readers look beyond edges


def test_a_small_stream_carries_text(encoder):
    small = encoder.encode(PICTURE, text=["A"], small=True)
    assert sent(small) == [("A", "sent")]
    assert len(small) < len(encoder.encode(PICTURE, text=["A"])) - 16


def test_what_is_read_is_sent_and_codes_alone_where_these_are_asked_for(reading, encoder):
    reading()
    assert sent(encoder.encode(PICTURE, text="read")) == [
        ("00482176", "sent"),
        ("PUMP STATION", "sent"),
    ]
    assert sent(encoder.encode(PICTURE, text="codes")) == [("00482176", "sent")]
    assert encoder.timings.verify > 0


@pytest.mark.parametrize(
    ("text", "code"),
    [("12", False), ("123", True), ("1AB", True), ("1ABC", False), ("ABC", False), ("1 2 3", True)],
)
def test_a_code_has_three_characters_of_which_a_third_are_figures(text, code):
    assert is_code(text) == code


def test_without_a_reader_text_cannot_be_read(monkeypatch, encoder):
    monkeypatch.setattr("tcsdk.reading.reader.find_spec", lambda name: None)
    check_rejects(
        lambda: encoder.encode(PICTURE, text="read"), tcsdk.MissingRuntimeError, "text='read'"
    )


def test_max_bytes_counts_text_and_the_picture_shrinks_for_it(encoder):
    text = ["00482176", "Inspected 2026-11-03 by K. Lind"]
    for target in (700, 420):
        data = encoder.encode(PICTURE, max_bytes=target, text=text)
        assert len(data) <= target
        assert [said for said, _ in sent(data)] == text
        plain = encoder.encode(PICTURE, max_bytes=target)
        assert tcsdk.inspect(data).quality <= tcsdk.inspect(plain).quality


def test_text_is_dropped_where_no_picture_fits_beside_it(encoder):
    smallest = len(encoder.encode(PICTURE, quality=0, scale=0.25))
    text = ["a long line that no reader has seen before, " * 3]
    data = encoder.encode(PICTURE, max_bytes=smallest, text=text)
    assert len(data) <= smallest
    assert tcsdk.inspect(data).text is None
    (note,) = (note for note in encoder.notes if note.kind == "text")
    assert "left out" in note.text
    with pytest.raises(tcsdk.TargetTooSmallError):
        encoder.encode(PICTURE, max_bytes=30, text=text)


@pytest.fixture
def checked():
    pytest.importorskip("rapidocr", reason="verify=True needs the [ocr] extra")
    return Encoder(MODEL, device="cpu", threads=2, quality=20, verify=True, verify_limit=20)


def test_states_of_verified_lines_are_sent(reading, checked):
    reading(needs={"PUMP STATION": 99.0})
    lines = {"scale": 1.0}
    assert sent(checked.encode(PICTURE, **lines)) == [(None, "verified"), (None, "doubtful")]
    assert sent(checked.encode(PICTURE, text="codes", **lines)) == [
        ("00482176", "verified"),
        (None, "doubtful"),
    ]
    assert sent(checked.encode(PICTURE, text="read", **lines)) == [
        ("00482176", "verified"),
        ("PUMP STATION", "doubtful"),
    ]
    assert tcsdk.inspect(checked.encode(PICTURE, text=None, **lines)).text is None
    assert sent(checked.encode(PICTURE, small=True, **lines)) == sent(
        checked.encode(PICTURE, **lines)
    )


def test_lines_that_were_not_compared_are_sent_without_a_state(reading, checked):
    reading(unsteady=["PUMP STATION"])
    assert sent(checked.encode(PICTURE)) == [(None, "verified")]
    assert sent(checked.encode(PICTURE, text="read")) == [
        ("00482176", "verified"),
        ("PUMP STATION", "sent"),
    ]


def test_what_a_caller_knows_is_held_against_the_picture(reading, checked):
    reading()
    known = [("00482176", METER.polygon), ("PUMP STATIOM", NAME.polygon), ("7", None)]
    data = checked.encode(PICTURE, text=[(place, text) for text, place in known])
    assert sent(data) == [
        ("00482176", "verified"),
        ("PUMP STATIOM", "doubtful"),
        ("7", "sent"),
    ]


@pytest.mark.parametrize("target", [480, 700])
def test_max_bytes_counts_states_too(reading, checked, target):
    reading(needs={"PUMP STATION": 99.0})
    data = checked.encode(PICTURE, max_bytes=target, scale=1.0)
    assert len(data) <= target
    assert sent(data) == [(None, "verified"), (None, "doubtful")]


def test_states_that_do_not_fit_are_left_out_and_that_is_said(reading, checked):
    reading(needs={"PUMP STATION": 99.0})
    least = min(len(checked.encode(PICTURE, quality=q, text=None, scale=1.0)) for q in range(4))
    data = checked.encode(PICTURE, max_bytes=least + 4, scale=1.0)
    assert tcsdk.inspect(data).text is None
    assert checked.notes[0].text == (
        f"no picture fits max_bytes={least + 4} beside the states of its lines, which were left out"
    )
    assert checked.verification.limit == "max_bytes"


def test_one_flag_says_that_all_lines_are_verified(monkeypatch, reading, checked):
    reader = reading()
    data = checked.encode(PICTURE)
    plain = checked.encode(PICTURE, text=None)
    said = tcsdk.inspect(data).text
    assert (said.lines, said.verified) == ((), True)
    assert len(data) - len(plain) <= 9
    assert at_the_receiver(monkeypatch, reader, data, [METER]) == [
        ("seen", "verified", "00482176", "")
    ]


def test_the_flag_is_not_written_where_a_line_was_not_compared(reading, checked):
    for options in ({"unsteady": ["PUMP STATION"]}, {"needs": {"PUMP STATION": 99.0}}):
        reading(**options)
        assert not tcsdk.inspect(checked.encode(PICTURE, scale=1.0)).text.verified
    reading()
    naming = Encoder(MODEL, device="cpu", quality=20, verify=True, verify_lines="[0-9]")
    said = tcsdk.inspect(naming.encode(PICTURE)).text
    assert ([line.state for line in said.lines], said.verified) == (["verified"], False)


def test_the_flag_is_not_written_where_a_line_is_found_otherwise(monkeypatch, reading, checked):
    reader = reading()
    stray = line("stray", 180, y=100, width=50)

    def find(self, pixels):
        found = reader.find(pixels)
        return found if np.array_equal(pixels, PICTURE) else [*found, stray]

    monkeypatch.setattr(PPOCRReader, "find", find)
    said = tcsdk.inspect(checked.encode(PICTURE)).text
    assert ([line.state for line in said.lines], said.verified) == (["verified"] * 2, False)


def test_what_is_seen_in_a_place_is_shown_as_it_was_found_there(monkeypatch, reading, checked):
    """A place is larger than its line, so that what stands beside it may be read as a sign."""
    reader = reading(needs={"PUMP STATION": 99.0}, wrong={"PUMP STATION": "PUMP STATIOM"})
    data = checked.encode(PICTURE, scale=1.0)
    found = [replace(METER, text="00482.176", confidences=(0.9,) * 9)]
    (meter, _) = at_the_receiver(monkeypatch, reader, data, found)
    assert meter == ("seen", "verified", "00482.176", "")
    other = [replace(METER, text="00482177")]
    (meter, _) = at_the_receiver(monkeypatch, reader, data, other)
    assert meter == ("seen", "verified", "00482176", "")


def received(data):
    decoder = tcsdk.Decoder("cpu", threads=2, models=[MODEL])
    return [
        (line.source, line.trust, line.text, line.against)
        for line in tcsdk.read(data, decoder=decoder)
    ]


def at_the_receiver(monkeypatch, reader, data, found=()):
    """The same reader on another machine: what it finds by itself in the decoded picture."""
    monkeypatch.setattr(PPOCRReader, "find", lambda self, pixels: list(found))
    return received(data)


def test_a_receiver_tells_sent_from_seen(monkeypatch, reading, checked):
    reader = reading(needs={"PUMP STATION": 99.0}, wrong={"PUMP STATION": "PUMP STATIOM"})
    data = checked.encode(PICTURE, text="codes", scale=1.0)
    stray = line("stray", 180, y=100, width=50)
    near = line("0048217", 14, y=41, width=90)  # what it finds where a line was sent
    assert at_the_receiver(monkeypatch, reader, data, [near, stray]) == [
        ("sent", "verified", "00482176", ""),
        ("seen", "verified", "00482176", ""),
        ("seen", "unverified", "stray", ""),
        ("seen", "doubtful", "PUMP STATIOM", ""),
    ]


def test_a_disagreement_is_reported_and_never_merged(monkeypatch, reading, encoder):
    reader = reading()
    data = encoder.encode(PICTURE, text=[(METER.polygon, "00482178"), "7"], scale=1.0)
    assert at_the_receiver(monkeypatch, reader, data) == [
        ("sent", "sent", "7", ""),
        ("sent", "sent", "00482178", "00482176"),
        ("seen", "doubtful", "00482176", "00482178"),
    ]


def test_a_stream_that_says_nothing_is_unverified(monkeypatch, reading, encoder):
    reader = reading()
    data = encoder.encode(PICTURE)
    assert at_the_receiver(monkeypatch, reader, data, [METER]) == [
        ("seen", "unverified", "00482176", "")
    ]


def test_a_damaged_text_chunk_is_refused_or_left_out(monkeypatch, reading, encoder):
    reading()
    data = bytearray(encoder.encode(PICTURE, text=["00482176"]))
    (chunk,) = (c for c in parse(bytes(data))[1] if c.type == 0x85)
    data[chunk.offset] ^= 1
    check_rejects(lambda: tcsdk.inspect(bytes(data)), tcsdk.CorruptStreamError, "0x85")
    monkeypatch.setattr(PPOCRReader, "find", lambda self, pixels: [METER])
    decoder = tcsdk.Decoder("cpu", models=[MODEL], on_error="conceal")
    (line,) = tcsdk.read(bytes(data), decoder=decoder)
    assert (line.source, line.trust) == ("seen", "unverified")
    assert decoder.damage

"""Text that is sent: any lines come back, in the bytes of the specification, and nothing else."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels.reference_coding import DamagedError, Writer
from kernels.reference_places import Place, angle_step
from kernels.reference_text import Line

from checks import check_rejects, check_safe
from kernels import reference_strings
from kernels import reference_text as reference
from tcsdk import errors
from tcsdk._kernels import corners_of_places, decode_text, encode_text, places_of_corners

MODEL = reference_strings.Model(reference_strings.MODEL.read_bytes())
NOWHERE = Place()


def encode(lines: list[Line], verified: bool = False) -> bytes:
    """Code lines by libtcs."""
    return encode_text(
        [line.string for line in lines],
        places=np.array([line.place or NOWHERE for line in lines], np.int32).reshape(-1, 5),
        placed=np.array([line.place is not None for line in lines], np.bool_),
        states=np.array([line.state for line in lines], np.uint8),
        confidences=np.array([line.confidence for line in lines], np.uint8),
        verified=verified,
    )


def decode(data: bytes) -> tuple[bool, list[Line]]:
    """Read lines by libtcs."""
    text = decode_text(data)
    columns = (text.strings, text.places, text.placed, text.states, text.confidences)
    return text.verified, [
        Line(string, Place(*map(int, place)) if placed else None, int(state), int(sure))
        for string, place, placed, state, sure in zip(*columns, strict=True)
    ]


def seen(lines: list[Line]) -> list[tuple[object, ...]]:
    """What a line says, without what coding left in it."""
    return [(line.string, line.place, line.state, line.confidence) for line in lines]


def check_roundtrip(lines: list[Line], verified: bool = False) -> bytes:
    data = encode(lines, verified)
    back = decode(data)
    assert (back[0], seen(back[1])) == (verified, seen(lines))
    return data


def sent(*strings: str) -> list[Line]:
    return [Line(string, None, 3, 7) for string in strings]


letters = st.sampled_from(
    ["AB", "word", "Title ", "12", ".5", "é", "€", "ä", "Я", "漢", "\0", "😀"]
)
strings = st.none() | st.text(max_size=8) | st.lists(letters, max_size=6).map("".join)
sizes = st.integers(0, 50) | st.integers(8, 26)
positions = st.integers(-32768, 32767) | st.integers(-3, 300)


@st.composite
def places(draw: st.DrawFn) -> Place:
    height, length = draw(sizes), draw(sizes)
    step = angle_step(height, length)
    angle = draw(st.just(0) | st.integers(0, 256 // step - 1)) * step
    return Place(draw(positions), draw(positions), height, length, angle)


@st.composite
def texts(draw: st.DrawFn) -> Line:
    string = draw(strings)
    sure = 0 if string is None else draw(st.integers(0, 7))
    return Line(string, draw(st.none() | places()), draw(st.integers(0, 3)), sure)


@given(st.lists(texts(), max_size=5), st.booleans())
@settings(max_examples=60, deadline=None)
def test_roundtrip_in_the_bytes_of_the_specification(lines, verified):
    data = check_roundtrip(lines, verified)
    assert reference.encode(MODEL, verified, lines) == data
    back = reference.decode(MODEL, data)
    assert (back[0], seen(back[1])) == (verified, seen(lines))


@given(st.binary(max_size=30))
@settings(deadline=None)
def test_any_bytes_are_read_in_their_one_spelling_or_refused(data):
    if check_safe(lambda: decode_text(data)):
        verified, lines = decode(data)
        assert encode(lines, verified) == data


@given(st.binary(min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_the_reference_refuses_what_the_kernel_refuses(data):
    try:
        expected = reference.decode(MODEL, data)
    except DamagedError:
        assert not check_safe(lambda: decode_text(data))
    else:
        verified, lines = decode(data)
        assert (verified, seen(lines)) == (expected[0], seen(expected[1]))


PAGE = [
    Line("Betriebsstunden", Place(20, 30, 14, 22, 0), 1, 5),
    Line("00012345.6 h", Place(64, 31, 14, 20, 0), 3, 7),
    Line(None, Place(-3, 90, 12, 20, 252), 2, 0),
    Line("Größe 漢字 12", None, 3, 2),
]


def test_every_truncation_is_refused_or_says_something_else():
    data = check_roundtrip(PAGE)
    for size in range(len(data)):
        if check_safe(lambda size=size: decode_text(data[:size])):
            assert seen(decode(data[:size])[1]) != seen(PAGE)


def test_every_flipped_bit_is_refused_or_says_something_else():
    data = check_roundtrip(PAGE)
    for n in range(8 * len(data)):
        changed = bytearray(data)
        changed[n // 8] ^= 1 << n % 8
        if check_safe(lambda changed=changed: decode_text(changed)):
            verified, lines = decode(bytes(changed))
            assert (verified, seen(lines)) != (False, seen(PAGE))


def test_nothing_but_that_all_is_verified_is_a_byte():
    assert len(check_roundtrip([], verified=True)) == 1
    assert len(check_roundtrip([])) == 1


@pytest.mark.parametrize("register", ["00073810", "73810264", "99999999", "40506118"])
def test_a_meters_register_takes_six_bytes_and_nine_with_its_place(register):
    (line,) = sent(register)
    assert len(check_roundtrip([line])) <= 6
    line.place = Place(75, 54, 15, 20, 0)
    assert len(check_roundtrip([line])) <= 9


def test_what_comes_again_costs_little():
    once, often = sent("Hauptstraße 17b"), sent(*["Hauptstraße 17b"] * 10)
    assert len(check_roundtrip(often)) < len(check_roundtrip(once)) + 9 * 4


def test_sizes_are_as_recorded():
    """Pinned: a change of the model or of a chance is a change of the format."""
    sizes = {text: len(encode(sent(text))) for text in PINNED}
    assert sizes == PINNED


PINNED = {
    "": 2,
    "EXIT": 4,
    "Parking": 4,
    "the": 3,
    "00073810": 5,
    "AB-12 CDE": 8,
    "www.example.com": 6,
    "Größe 5 m²": 15,
}


def test_the_specification_names_the_model():
    page = (reference_strings.MODEL.parents[2] / "docs" / "reference" / "format.md").read_text(
        "utf-8"
    )
    data = reference_strings.MODEL.read_bytes()
    assert hashlib.sha256(data).hexdigest() in page
    assert len(data) <= 128 << 10


def test_empty_and_long_strings():
    check_roundtrip(sent("", "", ""))
    check_roundtrip(sent("0123456789 the same again, " * 40))
    check_roundtrip(sent("\0\x7f\x80\uffff\U0010ffff"))


def test_limits_of_lines_and_characters():
    check_roundtrip([Line(None, None, 1)] * 4095)
    check_rejects(
        lambda: encode([Line(None, None, 1)] * 4096), errors.StreamLimitError, "4095", "4096"
    )
    check_rejects(lambda: encode(sent("a" * 65535)), errors.StreamLimitError, "65535")


def test_a_payload_that_has_run_dry_is_refused():
    dry = Writer()
    for bit in (0, 1, *[1] * 10, 0, *[0] * 12):  # 4,095 lines, and not one
        dry.raw(1, bit)
    assert len(dry.finish()) == 4
    check_rejects(lambda: decode_text(dry.finish()), errors.CorruptStreamError, "lane 0")


@pytest.mark.slow
def test_as_many_characters_as_there_may_be():
    check_roundtrip(sent("a" * 65534))


def place_text(**fields: object) -> bytes:
    """One line, coded, with some arguments of encode_text in place of right ones."""
    right = {
        "places": np.array([[1, 2, 14, 20, 4]], np.int32),
        "placed": np.array([True]),
        "states": np.array([3], np.uint8),
        "confidences": np.array([7], np.uint8),
        "verified": False,
    }
    string = fields.pop("string", "a")
    return encode_text([string], **(right | fields))  # type: ignore[list-item, arg-type]


MISUSES = [
    ({"places": np.array([[32768, 0, 14, 20, 0]], np.int32)}, "x: expected -32768 to 32767"),
    ({"places": np.array([[0, -32769, 14, 20, 0]], np.int32)}, "y: expected"),
    ({"places": np.array([[0, 0, 51, 20, 0]], np.int32)}, "height: expected 0 to 50, came 51"),
    ({"places": np.array([[0, 0, 14, -1, 0]], np.int32)}, "length: expected 0 to 50, came -1"),
    ({"places": np.array([[0, 0, 14, 20, 256]], np.int32)}, "angle: expected 0 to 255"),
    ({"places": np.array([[0, 0, 14, 20, 3]], np.int32)}, "angle beyond a multiple"),
    ({"placed": np.array([False])}, "expected no place"),
    ({"states": np.array([4], np.uint8)}, "state"),
    ({"confidences": np.array([8], np.uint8)}, "confidence: expected 0 to 7"),
    ({"string": None}, "confidence: expected 0 to 0, came 7"),
    ({"places": np.zeros((2, 5), np.int32)}, "(n, 5)"),
]


@pytest.mark.parametrize(("fields", "word"), MISUSES)
def test_misuse_is_a_plain_error(fields, word):
    check_rejects(lambda: place_text(**fields), ValueError, word)


def test_surrogates_are_refused():
    check_rejects(lambda: place_text(string="\ud800"), UnicodeEncodeError, "surrogates")


def test_other_types_are_refused_by_name():
    check_rejects(lambda: place_text(places=np.zeros((1, 5))), TypeError, "places", "float64")
    check_rejects(lambda: place_text(placed=np.zeros(1, np.uint8)), TypeError, "placed", "uint8")
    check_rejects(lambda: place_text(string=b"a"), TypeError, "strings", "bytes")


def test_a_later_generation_is_refused_by_name():
    later = Writer()
    for bit in (0, 1, *[1] * 11):
        later.raw(1, bit)
    check_rejects(lambda: decode_text(later.finish()), errors.NewerVersionError, "update")


@given(places())
def test_corners_of_a_place_are_that_place(place):
    grid = np.array([place], np.int32)
    assert np.array_equal(places_of_corners(corners_of_places(grid)), grid)


def test_a_general_quadrangle_becomes_a_rectangle_of_its_area():
    quad = np.array([[(10, 10), (210, 30), (205, 70), (12, 40)]], np.float64)
    (x, y, height, length, angle) = places_of_corners(quad)[0]
    # The left side's middle is (11, 25); the grid's length is 6 pixels more, shared by both ends.
    assert (x * 4, y * 4) == (8, 24)
    assert length == round(3 * np.log2(np.hypot(207.5 - 11, 50 - 25)))
    assert angle == 2 * round(np.arctan2(25, 196.5) / (2 * np.pi) * 128)  # in steps of 2
    assert height == round(3 * np.log2(6895 / np.hypot(196.5, 25)))  # 6895: the area


def test_corners_beyond_the_grid_come_to_its_edge():
    far = np.full((1, 4, 2), 1e9)
    assert places_of_corners(far)[0].tolist() == [32767, 32767, 0, 0, 0]
    check_rejects(
        lambda: places_of_corners(np.full((1, 4, 2), np.nan)), ValueError, "finite", "corners"
    )

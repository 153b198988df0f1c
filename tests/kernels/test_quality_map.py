"""Quality maps: runs of step offsets, one spelling per map."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from checks import check_rejects, check_safe
from tcsdk import errors
from tcsdk._kernels import decode_quality_map, encode_quality_map

sides = st.tuples(st.integers(1, 20), st.integers(1, 20))
values = st.sampled_from([[-128, -5, 0, 0, 0, 4, 127], [0, 0, 0, 4, 8, 20], [-128, 0, 0, 120], [0]])
maps = values.flatmap(lambda some: hnp.arrays(np.int8, sides, elements=st.sampled_from(some)))


def bits(*parts: str) -> bytes:
    """Bits in the order in which they come, spaces for the eye."""
    row = "".join(parts).replace(" ", "")
    row += "0" * (-len(row) % 8)
    return bytes(int(row[i : i + 8][::-1], 2) for i in range(0, len(row), 8))


def golomb(value: int, order: int) -> str:
    """Exp-Golomb code as docs/reference/format.md has it."""
    m = value + (1 << order)
    digits = f"{m:b}"[1:]  # below the leading 1
    return "0" * (len(digits) - order) + "1" + digits[::-1]


def spelled(roi: np.ndarray) -> bytes:
    """The specification as a program: docs/reference/format.md, 2.3."""
    flat = [int(v) for v in roi.ravel()]
    unit = max(u for u in range(4) if all(v % (1 << u) == 0 for v in flat))
    out, at, before = f"{unit & 1}{unit >> 1}", 0, None
    while any(flat[at:]):
        run = next(n for n in range(1, len(flat) + 1) if flat[at : at + n + 1][n:] != [flat[at]])
        value = flat[at] >> unit
        if before is None:
            out += golomb(run if value == 0 else 0, 5)
        elif before != 0:
            out += "0" + golomb(run - 1, 5) if value == 0 else "1"
        if value:
            out += golomb(2 * value - 2 if value > 0 else -2 * value - 1, 0) + golomb(run - 1, 1)
        at, before = at + run, value
    return bits(out)


@given(maps)
def test_roundtrip(roi):
    data = encode_quality_map(roi)
    assert data == spelled(roi)
    decoded = decode_quality_map(data, *roi.shape)
    assert decoded.dtype == np.int8
    assert np.array_equal(decoded, roi)


@given(st.binary(max_size=40), st.integers(1, 6), st.integers(1, 6))
def test_any_bytes_decode_to_their_own_map_or_raise(data, height, width):
    if check_safe(lambda: decode_quality_map(data, height, width)):
        assert encode_quality_map(decode_quality_map(data, height, width)) == data


def test_bytes_are_the_specification():
    roi = np.zeros((10, 20), np.int8)
    roi[3, 5:9] = -8
    # Unit 8; 65 zeros: m = 97; -1: m = 2; 4 times: m = 5; the rest is zero.
    assert encode_quality_map(roi) == bits("11", "0 1 100001", "0 1 0", "0 1 10")
    roi[3, 9] = 16  # a run behind a run: a 1; 2: m = 3; once: m = 2
    parts = ("11", "0 1 100001", "0 1 0", "0 1 10", "1", "0 1 1", "1 0")
    assert encode_quality_map(roi) == bits(*parts)
    roi[9, 19] = 16  # 129 zeros behind a 0, less one: m = 160; and the end needs no more
    more = ("0", "00 1 0000010", "0 1 1", "1 0")
    assert encode_quality_map(roi) == bits(*parts, *more)


def test_a_map_of_zeros_is_a_unit_alone():
    assert encode_quality_map(np.zeros((7, 5), np.int8)) == b"\x03"
    assert not decode_quality_map(b"\x03", 7, 5).any()


def test_largest_map_is_one_run():
    roi = np.full((1020, 1020), 9, np.int8)
    data = encode_quality_map(roi)
    assert len(data) == 7
    assert np.array_equal(decode_quality_map(data, 1020, 1020), roi)


ZEROS = golomb(0, 5)  # none in front
REFUSED = [
    (b"", errors.TruncatedStreamError, "at least one byte"),
    (bits("11", ZEROS, "1"), errors.TruncatedStreamError, "inside a number, after 2 bytes"),
    (bits("00", "0000001"), errors.TruncatedStreamError, "inside a number"),
    (bits("00", "0" * 30, "1"), errors.CorruptStreamError, "below 2^24"),
    (bits("11", golomb(2, 5)), errors.TruncatedStreamError, "inside a number"),
    (bits("11", golomb(6, 5), "1", "10"), errors.CorruptStreamError, "at most 5 zeros, came 6"),
    (bits("11", ZEROS, "1", golomb(6, 1)), errors.CorruptStreamError, "at most 6 blocks, came 7"),
    (
        bits("11", ZEROS, "1", golomb(0, 1), "0", golomb(4, 5), "1", "10"),
        errors.CorruptStreamError,
        "at most 4 zeros, came 5",
    ),
    (
        bits("11", ZEROS, "1", golomb(0, 1), "1", "1", golomb(0, 1)),
        errors.CorruptStreamError,
        "other than the run before, came 8",
    ),
    (bits("11", ZEROS, golomb(30, 0), "10"), errors.CorruptStreamError, "number 30 of unit 2^3"),
    (bits("00", ZEROS, golomb(256, 0), "10"), errors.CorruptStreamError, "number 256"),
    (bits("10", ZEROS, golomb(2, 0), "10"), errors.CorruptStreamError, "largest unit"),
    (b"\x00", errors.CorruptStreamError, "largest unit"),
    (b"\x03\x00", errors.TrailingDataError, "1 bytes follow"),
    (bits("11", ZEROS, "1", golomb(5, 1)) + b"\x00", errors.TrailingDataError, "1 bytes follow"),
    (bits("11", ZEROS, "1", golomb(5, 1), "1"), errors.CorruptStreamError, "bits behind the map"),
]


@pytest.mark.parametrize(("data", "error", "word"), REFUSED)
def test_refuses(data, error, word):
    check_rejects(lambda: decode_quality_map(data, 2, 3), error, word)


def test_misuse_is_a_plain_error():
    check_rejects(lambda: decode_quality_map(b"", 0, 3), ValueError, "height", "0")
    check_rejects(lambda: decode_quality_map(b"", 3, 1021), ValueError, "width", "1021")
    check_rejects(lambda: encode_quality_map(np.zeros((2, 2))), TypeError, "int8", "float64")
    check_rejects(lambda: encode_quality_map(np.zeros(4, np.int8)), ValueError, "(h, w)", "(4,)")
    check_rejects(lambda: encode_quality_map(np.zeros((0, 4), np.int8)), ValueError, "0 x 4")
    check_rejects(
        lambda: encode_quality_map(np.zeros((4, 4), np.int8).T[::2]), ValueError, "strides"
    )

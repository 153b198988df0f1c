"""Quality maps: runs of step offsets, one spelling per map."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from checks import check_rejects, check_safe
from tcsdk import errors
from tcsdk._kernels import decode_quality_map, encode_quality_map

maps = hnp.arrays(
    np.int8,
    st.tuples(st.integers(1, 20), st.integers(1, 20)),
    elements=st.sampled_from([-128, -5, 0, 0, 0, 4, 127]),
)


@given(maps)
def test_roundtrip(roi):
    data = encode_quality_map(roi)
    decoded = decode_quality_map(data, *roi.shape)
    assert decoded.dtype == np.int8
    assert np.array_equal(decoded, roi)


@given(st.binary(max_size=40), st.integers(1, 6), st.integers(1, 6))
def test_any_bytes_decode_to_their_own_map_or_raise(data, height, width):
    if check_safe(lambda: decode_quality_map(data, height, width)):
        assert encode_quality_map(decode_quality_map(data, height, width)) == data


def test_bytes_are_the_specification():
    roi = np.zeros((10, 20), np.int8)
    roi[3, 5:9] = -7
    # 65 zeros, 4 times -7, 131 zeros (131 = 0x83 0x01 in LEB128).
    assert encode_quality_map(roi) == bytes([0, 65, 249, 4, 0, 0x83, 0x01])


def test_largest_map_is_one_run():
    roi = np.full((1020, 1020), 9, np.int8)
    data = encode_quality_map(roi)
    assert data == bytes([9, 0x90, 0xC0, 0x3F])
    assert np.array_equal(decode_quality_map(data, 1020, 1020), roi)


REFUSED = [
    (b"", errors.TruncatedStreamError, "0 of 6 blocks"),
    (b"\x01", errors.TruncatedStreamError, "inside it"),
    (b"\x01\x05", errors.TruncatedStreamError, "5 of 6 blocks"),
    (b"\x01\x86", errors.TruncatedStreamError, "inside it"),
    (b"\x01\x00\x02\x06", errors.CorruptStreamError, "run of 1 to 6 blocks, came 0"),
    (b"\x01\x07", errors.CorruptStreamError, "run of 1 to 6 blocks, came 7"),
    (b"\x01\x03\x01\x03", errors.CorruptStreamError, "other than the run before"),
    (b"\x01\x86\x00", errors.CorruptStreamError, "shortest form"),
    (b"\x01\xff\xff\xff\xff\x0f", errors.CorruptStreamError, "at most 4 bytes"),
    (b"\x01\x06\x00", errors.TrailingDataError, "1 bytes follow"),
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

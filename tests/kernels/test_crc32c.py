"""CRC-32C: published vectors, every length and alignment against the bitwise definition."""

import numpy as np
import pytest

from tcsdk._kernels import crc32c


def crc32c_bitwise(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


# RFC 3720, B.4, and the check value of the CRC catalogue.
VECTORS = [
    (b"", 0x00000000),
    (b"123456789", 0xE3069283),
    (bytes(32), 0x8A9136AA),
    (b"\xff" * 32, 0x62A8AB43),
    (bytes(range(32)), 0x46DD794E),
    (bytes(range(31, -1, -1)), 0x113FDB5C),
]


@pytest.mark.parametrize(("data", "expected"), VECTORS)
def test_matches_published_vectors(data, expected):
    assert crc32c(data) == expected


def test_matches_the_bitwise_definition_at_every_length_and_alignment():
    data = np.random.default_rng(1).integers(0, 256, 80, np.uint8)
    for start in range(9):
        for end in range(start, 81):
            part = data[start:end]
            assert crc32c(part) == crc32c_bitwise(part.tobytes()), (start, end)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_takes_any_bytes_like_object(kind):
    assert crc32c(kind(b"123456789")) == 0xE3069283


def test_refuses_what_is_not_bytes():
    with pytest.raises(TypeError, match=r"data: expected bytes.*came list"):
        crc32c([1, 2, 3])
    with pytest.raises(TypeError, match=r"single bytes.*2-byte items"):
        crc32c(np.zeros(4, np.int16))
    with pytest.raises(ValueError, match="contiguous"):
        crc32c(np.zeros(8, np.uint8)[::2])
    with pytest.raises(ValueError, match="one dimension"):
        crc32c(np.zeros((2, 4), np.uint8))

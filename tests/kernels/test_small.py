"""The small profile of the container."""

import binascii
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import check_rejects, check_safe
from container_bytes import ICC, MAP, NEEDED_TEXT, TEXT, TILE, header, payloads
from tcsdk._kernels import Header, bundle_check, crc16, parse, write
from tcsdk.errors import BitstreamError

HASH = 0xDEADBEEF


def small(width=512, height=256, **fields):
    """A small header with numbers that no test cares about."""
    own = {"bundle_hash": 0, "small": True, "bundle_check": bundle_check(HASH)}
    return header(width, height, **own | fields)


def by_hand(flags, word, rest, factor=b"", wire_id=1):
    """A small stream, its check by another CRC-16 than ours: that of the standard library."""
    size = 4 if flags & 1 else 3
    start = bytes([0xD0 | flags, wire_id]) + word.to_bytes(size, "little") + factor
    check = binascii.crc_hqx(struct.pack("<I", HASH) + start + rest, 0xFFFF)
    return start + struct.pack("<H", check) + rest


@given(st.binary(max_size=40))
def test_the_crc_is_that_of_the_specification(data):
    assert crc16(b"123456789") == 0x29B1
    assert crc16(data) == binascii.crc_hqx(data, 0xFFFF)


WORD = 32 | 511 << 6 | 255 << 15
WRITTEN = [
    (small(), [(TILE, b"xyz")], by_hand(0, WORD, b"xyz")),
    (small(wire_id=0xF0F3), [(TILE, b"x")], by_hand(0, WORD, b"x", wire_id=0xF3)),
    (small(shown=(1024, 512)), [(TILE, b"x")], by_hand(2, WORD, b"x", b"\x20")),
    (small(), [(TEXT, b"te"), (TILE, b"x")], by_hand(8, WORD, b"\x02tex")),
    (small(), [(MAP, b"m"), (TILE, b"x")], by_hand(4, WORD, b"\x01mx")),
    (
        small(513, 8192),
        [(TILE, bytes([n])) for n in range(32)],
        by_hand(
            1,
            32 | 512 << 6 | 8191 << 19,
            b"".join(bytes([1, n]) for n in range(31)) + bytes([31]),
        ),
    ),
    (
        small(513, 1, shown=(529, 1)),
        [(TEXT, b"t"), (TILE, b"a"), (MAP, b"m"), (TILE, b"b")],
        by_hand(15, 32 | 512 << 6, b"\x01t\x00\x01a\x01mb", b"\x01"),
    ),
]


@pytest.mark.parametrize(("head", "chunks", "data"), WRITTEN)
def test_streams_are_as_the_specification_spells_them(head, chunks, data):
    assert write(head, chunks) == data
    said, found = parse(data)
    assert said == head
    assert said.version == (0, 4)
    assert payloads(data, found) == chunks


def test_a_header_takes_7_bytes_and_8_beyond_512_pixels():
    for width, height, size in ((1, 1, 7), (512, 512, 7), (512, 513, 8), (8192, 1, 8)):
        tiles = [(TILE, b"x")] * -(-width // 512) * -(-height // 512)
        data = write(small(width, height), tiles)
        assert len(data) == size + 2 * len(tiles) - 1


@st.composite
def streams(draw):
    width, height = draw(st.integers(1, 1500)), draw(st.integers(1, 1100))
    factor = draw(st.integers(0, 255))
    shown = tuple((side * (32 + factor) + 16) // 32 for side in (width, height))
    head = Header(
        width=width,
        height=height,
        shown=shown,
        quality=draw(st.integers(0, 63)),
        wire_id=draw(
            st.integers(0, 0xEF).filter(lambda n: n != 0x54) | st.integers(0xF0F0, 0xF0FF)
        ),
        small=True,
        bundle_check=draw(st.integers(0, 0xFFFF)),
    )
    chunks = [(TEXT, draw(st.binary(max_size=9)))] if draw(st.booleans()) else []
    for _ in range(head.tiles):
        if draw(st.booleans()):
            chunks.append((MAP, draw(st.binary(min_size=1, max_size=5))))
        chunks.append((TILE, draw(st.binary(min_size=1, max_size=200))))
    return head, chunks


@given(streams())
def test_roundtrip(stream):
    head, chunks = stream
    data = write(head, chunks)
    for lenient in (False, True):
        said, found = parse(data, lenient=lenient)
        assert said == head
        assert payloads(data, found) == chunks
        assert not any(chunk.fault for chunk in found)
    assert write(said, chunks) == data


@given(streams(), st.data())
def test_damage_changes_what_the_bundle_has_to_give(stream, data):
    head, chunks = stream
    damaged = bytearray(write(head, chunks))
    at = data.draw(st.integers(0, len(damaged) - 1))
    damaged[at] ^= data.draw(st.integers(1, 255))
    if at < 8:  # where the header's form changes, so does what the check is taken for
        check_safe(lambda: parse(bytes(damaged)))
        return
    try:
        said, _ = parse(bytes(damaged))
    except BitstreamError:
        return
    assert said.bundle_check != head.bundle_check


@given(st.integers(0, 15), st.binary(max_size=60))
def test_any_bytes_parse_or_raise(flags, data):
    for lenient in (False, True):
        check_safe(lambda how=lenient: parse(bytes([0xD0 | flags]) + data, lenient=how))


@given(st.integers(0, 15), st.binary(max_size=60))
def test_what_is_read_has_one_spelling(flags, rest):
    data = bytes([0xD0 | flags]) + rest
    try:
        head, found = parse(data)
    except BitstreamError:
        return
    assert write(head, payloads(data, found)) == data


@pytest.mark.parametrize(
    ("head", "chunks", "word"),
    [
        (small(tile=64), [(TILE, b"a")] * 32, "tiles of 512"),
        (small(layered=True), [(TILE, b"a")], "one layer"),
        (small(8193), [(TILE, b"a")] * 17, "8192 pixels"),
        (small(wire_id=0x54), [(TILE, b"a")], "0x54"),
        (small(wire_id=0xF0), [(TILE, b"a")], "0xF0F0"),
        (small(wire_id=0xF100), [(TILE, b"a")], "0xF0F0"),
        (small(shown=(513, 256)), [(TILE, b"a")], "n / 32"),
        (small(), [(ICC, b"a"), (TILE, b"a")], "0x81"),
        (small(), [(NEEDED_TEXT, b"a"), (TILE, b"a")], "0x03"),
        (small(), [(TEXT, b"a"), (TEXT, b"a"), (TILE, b"a")], "second time"),
        (small(), [(MAP, b""), (TILE, b"a")], "map without bytes"),
        (small(), [(TILE, b"")], "tile without bytes"),
        (small(bare=True), [(TILE, b"a")], "not both"),
    ],
)
def test_writer_refuses_what_no_reader_takes(head, chunks, word):
    check_rejects(lambda: write(head, chunks), ValueError, word)

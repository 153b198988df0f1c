"""The `.tcs` container: bytes as specified, every refusal by name, every damage found."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import check_rejects, check_safe
from tcsdk import errors
from tcsdk._kernels import Chunk, Header, crc32c, parse, write

TILE, MAP, TEXT, LAYER, ICC, EXIF, USER = 0x01, 0x02, 0x03, 0x04, 0x81, 0x82, 0x83


def header(width=512, height=256, **fields):
    defaults = {"quality": 32, "wire_id": 1, "bundle_hash": 0xDEADBEEF}
    return Header(width=width, height=height, **{**defaults, **fields})


def header_bytes(version=0x01, flags=32, width=512, height=256, extension=b""):
    """A full header written by hand, its checksum right."""
    body = b"\xf4TC" + struct.pack("<BBHIHH", version, flags, 1, 0xDEADBEEF, width, height)
    body += extension
    return body + struct.pack("<H", crc32c(body) & 0xFFFF)


def chunk_bytes(kind, payload, length=None):
    body = bytes([kind]) + (bytes([len(payload)]) if length is None else length) + payload
    return body + struct.pack("<I", crc32c(body))


def payloads(data, chunks):
    return [(c.type, data[c.offset : c.offset + c.length]) for c in chunks]


six_tiles = [(USER, b"hello"), (ICC, bytes(300))]
six_tiles += [(kind, bytes([i]) * 9) for i in range(6) for kind in ([MAP, TILE] if i else [TILE])]


# ---- what is written ---------------------------------------------------------------------------


def test_full_header_is_17_bytes_and_as_specified():
    data = write(header(), [(TILE, b"abc")])
    assert data == header_bytes() + chunk_bytes(TILE, b"abc")
    assert len(header_bytes()) == 17


def test_overhead_of_a_one_tile_picture_is_at_most_24_bytes():
    for size in (1, 127, 128, 16383):
        overhead = len(write(header(), [(TILE, bytes(size))])) - size
        assert overhead <= 24, size


def test_other_tile_sides_take_an_extension_byte():
    data = write(header(100, 64, tile=64), [(TILE, b"a"), (TILE, b"b")])
    assert data[:18] == header_bytes(flags=32 | 0x40, width=100, height=64, extension=b"\x01")
    assert parse(data)[0].tile == 64


@pytest.mark.parametrize(
    ("width", "height", "size"), [(1, 1, 6), (127, 127, 6), (128, 128, 8), (512, 512, 8)]
)
def test_bare_header_is_at_most_8_bytes(width, height, size):
    data = write(header(width, height, bare=True, bundle_hash=0), [(TILE, b"xyz")])
    assert len(data) == size + 3
    assert data[:4] == bytes([0xE1, 32, 1, 0])


def test_bare_tiles_say_their_lengths_when_there_are_several():
    data = write(header(513, 16383, bare=True), [(TILE, bytes([i])) for i in range(64)])
    assert data[:8] == bytes([0xE1, 32, 1, 0, 0x81, 0x04, 0xFF, 0x7F])
    assert data[8:12] == bytes([1, 0, 1, 1])
    assert payloads(data, parse(data)[1]) == [(TILE, bytes([i])) for i in range(64)]


# ---- what is read ------------------------------------------------------------------------------


@st.composite
def streams(draw):
    tile = draw(st.sampled_from([64, 128, 512, 16320]))
    bare = tile == 512 and draw(st.booleans())
    head = Header(
        width=draw(
            st.integers(1, 4 * tile) | st.just(65535) if tile > 512 else st.integers(1, 4 * tile)
        ),
        height=draw(st.integers(1, 3 * tile)),
        quality=draw(st.integers(0, 63)),
        wire_id=draw(st.integers(0, 0xFFFF)),
        bundle_hash=0 if bare else draw(st.integers(0, 0xFFFFFFFF)),
        tile=tile,
        bare=bare,
    )
    chunks = []
    if not bare:
        users = draw(st.lists(st.tuples(st.integers(USER, 255), st.binary(max_size=9)), max_size=3))
        chunks += [(ICC, b"icc")] * draw(st.booleans()) + users
    for _ in range(head.tiles):
        if not bare and draw(st.booleans()):
            chunks.append((MAP, draw(st.binary(max_size=5))))
        chunks.append((TILE, draw(st.binary(min_size=1, max_size=200))))
    return head, chunks


@given(streams())
def test_roundtrip(stream):
    head, chunks = stream
    data = write(head, chunks)
    for kind in (bytes, bytearray, memoryview, lambda d: np.frombuffer(d, np.uint8)):
        parsed, found = parse(kind(data))
        assert parsed == head
        assert payloads(data, found) == chunks
        assert all(c.crc_ok for c in found)


def test_header_repr_evaluates_back():
    head = header(65535, 3, tile=16320)
    assert eval(repr(head)) == head
    assert head.version == (0, 1)
    assert head.tiles == 5


def test_unknown_ancillary_chunks_are_handed_out_to_be_skipped():
    data = write(header(), [(0xFF, b"new"), (TILE, b"t")])
    assert payloads(data, parse(data)[1]) == [(0xFF, b"new"), (TILE, b"t")]


@given(st.binary(max_size=60), st.sampled_from([b"", b"\xe1", b"\xf4TC\x01", header_bytes()]))
def test_any_bytes_parse_or_raise(data, start):
    check_safe(lambda: parse(start + data))
    check_safe(lambda: parse(start + data, lenient=True))


# ---- what is refused ---------------------------------------------------------------------------

ONE_TILE = chunk_bytes(TILE, b"abc")
REFUSED = {
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(20), errors.NotATcsStreamError, "0x89 0x50 0x4E"),
    "other third byte": (b"\xf4TD" + bytes(20), errors.NotATcsStreamError, "0x44"),
    "empty": (b"", errors.TruncatedStreamError, "17 bytes, 0 left (offset 0)"),
    "newer minor": (header_bytes(version=0x02) + ONE_TILE, errors.NewerVersionError, "0.2"),
    "newer major": (header_bytes(version=0x10) + ONE_TILE, errors.NewerVersionError, "1.0", "0.1"),
    "version zero": (header_bytes(version=0) + ONE_TILE, errors.CorruptStreamError, "0x00"),
    "reserved bit": (header_bytes(flags=0x80) + ONE_TILE, errors.CorruptStreamError, "bit 7"),
    "zero width": (header_bytes(width=0) + ONE_TILE, errors.StreamLimitError, "0 x 256"),
    "zero height": (header_bytes(height=0) + ONE_TILE, errors.StreamLimitError, "512 x 0"),
    "zero tile": (
        header_bytes(flags=0x40, extension=b"\x00") + ONE_TILE,
        errors.StreamLimitError,
        "multiple of 64",
    ),
    "default tile spelled out": (
        header_bytes(flags=0x40, extension=b"\x08") + ONE_TILE,
        errors.CorruptStreamError,
        "default",
    ),
    "million tiles": (
        header_bytes(flags=0x40, width=65535, height=65535, extension=b"\x01"),
        errors.StreamLimitError,
        "at most 65536, came 1048576",
    ),
    "text chunk": (
        header_bytes() + chunk_bytes(TEXT, b"") + ONE_TILE,
        errors.UnsupportedChunkError,
        "0x03 at offset 17",
    ),
    "layer chunk": (
        header_bytes() + chunk_bytes(LAYER, b"") + ONE_TILE,
        errors.UnsupportedChunkError,
        "0x04",
    ),
    "unknown critical chunk": (
        header_bytes() + chunk_bytes(0x7F, b"x") + ONE_TILE,
        errors.UnsupportedChunkError,
        "0x7F",
    ),
    "trailing byte": (
        header_bytes() + ONE_TILE + b"\x00",
        errors.TrailingDataError,
        "1 bytes follow the last tile (offset 26)",
    ),
    "second tile": (header_bytes() + ONE_TILE * 2, errors.TrailingDataError, "9 bytes follow"),
    "ancillary behind the tile": (
        header_bytes() + ONE_TILE + chunk_bytes(USER, b""),
        errors.TrailingDataError,
        "6 bytes follow",
    ),
    "ancillary between map and tile": (
        header_bytes() + chunk_bytes(MAP, b"m") + chunk_bytes(USER, b"") + ONE_TILE,
        errors.CorruptStreamError,
        "0x83 at offset 24",
    ),
    "two maps": (
        header_bytes() + chunk_bytes(MAP, b"m") * 2 + ONE_TILE,
        errors.CorruptStreamError,
        "second quality map",
    ),
    "two profiles": (
        header_bytes() + chunk_bytes(ICC, b"m") * 2 + ONE_TILE,
        errors.CorruptStreamError,
        "0x81 at offset 24",
        "second time",
    ),
    "ancillary flood": (
        header_bytes() + chunk_bytes(USER, b"") * 1025 + ONE_TILE,
        errors.StreamLimitError,
        "1024",
    ),
    "empty tile": (header_bytes() + chunk_bytes(TILE, b""), errors.CorruptStreamError, "tile 0"),
    "long length": (
        header_bytes() + chunk_bytes(TILE, b"abc", b"\x83\x00"),
        errors.CorruptStreamError,
        "shortest form",
    ),
    "endless length": (
        header_bytes() + chunk_bytes(TILE, b"abc", b"\x83\x80\x80\x80\x00"),
        errors.CorruptStreamError,
        "at most 4 bytes",
    ),
    "huge length": (
        header_bytes() + b"\x01\xff\xff\xff\x7f" + bytes(20),
        errors.TruncatedStreamError,
        "tile 0 needs 268435459 bytes, 20 left (offset 22)",
    ),
    "no chunk": (header_bytes(), errors.TruncatedStreamError, "tile 0"),
    "missing second tile": (
        header_bytes(width=513) + ONE_TILE,
        errors.TruncatedStreamError,
        "tile 1",
    ),
    "bare quality": (b"\xe1\x40\x01\x00\x10\x10abc", errors.CorruptStreamError, "came 64"),
    "bare width zero": (b"\xe1\x00\x01\x00\x00\x10abc", errors.StreamLimitError, "0 x 16"),
    "bare width 65536": (
        b"\xe1\x00\x01\x00\x80\x80\x04\x10abc",
        errors.StreamLimitError,
        "65536 x 16",
    ),
    "bare long width": (
        b"\xe1\x00\x01\x00\x90\x00\x10abc",
        errors.CorruptStreamError,
        "width at offset 4",
    ),
    "bare without tile": (b"\xe1\x00\x01\x00\x10\x10", errors.TruncatedStreamError, "tile 0"),
    "bare trailing": (
        b"\xe1\x00\x01\x00\x81\x04\x10\x01a\x01bx",
        errors.TrailingDataError,
        "offset 11",
    ),
    "bare second tile missing": (
        b"\xe1\x00\x01\x00\x81\x04\x10\x01a\x02b",
        errors.TruncatedStreamError,
        "tile 1 needs 2 bytes, 1 left (offset 10)",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name):
    data, error, *words = REFUSED[name]
    check_rejects(lambda: parse(data), error, *words)


def test_refuses_a_stream_truncated_at_every_byte():
    data = write(header(1025, 1000), six_tiles)
    for end in range(len(data)):
        check_rejects(lambda end=end: parse(data[:end]), errors.TruncatedStreamError)


def test_finds_every_flipped_bit():
    data = write(header(1025, 1000), six_tiles)
    for bit in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        if check_safe(lambda damaged=damaged: parse(damaged)):
            assert not all(c.crc_ok for c in parse(damaged)[1]), f"bit {bit} not noticed"


# ---- lenient reading ---------------------------------------------------------------------------


def test_lenient_parse_returns_the_whole_chunks_of_a_truncated_stream():
    data = write(header(1025, 1000), six_tiles)
    ends = [c.offset + c.length + 4 for c in parse(data)[1]]
    for end in range(17, len(data)):
        _, chunks = parse(data[:end], lenient=True)
        assert payloads(data, chunks) == six_tiles[: sum(e <= end for e in ends)]


def test_lenient_parse_marks_the_one_damaged_tile():
    data = bytearray(write(header(1025, 1000), six_tiles))
    chunks = parse(data)[1]
    data[chunks[4].offset + 3] ^= 0x10
    _, found = parse(data, lenient=True)
    assert [c.crc_ok for c in found] == [i != 4 for i in range(len(chunks))]
    assert [c.type for c in found] == [c.type for c in chunks]


def test_lenient_parse_never_takes_one_tile_for_another():
    data = write(header(1025, 1000), six_tiles)
    tiles = [p for kind, p in six_tiles if kind == TILE]
    for bit in range(17 * 8, 8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        _, found = parse(damaged, lenient=True)
        kept = [c for c in found if c.type == TILE]
        for index, chunk in enumerate(kept):
            if chunk.crc_ok:
                assert data[chunk.offset : chunk.offset + chunk.length] == tiles[index], bit


def test_strict_parse_names_the_damage_that_hides_the_structure():
    data = bytearray(write(header(1025, 1000), six_tiles))
    first = parse(data)[1][0]
    data[first.offset - 1] += 1  # its length
    check_rejects(
        lambda: parse(data), errors.CorruptStreamError, "0x83", f"offset {first.offset}", "checksum"
    )


# ---- what the writer refuses -------------------------------------------------------------------

WRITER_REFUSES = [
    (header(513), [(TILE, b"a")], "expected 2 tiles, came 1"),
    (header(), [(TILE, b"a"), (TILE, b"b")], "nothing may follow"),
    (header(), [(TILE, b"a"), (USER, b"b")], "nothing may follow"),
    (header(), [(TILE, b"")], "without bytes"),
    (header(), [(TEXT, b"a"), (TILE, b"a")], "0x03"),
    (header(), [(MAP, b"a"), (MAP, b"a"), (TILE, b"a")], "second quality map"),
    (header(), [(MAP, b"a"), (USER, b"a"), (TILE, b"a")], "0x83"),
    (header(), [(EXIF, b"a"), (EXIF, b"a"), (TILE, b"a")], "second time"),
    (header(), [], "expected 1 tiles, came 0"),
    (header(bare=True), [(ICC, b"a"), (TILE, b"a")], "bare stream takes tiles"),
    (header(bare=True, tile=64), [(TILE, b"a")] * 32, "tiles of 512"),
    (header(65535, 65535, tile=64), [], "at most 65536"),
    (header(tile=100), [(TILE, b"a")], "multiple of 64"),
]


@pytest.mark.parametrize(("head", "chunks", "word"), WRITER_REFUSES)
def test_writer_refuses_what_no_reader_takes(head, chunks, word):
    check_rejects(lambda: write(head, chunks), ValueError, word)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("width", 0),
        ("width", 65536),
        ("height", 0),
        ("quality", 64),
        ("quality", -1),
        ("wire_id", 65536),
        ("bundle_hash", 1 << 32),
        ("tile", 0),
        ("tile", 16384),
    ],
)
def test_header_refuses_numbers_out_of_range(field, value):
    fields = {"width": 1, "height": 1, "quality": 0, "wire_id": 1, field: value}
    check_rejects(lambda: Header(**fields), ValueError, field, str(value))


def test_parse_and_write_refuse_what_is_not_bytes():
    check_rejects(lambda: parse("text"), TypeError, "bytes", "str")
    check_rejects(lambda: write(header(), [(TILE, "text")]), TypeError, "bytes", "str")
    check_rejects(lambda: write(header(), [(256, b"x")]), ValueError, "chunk type", "256")


def test_chunk_repr_says_what_it_is():
    chunk = parse(write(header(), [(TILE, b"abc")]))[1][0]
    assert isinstance(chunk, Chunk)
    assert repr(chunk) == "<Chunk type=1 offset=19 length=3 crc_ok=True>"

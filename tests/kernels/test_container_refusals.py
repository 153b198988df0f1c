"""The `.tcs` container: every refusal by name, every damage found, lenient reading."""

import pytest

from checks import check_rejects, check_safe
from container_bytes import (
    ICC,
    LAYER,
    MAP,
    SIZE,
    TEXT,
    TILE,
    USER,
    chunk_bytes,
    header,
    header_bytes,
    layer_payload,
    payloads,
    six_tiles,
)
from tcsdk import errors
from tcsdk._kernels import parse, write

ONE_TILE = chunk_bytes(TILE, b"abc")
LAYERED = header_bytes(version=0x02, flags=0xA0)
LAYER_CHUNK = chunk_bytes(LAYER, layer_payload)
REFUSED = {
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(20), errors.NotATcsStreamError, "0x89 0x50 0x4E"),
    "other third byte": (b"\xf4TD" + bytes(20), errors.NotATcsStreamError, "0x44"),
    "empty": (b"", errors.TruncatedStreamError, "17 bytes, 0 left (offset 0)"),
    "newer minor": (header_bytes(version=0x03) + ONE_TILE, errors.NewerVersionError, "0.3"),
    "newer major": (header_bytes(version=0x10) + ONE_TILE, errors.NewerVersionError, "1.0", "0.2"),
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
    "unannounced layer": (
        header_bytes() + chunk_bytes(LAYER, b"") + ONE_TILE,
        errors.CorruptStreamError,
        "0x04",
        "does not announce",
    ),
    "version of layers without them": (
        header_bytes(version=0x02) + ONE_TILE,
        errors.CorruptStreamError,
        "0x02 with it set",
    ),
    "layers with the version before them": (
        header_bytes(flags=0xA0) + ONE_TILE,
        errors.CorruptStreamError,
        "bit 7",
    ),
    "layer chunk first": (
        LAYERED + LAYER_CHUNK + ONE_TILE,
        errors.CorruptStreamError,
        "expected tile 0, came a layer chunk",
    ),
    "layer chunk between map and tile": (
        LAYERED + ONE_TILE + chunk_bytes(MAP, b"m") + LAYER_CHUNK + ONE_TILE,
        errors.CorruptStreamError,
        "expected the layer chunk",
    ),
    "no layer chunk": (LAYERED + ONE_TILE * 2, errors.CorruptStreamError, "the layer chunk"),
    "two layer chunks": (
        LAYERED + ONE_TILE + LAYER_CHUNK * 2 + ONE_TILE,
        errors.CorruptStreamError,
        "expected tile 0 of the base layer, came a layer chunk",
    ),
    "ancillary in the base layer": (
        LAYERED + ONE_TILE + LAYER_CHUNK + chunk_bytes(USER, b"") + ONE_TILE,
        errors.CorruptStreamError,
        "0x83",
    ),
    "base layer missing": (LAYERED + ONE_TILE, errors.TruncatedStreamError, "the layer chunk"),
    "base tile missing": (
        LAYERED + ONE_TILE + LAYER_CHUNK,
        errors.TruncatedStreamError,
        "tile 0 of the base layer",
    ),
    "behind the base layer": (
        LAYERED + ONE_TILE + LAYER_CHUNK + ONE_TILE + b"x",
        errors.TrailingDataError,
        "1 bytes follow",
    ),
    "unknown critical chunk": (
        header_bytes() + chunk_bytes(0x7F, b"x") + ONE_TILE,
        errors.UnsupportedChunkError,
        "0x7F",
        "0x05 (quality map)",
    ),
    "quality map of before": (
        header_bytes() + chunk_bytes(0x02, b"x") + ONE_TILE,
        errors.UnsupportedChunkError,
        "0x02",
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
    "two sizes": (
        header_bytes() + chunk_bytes(SIZE, bytes(4)) * 2 + ONE_TILE,
        errors.CorruptStreamError,
        "0x84 at offset 27",
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

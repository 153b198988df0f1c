"""The `.tcs` container: every refusal by name, every damage found."""

import pytest

from checks import check_rejects, check_safe
from container_bytes import (
    BASE,
    ICC,
    LAYER,
    LAYERED,
    MAP,
    MAPPED,
    NEEDED_TEXT,
    OPTIONS,
    SHOWN,
    SIZE,
    TEXT,
    TILE,
    TILE_SIDE,
    USER,
    chunk_bytes,
    header,
    header_bytes,
    layer_payload,
    six_tiles,
)
from tcsdk import errors
from tcsdk._kernels import parse, write

ALONE = header_bytes()
MARKED = header_bytes(mark=0x1234)
TWO = header_bytes(width=513, mark=7)  # of two tiles
LAYERS = header_bytes(32 | OPTIONS, fields=bytes([LAYERED]), mark=9)
LAYER_CHUNK = (LAYER, layer_payload, BASE)
FIRST, SECOND, BASE_TILE = (TILE, b"abc"), (TILE, b"abc", 1), (TILE, b"abc", BASE)


def built(head: bytes, *chunks: tuple) -> bytes:
    """A header and chunks of (type, payload, place, length bytes) bound to it."""
    return head + b"".join(chunk_bytes(head, *chunk) for chunk in chunks)


def with_fields(fields: bytes, **kwargs) -> bytes:
    """A stream of one tile whose header has an options byte and more."""
    return built(header_bytes(32 | OPTIONS, fields=fields, **kwargs), FIRST)


CORRUPT, CUT, LIMIT = (
    errors.CorruptStreamError,
    errors.TruncatedStreamError,
    errors.StreamLimitError,
)
REFUSED = {
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(20), errors.NotATcsStreamError, "0x89 0x50 0x4E"),
    "other third byte": (b"\xf4TD" + bytes(20), errors.NotATcsStreamError, "0x44"),
    "empty": (b"", CUT, "17 bytes, 0 left (offset 0)"),
    "newer minor": (built(header_bytes(version=0x05), FIRST), errors.NewerVersionError, "0.5"),
    "newer major": (
        built(header_bytes(version=0x10), FIRST),
        errors.NewerVersionError,
        "1.0",
        "0.4",
    ),
    "version zero": (built(header_bytes(version=0), FIRST), CORRUPT, "0x00"),
    "version three": (built(header_bytes(version=3), FIRST), CORRUPT, "0x03"),
    "header cut in its fields": (with_fields(bytes([SHOWN, 0, 3]))[:18], CUT, "the header"),
    "options zero": (with_fields(b"\x00"), CORRUPT, "options byte", "0x00"),
    "options unknown": (with_fields(b"\x08"), CORRUPT, "options byte", "0x08"),
    "zero width": (built(header_bytes(width=0), FIRST), LIMIT, "0 x 256"),
    "zero height": (built(header_bytes(height=0), FIRST), LIMIT, "512 x 0"),
    "zero tile": (with_fields(bytes([TILE_SIDE, 0])), LIMIT, "multiple of 64"),
    "default tile spelled out": (with_fields(bytes([TILE_SIDE, 8])), CORRUPT, "default"),
    "shown as coded spelled out": (with_fields(b"\x02\x00\x02\x00\x01"), CORRUPT, "default"),
    "shown narrower": (with_fields(b"\x02\xff\x01\x00\x02"), CORRUPT, "beyond the coded"),
    "shown lower": (with_fields(b"\x02\x00\x03\xff\x00"), CORRUPT, "came 768 x 255"),
    "million tiles": (
        header_bytes(OPTIONS, 65535, 65535, bytes([TILE_SIDE, 1])),
        LIMIT,
        "at most 65536, came 1048576",
    ),
    "tiles without a mark": (built(header_bytes(width=513), FIRST, SECOND), CORRUPT, "a mark"),
    "layers without a mark": (with_fields(bytes([LAYERED])), CORRUPT, "a mark"),
    "map without a mark": (
        built(ALONE, (MAP, b"m"), (TILE, b"abc", MAPPED)),
        CORRUPT,
        "wrong checksum",
        "no mark",
    ),
    "metadata without a mark": (built(ALONE, (USER, b""), FIRST), CORRUPT, "no mark"),
    "retired size chunk": (built(MARKED, (SIZE, b"size"), FIRST), CORRUPT, "since format 0.4"),
    "unannounced layer": (built(MARKED, LAYER_CHUNK, FIRST), CORRUPT, "0x04", "not announce"),
    "layer chunk first": (built(LAYERS, LAYER_CHUNK, FIRST), CORRUPT, "expected tile 0, came a"),
    "layer chunk between map and tile": (
        built(LAYERS, FIRST, (MAP, b"m", BASE), LAYER_CHUNK, BASE_TILE),
        CORRUPT,
        "expected the layer chunk",
    ),
    "no layer chunk": (built(LAYERS, FIRST, BASE_TILE), CORRUPT, "the layer chunk"),
    "two layer chunks": (
        built(LAYERS, FIRST, LAYER_CHUNK, LAYER_CHUNK, BASE_TILE),
        CORRUPT,
        "expected tile 0 of the base layer, came a layer chunk",
    ),
    "ancillary in the base layer": (
        built(LAYERS, FIRST, LAYER_CHUNK, (USER, b""), BASE_TILE),
        CORRUPT,
        "0x83",
    ),
    "base layer missing": (built(LAYERS, FIRST), CUT, "the layer chunk"),
    "base tile missing": (built(LAYERS, FIRST, LAYER_CHUNK), CUT, "tile 0 of the base layer"),
    "behind the base layer": (
        built(LAYERS, FIRST, LAYER_CHUNK, BASE_TILE) + b"x",
        errors.TrailingDataError,
        "1 bytes follow",
    ),
    "first layer's tile in the base layer": (
        built(LAYERS, FIRST, LAYER_CHUNK, FIRST),
        CORRUPT,
        "expected that of tile 0 of the base layer, came that of tile 0",
    ),
    "unknown critical chunk": (
        built(MARKED, (0x7F, b"x"), FIRST),
        errors.UnsupportedChunkError,
        "0x7F",
        "0x05 (quality map)",
    ),
    "quality map of before": (
        built(MARKED, (0x02, b"x"), FIRST),
        errors.UnsupportedChunkError,
        "0x02",
    ),
    "trailing byte": (
        built(ALONE, FIRST) + b"\x00",
        errors.TrailingDataError,
        "1 bytes follow the last tile (offset 26)",
    ),
    "second tile": (built(ALONE, FIRST, FIRST), errors.TrailingDataError, "9 bytes follow"),
    "ancillary behind the tile": (
        built(MARKED, FIRST, (USER, b"")),
        errors.TrailingDataError,
        "6 bytes follow",
    ),
    "ancillary between map and tile": (
        built(MARKED, (MAP, b"m"), (USER, b""), (TILE, b"abc", MAPPED)),
        CORRUPT,
        "0x83 at offset 26",
    ),
    "two maps": (built(MARKED, (MAP, b"m"), (MAP, b"m"), FIRST), CORRUPT, "second quality map"),
    "map dropped": (built(MARKED, (TILE, b"abc", MAPPED)), CORRUPT, "which is missing"),
    "map added": (built(MARKED, (MAP, b"m"), FIRST), CORRUPT, "has no quality map"),
    "tile of another place": (built(TWO, SECOND, FIRST), CORRUPT, "came that of tile 1"),
    "map of another place": (
        built(TWO, (MAP, b"m", 1), (TILE, b"abc", MAPPED), SECOND),
        CORRUPT,
        "expected that of tile 0, came that of tile 1",
    ),
    "two profiles": (
        built(MARKED, (ICC, b"m"), (ICC, b"m"), FIRST),
        CORRUPT,
        "0x81 at offset 26",
        "second time",
    ),
    "two users' chunks": (built(MARKED, (USER, b""), (USER, b"u"), FIRST), CORRUPT, "second time"),
    "text and needed text": (
        built(MARKED, (TEXT, b""), (NEEDED_TEXT, b""), FIRST),
        CORRUPT,
        "0x03",
        "second time",
    ),
    "empty tile": (built(ALONE, (TILE, b"")), CORRUPT, "tile 0"),
    "long length": (built(ALONE, (*FIRST, 0, b"\x83\x00")), CORRUPT, "shortest form"),
    "endless length": (
        built(ALONE, (*FIRST, 0, b"\x83\x80\x80\x80\x00")),
        CORRUPT,
        "at most 4 bytes",
    ),
    "huge length": (
        ALONE + b"\x01\xff\xff\xff\x7f" + bytes(20),
        CUT,
        "tile 0 needs 268435459 bytes, 20 left (offset 22)",
    ),
    "no chunk": (ALONE, CUT, "tile 0"),
    "missing second tile": (built(TWO, FIRST), CUT, "tile 1"),
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
            assert any(c.fault for c in parse(damaged)[1]), f"bit {bit} not noticed"


def test_strict_parse_names_the_damage_that_hides_the_structure():
    data = bytearray(write(header(1025, 1000), six_tiles))
    first = parse(data)[1][0]
    data[first.offset - 1] += 1  # its length
    check_rejects(
        lambda: parse(data), errors.CorruptStreamError, "0x83", f"offset {first.offset}", "checksum"
    )

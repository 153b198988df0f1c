"""Streams of formats 0.1 to 0.3: read, refused and concealed by the rules that they had."""

import pytest

from checks import check_rejects, check_safe
from container_bytes import (
    ICC,
    LAYER,
    MAP,
    NEEDED_TEXT,
    SIZE,
    TILE,
    USER,
    former_chunk,
    former_stream,
    header,
    header_bytes,
    layer_payload,
    payloads,
    six_tiles,
    two_layers,
)
from tcsdk import errors
from tcsdk._kernels import parse

HEAD = header_bytes(version=0x01)
ONE_TILE = former_chunk(TILE, b"abc")
LAYERED = header_bytes(0xA0, version=0x02)
LAYER_CHUNK = former_chunk(LAYER, layer_payload)
REFUSED = {
    "version zero": (header_bytes(version=0) + ONE_TILE, errors.CorruptStreamError, "0x00"),
    "reserved bit": (
        header_bytes(0x80, version=0x01) + ONE_TILE,
        errors.CorruptStreamError,
        "bit 7",
    ),
    "zero width": (
        header_bytes(width=0, version=0x01) + ONE_TILE,
        errors.StreamLimitError,
        "0 x 256",
    ),
    "zero height": (
        header_bytes(height=0, version=0x01) + ONE_TILE,
        errors.StreamLimitError,
        "512 x 0",
    ),
    "zero tile": (
        header_bytes(0x40, fields=b"\x00", version=0x01) + ONE_TILE,
        errors.StreamLimitError,
        "multiple of 64",
    ),
    "default tile spelled out": (
        header_bytes(0x40, fields=b"\x08", version=0x01) + ONE_TILE,
        errors.CorruptStreamError,
        "default",
    ),
    "million tiles": (
        header_bytes(0x40, width=65535, height=65535, fields=b"\x01", version=0x01),
        errors.StreamLimitError,
        "at most 65536, came 1048576",
    ),
    "text chunk": (
        HEAD + former_chunk(NEEDED_TEXT, b"") + ONE_TILE,
        errors.UnsupportedChunkError,
        "0x03 at offset 17",
    ),
    "unannounced layer": (
        HEAD + former_chunk(LAYER, b"") + ONE_TILE,
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
        header_bytes(0xA0, version=0x01) + ONE_TILE,
        errors.CorruptStreamError,
        "bit 7",
    ),
    "layer chunk first": (
        LAYERED + LAYER_CHUNK + ONE_TILE,
        errors.CorruptStreamError,
        "expected tile 0, came a layer chunk",
    ),
    "layer chunk between map and tile": (
        LAYERED + ONE_TILE + former_chunk(MAP, b"m") + LAYER_CHUNK + ONE_TILE,
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
        LAYERED + ONE_TILE + LAYER_CHUNK + former_chunk(USER, b"") + ONE_TILE,
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
        HEAD + former_chunk(0x7F, b"x") + ONE_TILE,
        errors.UnsupportedChunkError,
        "0x7F",
        "0x05 (quality map)",
    ),
    "quality map of before": (
        HEAD + former_chunk(0x02, b"x") + ONE_TILE,
        errors.UnsupportedChunkError,
        "0x02",
    ),
    "trailing byte": (
        HEAD + ONE_TILE + b"\x00",
        errors.TrailingDataError,
        "1 bytes follow the last tile (offset 26)",
    ),
    "second tile": (HEAD + ONE_TILE * 2, errors.TrailingDataError, "9 bytes follow"),
    "ancillary behind the tile": (
        HEAD + ONE_TILE + former_chunk(USER, b""),
        errors.TrailingDataError,
        "6 bytes follow",
    ),
    "ancillary between map and tile": (
        HEAD + former_chunk(MAP, b"m") + former_chunk(USER, b"") + ONE_TILE,
        errors.CorruptStreamError,
        "0x83 at offset 24",
    ),
    "two maps": (
        HEAD + former_chunk(MAP, b"m") * 2 + ONE_TILE,
        errors.CorruptStreamError,
        "second quality map",
    ),
    "two profiles": (
        HEAD + former_chunk(ICC, b"m") * 2 + ONE_TILE,
        errors.CorruptStreamError,
        "0x81 at offset 24",
        "second time",
    ),
    "two sizes": (
        HEAD + former_chunk(SIZE, bytes(4)) * 2 + ONE_TILE,
        errors.CorruptStreamError,
        "0x84 at offset 27",
        "second time",
    ),
    "ancillary flood": (
        HEAD + former_chunk(USER, b"") * 1025 + ONE_TILE,
        errors.StreamLimitError,
        "1024",
    ),
    "empty tile": (HEAD + former_chunk(TILE, b""), errors.CorruptStreamError, "tile 0"),
    "long length": (
        HEAD + former_chunk(TILE, b"abc", b"\x83\x00"),
        errors.CorruptStreamError,
        "shortest form",
    ),
    "endless length": (
        HEAD + former_chunk(TILE, b"abc", b"\x83\x80\x80\x80\x00"),
        errors.CorruptStreamError,
        "at most 4 bytes",
    ),
    "huge length": (
        HEAD + b"\x01\xff\xff\xff\x7f" + bytes(20),
        errors.TruncatedStreamError,
        "tile 0 needs 268435459 bytes, 20 left (offset 22)",
    ),
    "no chunk": (HEAD, errors.TruncatedStreamError, "tile 0"),
    "missing second tile": (
        header_bytes(width=513, version=0x01) + ONE_TILE,
        errors.TruncatedStreamError,
        "tile 1",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name):
    data, error, *words = REFUSED[name]
    check_rejects(lambda: parse(data), error, *words)


def test_refuses_a_stream_truncated_at_every_byte():
    data = former_stream(header(1025, 1000), six_tiles)
    for end in range(len(data)):
        check_rejects(lambda end=end: parse(data[:end]), errors.TruncatedStreamError)


def test_finds_every_flipped_bit():
    data = former_stream(header(1025, 1000), six_tiles)
    for bit in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        if check_safe(lambda damaged=damaged: parse(damaged)):
            assert any(c.fault for c in parse(damaged)[1]), f"bit {bit} not noticed"


def test_lenient_parse_returns_the_whole_chunks_of_a_truncated_stream():
    data = former_stream(header(1025, 1000), six_tiles)
    ends = [c.offset + c.length + 4 for c in parse(data)[1]]
    for end in range(17, len(data)):
        _, chunks = parse(data[:end], lenient=True)
        assert payloads(data, chunks) == six_tiles[: sum(e <= end for e in ends)]


def test_lenient_parse_marks_the_one_damaged_tile():
    data = bytearray(former_stream(header(1025, 1000), six_tiles))
    chunks = parse(data)[1]
    data[chunks[4].offset + 3] ^= 0x10
    _, found = parse(data, lenient=True)
    assert [not c.fault for c in found] == [i != 4 for i in range(len(chunks))]
    assert [c.type for c in found] == [c.type for c in chunks]


def test_lenient_parse_never_takes_one_tile_for_another():
    data = former_stream(header(1025, 1000), six_tiles)
    tiles = [p for kind, p in six_tiles if kind == TILE]
    for bit in range(17 * 8, 8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        _, found = parse(damaged, lenient=True)
        kept = [c for c in found if c.type == TILE]
        for index, chunk in enumerate(kept):
            if not chunk.fault:
                assert data[chunk.offset : chunk.offset + chunk.length] == tiles[index], bit


def test_strict_parse_names_the_damage_that_hides_the_structure():
    data = bytearray(former_stream(header(1025, 1000), six_tiles))
    first = parse(data)[1][0]
    data[first.offset - 1] += 1  # its length
    check_rejects(
        lambda: parse(data), errors.CorruptStreamError, "0x83", f"offset {first.offset}", "checksum"
    )


def test_streams_of_before_come_back():
    for layered, chunks in ((False, six_tiles), (True, two_layers)):
        head = header(1025, 1000, layered=layered)
        data = former_stream(head, chunks)
        parsed, found = parse(data)
        assert parsed == head
        assert parsed.version == (0, 2 if layered else 1)
        assert payloads(data, found) == chunks
        assert not any(c.fault for c in found)
        assert [c.tile for c in found if c.type == TILE] == [*range(6)] * (1 + layered)


def test_the_shown_size_comes_from_its_chunk():
    size = (SIZE, b"\x58\x02\x00\x01")
    assert parse(former_stream(header(), [size, (TILE, b"t")]))[0].shown == (600, 256)
    assert parse(former_stream(header(), [(TILE, b"t")]))[0].shown == (512, 256)


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", ("expected 4 bytes", "came 0")),
        (bytes(5), ("expected 4 bytes", "came 5")),
        (b"\xff\x01\x00\x01", ("beyond the coded 512 x 256", "came 511 x 256")),
        (b"\x00\x02\xff\x00", ("beyond the coded 512 x 256", "came 512 x 255")),
        (b"\x00\x02\x00\x01", ("came the same",)),
    ],
)
def test_sizes_that_make_no_sense_are_refused(payload, words, lenient):
    broken = former_stream(header(), [(SIZE, payload), (TILE, b"t")])
    check_rejects(lambda: parse(broken, lenient), errors.CorruptStreamError, *words)


def test_bytes_behind_the_last_tile_are_refused_by_all():
    data = former_stream(header(1025, 1000), six_tiles) + b"x"
    for lenient in (False, True):
        check_rejects(lambda lenient=lenient: parse(data, lenient), errors.TrailingDataError)


def test_a_tile_without_its_map_is_not_to_be_decoded():
    data = bytearray(former_stream(header(1025, 1000), six_tiles))
    data[parse(data)[1][3].offset] ^= 1  # the map of tile 1
    for lenient in (False, True):
        faults = [(c.fault, c.tile) for c in parse(data, lenient)[1] if c.fault]
        assert faults == [("damaged", 1), ("mapless", 1)]


def test_damage_in_the_first_layer_is_located_though_the_base_layer_is_cut():
    """The sound layer chunk shows that the tiles before it are as many as they should be."""
    whole = former_stream(header(1025, 1000, layered=True), two_layers)
    chunks = parse(whole)[1]
    damaged = bytearray(whole[:-1])
    damaged[chunks[4].offset] ^= 1
    for first_layer in (False, True):
        _, found = parse(damaged, True, first_layer)
        marks = [not c.fault for c in found[: len(six_tiles)]]
        assert marks == [i != 4 for i in range(len(six_tiles))]
    assert len(parse(damaged, first_layer=True)[1]) == len(six_tiles)
    end = chunks[len(six_tiles)].offset - 2
    alone = damaged[:end]
    check_rejects(lambda: parse(alone, first_layer=True), errors.CorruptStreamError, "checksum")
    assert len(parse(alone, True, first_layer=True)[1]) == 5

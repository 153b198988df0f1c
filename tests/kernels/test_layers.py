"""Streams of two layers in the container: order, damage, and reading the first layer alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import check_rejects, check_safe
from container_bytes import (
    LAYER,
    TILE,
    chunk_bytes,
    header,
    header_bytes,
    layer_payload,
    payloads,
    six_tiles,
    two_layers,
)
from tcsdk import errors
from tcsdk._kernels import Layer, parse, write

HEAD = header(1025, 1000, layered=True)
DATA = write(HEAD, two_layers)
CHUNKS = parse(DATA)[1]
FIRST_END = CHUNKS[len(six_tiles) - 1].offset + CHUNKS[len(six_tiles) - 1].length + 4


def flipped(bit):
    damaged = bytearray(DATA)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def test_layers_are_announced_and_come_back_in_order():
    assert DATA[:17] == header_bytes(version=0x02, flags=0xA0, width=1025, height=1000)
    parsed, chunks = parse(DATA)
    assert parsed == HEAD
    assert parsed.layered
    assert parsed.version == (0, 2)
    assert payloads(DATA, chunks) == two_layers


def test_streams_of_one_layer_stay_of_version_0_1():
    data = write(header(1025, 1000), six_tiles)
    assert data[3] == 0x01
    assert not parse(data)[0].layered
    assert DATA[17:FIRST_END] == data[17:]


def test_the_layer_chunk_costs_14_bytes():
    small = header(16, 16, layered=True)
    tile = [(TILE, b"abc")]
    data = write(small, [*tile, (LAYER, layer_payload), *tile])
    assert len(data) == 17 + 2 * len(chunk_bytes(TILE, b"abc")) + 14


@pytest.mark.parametrize("lenient", [False, True])
def test_the_first_layer_is_read_alone_wherever_the_base_layer_ends(lenient):
    for end in range(FIRST_END, len(DATA) + 1):
        _, chunks = parse(DATA[:end], lenient, first_layer=True)
        assert payloads(DATA, chunks) == six_tiles
    assert payloads(DATA, parse(DATA + b"x", first_layer=True)[1]) == six_tiles


def test_a_first_layer_that_is_cut_is_truncated():
    for end in range(FIRST_END):
        check_rejects(
            lambda end=end: parse(DATA[:end], first_layer=True), errors.TruncatedStreamError
        )


def test_a_stream_cut_anywhere_is_truncated():
    for end in range(len(DATA)):
        check_rejects(lambda end=end: parse(DATA[:end]), errors.TruncatedStreamError)


def test_lenient_parse_returns_the_whole_chunks_of_a_truncated_stream():
    ends = [c.offset + c.length + 4 for c in CHUNKS]
    for end in range(17, len(DATA)):
        _, chunks = parse(DATA[:end], lenient=True)
        assert payloads(DATA, chunks) == two_layers[: sum(e <= end for e in ends)]


def test_finds_every_flipped_bit():
    for bit in range(8 * len(DATA)):
        if check_safe(lambda bit=bit: parse(flipped(bit))):
            assert not all(c.crc_ok for c in parse(flipped(bit))[1]), f"bit {bit} not noticed"


@pytest.mark.parametrize("first_layer", [False, True])
def test_lenient_parse_never_takes_one_tile_for_another(first_layer):
    layers = [[p for kind, p in six_tiles if kind == TILE]] * 2
    for bit in range(17 * 8, 8 * len(DATA)):
        damaged = flipped(bit)
        _, found = parse(damaged, True, first_layer)
        at = next((i for i, c in enumerate(found) if c.type == LAYER), len(found))
        assert not (first_layer and at < len(found))
        for tiles, chunks in zip(layers, (found[:at], found[at + 1 :]), strict=True):
            kept = [c for c in chunks if c.type == TILE]
            for index, chunk in enumerate(kept):
                if chunk.crc_ok:
                    payload = damaged[chunk.offset : chunk.offset + chunk.length]
                    assert payload == tiles[index], bit


def test_damage_in_the_first_layer_is_located_though_the_base_layer_is_cut():
    """The sound layer chunk shows that the tiles before it are as many as they should be."""
    damaged = bytearray(DATA[:-1])
    damaged[CHUNKS[3].offset] ^= 1
    for first_layer in (False, True):
        _, found = parse(damaged, True, first_layer)
        marks = [c.crc_ok for c in found[: len(six_tiles)]]
        assert marks == [i != 3 for i in range(len(six_tiles))]
    assert len(parse(damaged, first_layer=True)[1]) == len(six_tiles)


def test_damage_in_a_first_layer_without_the_layer_chunk_is_not_located():
    damaged = bytearray(DATA[:FIRST_END])
    damaged[CHUNKS[3].offset] ^= 1
    check_rejects(
        lambda: parse(damaged, first_layer=True), errors.CorruptStreamError, "wrong checksum"
    )
    assert len(parse(damaged, True, first_layer=True)[1]) == 4


@given(st.integers(0, 63), st.integers(0, 255), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF))
def test_layer_chunks_come_back(quality, threshold, wire_id, bundle_hash):
    layer = Layer(quality=quality, threshold=threshold, wire_id=wire_id, bundle_hash=bundle_hash)
    data = layer.to_bytes()
    assert len(data) == 8
    back = Layer.parse(data)
    fields = (back.quality, back.threshold, back.wire_id, back.bundle_hash)
    assert fields == (quality, threshold, wire_id, bundle_hash)


@pytest.mark.parametrize(
    ("field", "value"),
    [("quality", 64), ("threshold", 256), ("wire_id", -1), ("bundle_hash", 1 << 32)],
)
def test_layer_chunks_of_impossible_numbers_are_refused(field, value):
    fields = {"quality": 1, "threshold": 2, "wire_id": 3, "bundle_hash": 4, field: value}
    check_rejects(lambda: Layer(**fields), ValueError, field)


WRITER_REFUSES = [
    (header(layered=True), [(TILE, b"a")], "as many behind the layer chunk, came 1"),
    (header(), [(TILE, b"a"), (LAYER, layer_payload), (TILE, b"a")], "nothing may follow"),
    (header(), [(LAYER, layer_payload), (TILE, b"a")], "does not announce"),
    (header(layered=True), [(TILE, b"a"), (TILE, b"a")], "the layer chunk"),
    (header(bare=True, layered=True), [(TILE, b"a")], "one layer"),
]


@pytest.mark.parametrize(("head", "chunks", "word"), WRITER_REFUSES)
def test_writer_refuses_what_no_reader_takes(head, chunks, word):
    check_rejects(lambda: write(head, chunks), ValueError, word)

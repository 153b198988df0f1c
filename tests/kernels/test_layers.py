"""Streams of two layers in the container: order, damage, and reading the first layer alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import check_rejects, check_safe
from container_bytes import (
    LAYER,
    LAYERED,
    OPTIONS,
    TILE,
    header,
    header_bytes,
    layer_payload,
    payloads,
    six_tiles,
    two_layers,
)
from tcsdk import errors
from tcsdk._kernels import Layer, crc32c, parse, write

HEAD = header(1025, 1000, layered=True)
DATA = write(HEAD, two_layers)
CHUNKS = parse(DATA)[1]
FIRST_END = CHUNKS[len(six_tiles) - 1].offset + CHUNKS[len(six_tiles) - 1].length + 4


def flipped(bit):
    damaged = bytearray(DATA)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def test_layers_are_announced_and_come_back_in_order():
    mark = crc32c(b"".join(payload for _, payload in two_layers)) & 0xFFFF
    head = header_bytes(32 | OPTIONS, 1025, 1000, bytes([LAYERED]), mark=mark)
    assert DATA[: len(head)] == head
    parsed, chunks = parse(DATA)
    assert parsed == HEAD
    assert parsed.layered
    assert payloads(DATA, chunks) == two_layers
    at = len(six_tiles)
    assert [c.base for c in chunks] == [i >= at for i in range(len(chunks))]
    assert [c.tile for c in chunks[at + 1 :]] == [c.tile for c in chunks[2:at]]


def test_a_layer_costs_17_bytes_beside_its_tiles():
    """14 of its chunk, the options byte and the mark."""
    small, tile = {"width": 16, "height": 16}, [(TILE, b"abc")]
    two = write(header(**small, layered=True), [*tile, (LAYER, layer_payload), *tile])
    one = write(header(**small), tile)
    assert len(two) == len(one) + (3 + 6) + 17


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
    for end in range(20, len(DATA)):
        _, chunks = parse(DATA[:end], lenient=True)
        whole = [c for c in chunks if not c.fault]
        assert payloads(DATA, whole) == two_layers[: sum(e <= end for e in ends)]


def test_finds_every_flipped_bit():
    for bit in range(8 * len(DATA)):
        if check_safe(lambda bit=bit: parse(flipped(bit))):
            assert any(c.fault for c in parse(flipped(bit))[1]), f"bit {bit} not noticed"


@pytest.mark.parametrize("first_layer", [False, True])
def test_lenient_parse_never_takes_one_tile_for_another(first_layer):
    tiles = [p for kind, p in six_tiles if kind == TILE]
    for bit in range(20 * 8, 8 * len(DATA)):
        damaged = flipped(bit)
        _, found = parse(damaged, True, first_layer)
        assert not any(first_layer and (c.base or c.type == LAYER) for c in found)
        for chunk in found:
            if chunk.type == TILE and not chunk.fault:
                assert payloads(damaged, [chunk]) == [(TILE, tiles[chunk.tile])], bit


def test_damage_in_the_first_layer_is_located_wherever_the_stream_is_cut():
    damaged = bytearray(DATA)
    damaged[CHUNKS[4].offset] ^= 1  # tile 1
    for end in (FIRST_END, FIRST_END + 5, len(DATA) - 1):
        for lenient in (False, True):
            _, found = parse(damaged[:end], lenient, first_layer=True)
            marks = [c.fault for c in found]
            assert marks == ["damaged" if i == 4 else "" for i in range(len(six_tiles))]


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

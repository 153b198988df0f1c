"""The `.tcs` container: what is written, and that it comes back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import check_rejects, check_safe
from container_bytes import (
    EXIF,
    ICC,
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
    payloads,
)
from tcsdk._kernels import Chunk, Header, crc32c, parse, write


def test_full_header_is_17_bytes_and_as_specified():
    data = write(header(), [(TILE, b"abc")])
    assert data == header_bytes() + chunk_bytes(header_bytes(), TILE, b"abc")
    assert len(header_bytes()) == 17


def test_overhead_of_a_one_tile_picture_is_at_most_24_bytes():
    for size in (1, 127, 128, 16383):
        overhead = len(write(header(), [(TILE, bytes(size))])) - size
        assert overhead <= 24, size


def test_other_tile_sides_take_two_bytes_and_several_chunks_two():
    data = write(header(100, 64, tile=64), [(TILE, b"a"), (TILE, b"b")])
    fields = bytes([TILE_SIDE, 1])
    head = header_bytes(32 | OPTIONS, 100, 64, fields, mark=crc32c(b"ab") & 0xFFFF)
    assert data == head + chunk_bytes(head, TILE, b"a", 0) + chunk_bytes(head, TILE, b"b", 1)
    assert len(head) == 17 + 2 + 2
    assert parse(data)[0].tile == 64


def test_another_shown_size_takes_five_bytes():
    data = write(header(shown=(600, 256)), [(TILE, b"abc")])
    head = header_bytes(32 | OPTIONS, fields=b"\x02\x58\x02\x00\x01")
    assert data == head + chunk_bytes(head, TILE, b"abc")
    assert len(head) == 17 + 5
    assert parse(data)[0].shown == (600, 256)
    assert parse(write(header(), [(TILE, b"abc")]))[0].shown == (512, 256)


def test_all_options_stand_in_their_order():
    chunks = [(TILE, b"a"), (0x04, b"layer"), (TILE, b"b")]
    data = write(header(64, 32, tile=128, shown=(65535, 32), layered=True), chunks)
    fields = bytes([TILE_SIDE | SHOWN | LAYERED, 2]) + b"\xff\xff\x20\x00"
    mark = crc32c(b"alayerb") & 0xFFFF
    assert data.startswith(header_bytes(32 | OPTIONS, 64, 32, fields, mark=mark))


def test_a_tile_with_a_map_has_a_place_of_its_own():
    data = write(header(), [(MAP, b"m"), (TILE, b"t")])
    head = header_bytes(mark=crc32c(b"mt") & 0xFFFF)
    assert data == head + chunk_bytes(head, MAP, b"m") + chunk_bytes(head, TILE, b"t", MAPPED)


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


def with_shown(draw, head):
    """The same header, shown at any size that it may have."""
    fields = ("width", "height", "quality", "wire_id", "bundle_hash", "tile")
    shown = draw(st.integers(head.width, 65535)), draw(st.integers(head.height, 65535))
    return Header(**{name: getattr(head, name) for name in fields}, shown=shown)


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
    if not bare:
        head = with_shown(draw, head)
    chunks = []
    if not bare:
        kinds = st.integers(0x80, 255).filter(lambda kind: kind not in (SIZE, TEXT))
        kinds |= st.just(NEEDED_TEXT)
        one = st.tuples(kinds, st.binary(max_size=9))
        chunks += draw(st.lists(one, max_size=4, unique_by=lambda chunk: chunk[0]))
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
        assert not any(c.fault for c in found)
        assert payloads(data, parse(kind(data), lenient=True)[1]) == chunks


def test_header_repr_evaluates_back():
    head = header(65535, 3, tile=16320, shown=(65535, 4))
    assert eval(repr(head)) == head
    assert head.version == (0, 4)
    assert head.tiles == 5


def test_unknown_ancillary_chunks_are_handed_out_to_be_skipped():
    data = write(header(), [(0xFF, b"new"), (TILE, b"t")])
    assert payloads(data, parse(data)[1]) == [(0xFF, b"new"), (TILE, b"t")]


STARTS = [b"", b"\xe1", b"\xf4TC\x04", header_bytes(), header_bytes(version=1)]


@given(st.binary(max_size=60), st.sampled_from(STARTS))
def test_any_bytes_parse_or_raise(data, start):
    check_safe(lambda: parse(start + data))
    check_safe(lambda: parse(start + data, lenient=True))


WRITER_REFUSES = [
    (header(513), [(TILE, b"a")], "expected 2 tiles, came 1"),
    (header(), [(TILE, b"a"), (TILE, b"b")], "nothing may follow"),
    (header(), [(TILE, b"a"), (USER, b"b")], "nothing may follow"),
    (header(), [(TILE, b"")], "without bytes"),
    (header(), [(0x02, b"a"), (TILE, b"a")], "0x02"),
    (header(), [(SIZE, b"size"), (TILE, b"a")], "since format 0.4"),
    (header(), [(TEXT, b"a"), (NEEDED_TEXT, b"a"), (TILE, b"a")], "second time"),
    (header(), [(USER, b"a"), (USER, b"a"), (TILE, b"a")], "second time"),
    (header(), [(MAP, b"a"), (MAP, b"a"), (TILE, b"a")], "second quality map"),
    (header(), [(MAP, b"a"), (USER, b"a"), (TILE, b"a")], "0x83"),
    (header(), [(EXIF, b"a"), (EXIF, b"a"), (TILE, b"a")], "second time"),
    (header(), [], "expected 1 tiles, came 0"),
    (header(bare=True), [(ICC, b"a"), (TILE, b"a")], "bare stream takes tiles"),
    (header(bare=True, shown=(513, 256)), [(TILE, b"a")], "shown as coded"),
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


@pytest.mark.parametrize(("shown", "number"), [((511, 256), "511"), ((512, 65536), "65536")])
def test_header_refuses_a_shown_size_below_the_coded_one_or_beyond_the_limit(shown, number):
    check_rejects(lambda: header(shown=shown), ValueError, "shown", number)


def test_parse_and_write_refuse_what_is_not_bytes():
    check_rejects(lambda: parse("text"), TypeError, "bytes", "str")
    check_rejects(lambda: write(header(), [(TILE, "text")]), TypeError, "bytes", "str")
    check_rejects(lambda: write(header(), [(256, b"x")]), ValueError, "chunk type", "256")


def test_chunk_repr_says_what_it_is():
    chunk = parse(write(header(), [(TILE, b"abc")]))[1][0]
    assert isinstance(chunk, Chunk)
    assert repr(chunk) == "<Chunk type=1 fault='' base=False tile=0 offset=19 length=3>"

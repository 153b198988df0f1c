"""Streams of format 0.4 that every reader must refuse, most of them whole chunks in a wrong place.

The pieces are right by themselves: headers and checks hold, and whoever looks at one chunk alone
finds nothing wrong.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from golden_streams import LAYER_CHUNK, QUALITY_MAP, Part, head

from tcsdk._kernels import crc32c, parse, write

TILE, TEXT, NEEDED_TEXT, MAP, USER, ICC, SIZE = 0x01, 0x85, 0x03, 0x05, 0x83, 0x81, 0x84
MARK, OPTIONS = 0x80, 0x40
BASE, MAPPED = 1 << 31, 1 << 30

# (file, how, error, bytes)
Row = tuple[str, str, str, bytes]
CORRUPT, CUT, LIMIT = "CorruptStreamError", "TruncatedStreamError", "StreamLimitError"
TRAILING, UNKNOWN = "TrailingDataError", "UnsupportedChunkError"


def bound_header(
    flags: int = 20, width: int = 512, height: int = 256, fields: bytes = b"", mark: bytes = b""
) -> bytes:
    """A header with a right check, whatever the fields say."""
    flags |= MARK if mark else 0
    body = b"\xf4TC" + struct.pack("<BBHIHH", 0x04, flags, 0xFFF0, 1, width, height)
    body += fields + mark
    return body + struct.pack("<H", crc32c(body) & 0xFFFF)


def bound_chunk(start: bytes, kind: int, payload: bytes, place: int = 0) -> bytes:
    """A chunk with the right check for its header and place."""
    body = bytes([kind, len(payload)]) + payload
    return body + struct.pack("<I", crc32c(start + struct.pack("<I", place) + body))


def pieces(chunks: tuple[Part, ...], **options: object) -> list[bytes]:
    """The header of a stream of 190 x 65 in tiles of 64, and its chunks whole."""
    data = write(head(190, 65, tile=64, **options), list(chunks))  # type: ignore[arg-type]
    found = parse(data)[1]
    ends = [chunk.offset + chunk.length + 4 for chunk in found]
    starts = [chunk.offset - 2 for chunk in found]  # payloads are short: one byte of length
    return [data[: starts[0]], *(data[a:b] for a, b in zip(starts, ends, strict=True))]


def headers() -> Iterator[Row]:
    """Headers that are refused."""

    def one(fields: bytes, flags: int = 20 | OPTIONS, **sides: int) -> bytes:
        start = bound_header(flags, fields=fields, **sides)  # type: ignore[arg-type]
        return start + bound_chunk(start, TILE, b"abc")

    shown = one(b"\x02\x00\x03\x00\x01")
    yield "bound_header_cut.tcs", "conceal", CUT, shown[:20]
    yield "bound_header_check.tcs", "conceal", CORRUPT, shown[:17] + b"\x04" + shown[18:]
    yield "bound_options_zero.tcs", "conceal", CORRUPT, one(b"\x00")
    yield "bound_options_unknown.tcs", "conceal", CORRUPT, one(b"\x09\x04")
    yield "bound_side_zero.tcs", "conceal", LIMIT, one(b"\x01\x00")
    yield "bound_side_default.tcs", "conceal", CORRUPT, one(b"\x01\x08")
    yield "bound_shown_equal.tcs", "conceal", CORRUPT, one(b"\x02\x00\x02\x00\x01")
    yield "bound_shown_narrower.tcs", "conceal", CORRUPT, one(b"\x02\xff\x01\x00\x01")
    yield "bound_shown_lower.tcs", "conceal", CORRUPT, one(b"\x02\x00\x02\xff\x00")
    yield "bound_unmarked_layers.tcs", "conceal", CORRUPT, one(b"\x04")
    start = bound_header(width=513)
    tiles = [bound_chunk(start, TILE, b"abc", place) for place in range(2)]
    yield "bound_unmarked_tiles.tcs", "conceal", CORRUPT, start + b"".join(tiles)
    start = bound_header()
    tile = bound_chunk(start, TILE, b"abc")
    yield "bound_unmarked_user.tcs", "stream", CORRUPT, start + bound_chunk(start, USER, b"") + tile
    three = b"\xf4TC\x03" + start[4:15]
    yield "version_three.tcs", "conceal", CORRUPT, three + struct.pack("<H", crc32c(three) & 0xFFFF)


def orders() -> Iterator[Row]:
    """Sound streams whose chunks were dropped, doubled, moved, or are of another stream."""
    payloads = [(TILE, bytes([i + 1]) * 9) for i in range(6)]
    base = ((TILE, b"base"), QUALITY_MAP, *payloads[1:])
    first = ((USER, b"u"), payloads[0], QUALITY_MAP, *payloads[1:], LAYER_CHUNK, *base)
    start, user, tile, quality_map, mapped, *rest = pieces(first, layered=True)
    more, layer, behind = rest[:4], rest[4], rest[5:]

    def stream(*front: bytes, then: list[bytes] | None = None) -> bytes:
        return start + b"".join([*front, *(rest if then is None else then)])

    sound = (user, tile, quality_map, mapped)
    swapped = [more[1], more[0], *more[2:], layer, *behind]
    yield "order_tiles_exchanged.tcs", "stream", CORRUPT, stream(*sound, then=swapped)
    yield "order_first_tile_dropped.tcs", "stream", CORRUPT, stream(user, quality_map, mapped)
    yield "order_tile_dropped.tcs", "stream", CORRUPT, stream(*sound, then=rest[1:])
    yield "order_last_tile_dropped.tcs", "stream", CUT, stream(*sound, then=rest[:-1])
    yield "order_tile_doubled.tcs", "stream", CORRUPT, stream(user, tile, tile, *sound[2:])
    yield "order_map_dropped.tcs", "stream", CORRUPT, stream(user, tile, mapped)
    yield "order_map_doubled.tcs", "stream", CORRUPT, stream(*sound[:3], quality_map, mapped)
    yield "order_map_moved.tcs", "stream", CORRUPT, stream(user, quality_map, tile, mapped)
    yield "order_user_doubled.tcs", "stream", CORRUPT, stream(user, *sound)
    yield "order_user_moved.tcs", "stream", CORRUPT, stream(*sound[1:], user)
    no_layer = [*more, *behind]
    yield "order_layer_dropped.tcs", "stream", CORRUPT, stream(*sound, then=no_layer)
    early = [layer, *more, *behind]
    yield "order_layer_moved.tcs", "stream", CORRUPT, stream(*sound, then=early)
    again = [*more, layer, layer, *behind]
    yield "order_layer_doubled.tcs", "stream", CORRUPT, stream(*sound, then=again)
    same = [*more, layer, tile, *behind[1:]]
    yield "order_tile_in_base.tcs", "stream", CORRUPT, stream(*sound, then=same)
    for name, mode in (("byte", "stream"), ("byte_concealed", "conceal")):
        yield f"order_trailing_{name}.tcs", mode, TRAILING, stream(*sound) + b"\x00"
    for name, mode in (("tile", "stream"), ("tile_concealed", "conceal")):
        yield f"order_trailing_{name}.tcs", mode, TRAILING, stream(*sound) + behind[-1]
    # The same picture a moment later: another payload in one tile, so another mark.
    other = pieces((*first[:-1], (TILE, b"later")), layered=True)
    yield "foreign_header.tcs", "inspect", CORRUPT, other[0] + stream(*sound)[len(start) :]
    yield "foreign_user.tcs", "inspect", CORRUPT, stream(other[1], *sound[1:])
    yield "foreign_tile.tcs", "inspect", CORRUPT, stream(user, other[2], *sound[2:])
    yield "foreign_map.tcs", "inspect", CORRUPT, stream(user, tile, other[3], mapped)
    changed = [*more, other[9], *behind]
    yield "foreign_layer.tcs", "inspect", CORRUPT, stream(*sound, then=changed)
    yield "foreign_base_tile.tcs", "inspect", CORRUPT, stream(*sound, then=[*rest[:-1], other[-1]])


def kinds() -> Iterator[Row]:
    """Chunks of types that a stream cannot have, or not twice."""
    start = bound_header(mark=b"\x34\x12")

    def stream(*parts: Part) -> bytes:
        chunks = [bound_chunk(start, kind, payload) for kind, payload in (*parts, (TILE, b"abc"))]
        return start + b"".join(chunks)

    yield "bound_size_chunk.tcs", "stream", CORRUPT, stream((SIZE, b"\x00\x03\x00\x01"))
    yield "bound_two_users.tcs", "stream", CORRUPT, stream((USER, b""), (USER, b"u"))
    yield "bound_two_profiles.tcs", "stream", CORRUPT, stream((ICC, b""), (ICC, b""))
    yield "bound_two_unknown.tcs", "stream", CORRUPT, stream((0xC0, b""), (0xC0, b""))
    yield "bound_two_texts.tcs", "stream", CORRUPT, stream((TEXT, b""), (NEEDED_TEXT, b""))
    yield "bound_critical_retired.tcs", "conceal", UNKNOWN, stream((0x02, b"m"))
    yield "bound_critical_unknown.tcs", "conceal", UNKNOWN, stream((0x7F, b""))
    yield "bound_map_unasked.tcs", "stream", CORRUPT, stream((MAP, b"m"))
    empty = start + bound_chunk(start, TILE, b"")
    yield "bound_tile_empty.tcs", "stream", CORRUPT, empty
    # What the header says does not change by where the chunk says that it is.
    asked = start + bound_chunk(start, TILE, b"abc", MAPPED)
    yield "bound_map_missing.tcs", "stream", CORRUPT, asked
    beyond = start + bound_chunk(start, TILE, b"abc", BASE)
    yield "bound_base_unannounced.tcs", "inspect", CORRUPT, beyond


def bound_rows() -> list[Row]:
    """All of them."""
    return [*headers(), *orders(), *kinds()]

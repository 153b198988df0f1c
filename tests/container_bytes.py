"""Streams for tests, written by hand where they break rules or are older than the writer."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from tcsdk._kernels import Chunk, Header, crc32c, parse, write

TILE, NEEDED_TEXT, LAYER, MAP = 0x01, 0x03, 0x04, 0x05
ICC, EXIF, USER, SIZE, TEXT = 0x81, 0x82, 0x83, 0x84, 0x85
# Bits of the quality byte, of the options byte, and of places.
OPTIONS, MARK = 0x40, 0x80
TILE_SIDE, SHOWN, LAYERED = 1, 2, 4
MAPPED, BASE = 1 << 30, 1 << 31

Chunks = Sequence[tuple[int, bytes]]


def header(width: int = 512, height: int = 256, **fields: Any) -> Header:
    """A header with numbers that no test cares about."""
    defaults = {"quality": 32, "wire_id": 1, "bundle_hash": 0xDEADBEEF}
    return Header(width=width, height=height, **{**defaults, **fields})


def header_bytes(
    flags: int = 32,
    width: int = 512,
    height: int = 256,
    fields: bytes = b"",
    *,
    mark: int | None = None,
    version: int = 0x04,
    names: tuple[int, int] = (1, 0xDEADBEEF),
) -> bytes:
    """A full header written by hand, its checksum right; `fields` is what lies before the mark.

    `names` is wire id and bundle hash.
    """
    flags |= 0 if mark is None else MARK
    body = b"\xf4TC" + struct.pack("<BBHIHH", version, flags, *names, width, height)
    body += fields + (b"" if mark is None else struct.pack("<H", mark))
    return body + struct.pack("<H", crc32c(body) & 0xFFFF)


def chunk_bytes(
    head: bytes, kind: int, payload: bytes, place: int = 0, length: bytes | None = None
) -> bytes:
    """A chunk written by hand, its check right for a header and a place."""
    body = bytes([kind]) + _length(payload, length) + payload
    return body + struct.pack("<I", crc32c(head + struct.pack("<I", place) + body))


def former_chunk(kind: int, payload: bytes, length: bytes | None = None) -> bytes:
    """A chunk of a stream before 0.4 written by hand, its check right."""
    body = bytes([kind]) + _length(payload, length) + payload
    return body + struct.pack("<I", crc32c(body))


def former_stream(head: Header, chunks: Chunks) -> bytes:
    """A full stream as versions before 0.4 wrote it."""
    tiled = head.tile != 512
    flags = head.quality | (0x40 if tiled else 0) | (0x80 if head.layered else 0)
    side = bytes([head.tile // 64]) if tiled else b""
    names, version = (head.wire_id, head.bundle_hash), 0x02 if head.layered else 0x01
    start = header_bytes(flags, head.width, head.height, side, version=version, names=names)
    return start + b"".join(former_chunk(kind, payload) for kind, payload in chunks)


def _length(payload: bytes, length: bytes | None) -> bytes:
    """LEB128 of a payload's length, or what is given instead."""
    if length is not None:
        return length
    count, out = len(payload), bytearray()
    while count > 0x7F:
        out.append(count & 0x7F | 0x80)
        count >>= 7
    return bytes([*out, count])


def payloads(data: bytes, chunks: list[Chunk]) -> list[tuple[int, bytes]]:
    """Types and payloads of parsed chunks."""
    return [(c.type, data[c.offset : c.offset + c.length]) for c in chunks]


def cut_out(data: bytes, chunks: list[Chunk]) -> tuple[bytes, list[bytes]]:
    """The header of a stream and its chunks whole: type, length, payload and check."""
    ends = [c.offset + c.length + 4 for c in chunks]
    starts = [_start(c) for c in chunks]
    return data[: starts[0]], [data[a:b] for a, b in zip(starts, ends, strict=True)]


def _start(chunk: Chunk) -> int:
    return chunk.offset - 1 - len(_length(bytes(chunk.length), None))


# What a layer chunk may say; no test of the container cares.
layer_payload = b"\x14\x11\xf1\xff\x01\x02\x03\x04"

# A picture of 1025 x 1000: six tiles, all but the first with a quality map.
six_tiles = [(USER, b"hello"), (ICC, bytes(300))]
six_tiles += [(kind, bytes([i]) * 9) for i in range(6) for kind in ([MAP, TILE] if i else [TILE])]
# The same with a base layer behind it.
two_layers = [*six_tiles, (LAYER, layer_payload), *six_tiles[2:]]


def bare_stream(stream: bytes) -> bytes:
    """The tiles of a sound stream as formats before 0.4 spelled bare ones; nothing writes them."""
    said, chunks = parse(stream)
    names = ("width", "height", "quality", "wire_id")
    head = Header(**{name: getattr(said, name) for name in names}, bare=True)
    tiles = [c for c in chunks if c.type == 0x01]
    return write(head, [(c.type, stream[c.offset : c.offset + c.length]) for c in tiles])

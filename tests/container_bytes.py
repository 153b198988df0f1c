"""Streams for tests, written by hand where they break rules."""

from __future__ import annotations

import struct
from typing import Any

from tcsdk._kernels import Chunk, Header, crc32c

TILE, TEXT, LAYER, MAP, ICC, EXIF, USER, SIZE = 0x01, 0x03, 0x04, 0x05, 0x81, 0x82, 0x83, 0x84


def header(width: int = 512, height: int = 256, **fields: Any) -> Header:
    """A header with numbers that no test cares about."""
    defaults = {"quality": 32, "wire_id": 1, "bundle_hash": 0xDEADBEEF}
    return Header(width=width, height=height, **{**defaults, **fields})


def header_bytes(
    version: int = 0x01,
    flags: int = 32,
    width: int = 512,
    height: int = 256,
    extension: bytes = b"",
) -> bytes:
    """A full header written by hand, its checksum right."""
    body = b"\xf4TC" + struct.pack("<BBHIHH", version, flags, 1, 0xDEADBEEF, width, height)
    body += extension
    return body + struct.pack("<H", crc32c(body) & 0xFFFF)


def chunk_bytes(kind: int, payload: bytes, length: bytes | None = None) -> bytes:
    """A chunk written by hand, its checksum right."""
    body = bytes([kind]) + (bytes([len(payload)]) if length is None else length) + payload
    return body + struct.pack("<I", crc32c(body))


def payloads(data: bytes, chunks: list[Chunk]) -> list[tuple[int, bytes]]:
    """Types and payloads of parsed chunks."""
    return [(c.type, data[c.offset : c.offset + c.length]) for c in chunks]


# What a layer chunk may say; no test of the container cares.
layer_payload = b"\x14\x11\xf1\xff\x01\x02\x03\x04"

# A picture of 1025 x 1000: six tiles, all but the first with a quality map.
six_tiles = [(USER, b"hello"), (ICC, bytes(300))]
six_tiles += [(kind, bytes([i]) * 9) for i in range(6) for kind in ([MAP, TILE] if i else [TILE])]
# The same with a base layer behind it.
two_layers = [*six_tiles, (LAYER, layer_payload), *six_tiles[2:]]

"""The streams among the golden vectors, by the folder in which they lie."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from golden_model import IDS, make_bundle

from tcsdk._kernels import Bundle, Header, Layer, bundle_check, encode_quality_map, write

TILE, NEEDED_TEXT, LAYER, MAP = 0x01, 0x03, 0x04, 0x05
ICC, EXIF, USER, SIZE, TEXT = 0x81, 0x82, 0x83, 0x84, 0x85
METER = Path(__file__).parents[1] / "golden" / "v0.4-text" / "meter" / "payload.bin"
LAYER_FIELDS = {"quality": 45, "wire_id": IDS["odd"], "bundle_hash": 0x04030201, "threshold": 17}

Part = tuple[int, bytes]  # type and payload of a chunk


@dataclass(frozen=True)
class StreamCase:
    """One stream; every tile is the payload of the tile case `lanes_1`, or its first bytes.

    Attributes:
        name: Of its folder.
        header: What it says before its chunks.
        chunks: In stream order.
        former: Whether it is spelled as before format 0.4.
    """

    name: str
    header: Header
    chunks: tuple[Part, ...]
    former: bool = False

    @property
    def stream(self) -> bytes:
        """The bytes."""
        if not self.former or self.header.bare:
            return write(self.header, list(self.chunks))
        sys.path.insert(0, str(Path(__file__).parents[1]))
        from container_bytes import former_stream

        return former_stream(self.header, self.chunks)


def head(
    width: int,
    height: int,
    *,
    tile: int = 512,
    bare: bool = False,
    layered: bool = False,
    shown: tuple[int, int] | None = None,
) -> Header:
    """A header of the small model."""
    return Header(
        width=width,
        height=height,
        quality=20,
        wire_id=IDS["even"],
        bundle_hash=0 if bare else Bundle(make_bundle("even")).short_hash,
        tile=tile,
        bare=bare,
        layered=layered,
        shown=shown,
    )


@dataclass(frozen=True)
class Chunks:
    """What streams are made of; `payload` is that of the tile case `lanes_1`."""

    payload: bytes

    @property
    def tiles(self) -> tuple[Part, ...]:
        """Six tiles, the first bytes of the payload each."""
        return tuple((TILE, self.payload[: 1 + i]) for i in range(6))

    @property
    def mapped(self) -> tuple[Part, ...]:
        """The same, every second one with a quality map."""
        return tuple(
            chunk
            for i, tile in enumerate(self.tiles)
            for chunk in ((QUALITY_MAP,) if i % 2 else ()) + (tile,)
        )


QUALITY_MAP = (MAP, encode_quality_map(np.array([[0, 0, 3, 3], [3, -2, 0, 0]], np.int8)))
LAYER_CHUNK = (LAYER, Layer(**LAYER_FIELDS).to_bytes())
EXTRAS = ((ICC, bytes(range(200))), (EXIF, b"II*\0"), (USER, b"u"), (0xC0, b"?"))
# Before 0.4 there could be several user chunks.
FORMER_EXTRAS = (*EXTRAS[:2], (USER, b""), *EXTRAS[2:])


def former_cases(payload: bytes) -> tuple[StreamCase, ...]:
    """Streams of one layer as formats 0.1 to 0.3 wrote them, and bare ones."""
    chunks, tile = Chunks(payload), (TILE, payload)
    shown = (SIZE, struct.pack("<HH", 683, 341))
    small = (*FORMER_EXTRAS, *chunks.mapped)
    rows: tuple[tuple[str, Header, tuple[Part, ...]], ...] = (
        ("stream", head(512, 256), (tile,)),
        ("stream_chunks", head(100, 37), (*FORMER_EXTRAS, QUALITY_MAP, tile)),
        ("stream_tiles", head(1025, 1000), chunks.tiles),
        ("stream_size", head(512, 256), (shown, tile)),
        ("stream_small_tiles", head(190, 65, tile=64), small),
        ("stream_largest", head(65535, 65535, tile=16320), (chunks.tiles[0],) * 25),
        ("bare", head(512, 256, bare=True), (tile,)),
        ("bare_tiles", head(1025, 1000, bare=True), chunks.tiles),
    )
    return tuple(StreamCase(*row, former=True) for row in rows)


def former_layered_cases(payload: bytes) -> tuple[StreamCase, ...]:
    """Streams of two layers as formats 0.2 and 0.3 wrote them."""
    return tuple(StreamCase(*row, former=True) for row in layered(payload, FORMER_EXTRAS))


def layered(
    payload: bytes, extras: tuple[Part, ...]
) -> tuple[tuple[str, Header, tuple[Part, ...]], ...]:
    """Name, header and chunks of streams of two layers."""
    chunks = Chunks(payload)
    two = (chunks.tiles[1], LAYER_CHUNK, (TILE, payload))
    tiles = (*extras, *chunks.mapped, LAYER_CHUNK, *chunks.tiles)
    return (
        ("layers", head(512, 256, layered=True), two),
        ("layers_tiles", head(190, 65, tile=64, layered=True), tiles),
    )


def bound_cases(payload: bytes) -> tuple[StreamCase, ...]:
    """Streams of one layer and of two, as they are written since format 0.4."""
    chunks, tile = Chunks(payload), (TILE, payload)
    options = head(70, 16, tile=64, layered=True, shown=(70, 65535))
    text = METER.read_bytes()
    rows: tuple[tuple[str, Header, tuple[Part, ...]], ...] = (
        ("stream", head(512, 256), (tile,)),
        ("chunks", head(100, 37), (*EXTRAS, QUALITY_MAP, tile)),
        ("tiles", head(1025, 1000), chunks.tiles),
        ("shown", head(512, 256, shown=(683, 341)), (tile,)),
        ("small_tiles", head(190, 65, tile=64), (*EXTRAS, *chunks.mapped)),
        ("largest", head(65535, 65535, tile=16320), (chunks.tiles[0],) * 25),
        *layered(payload, EXTRAS),
        ("text", head(100, 37), ((USER, b"u"), (TEXT, text), QUALITY_MAP, tile)),
        ("needed_text", head(512, 256), ((NEEDED_TEXT, text), tile)),
        ("options", options, (*chunks.tiles[:2], LAYER_CHUNK, QUALITY_MAP, *chunks.tiles[2:4])),
    )
    return tuple(StreamCase(f"bound_{name}", header, parts) for name, header, parts in rows)


def small_head(width: int, height: int, shown: tuple[int, int] | None = None) -> Header:
    """A header of the small profile, of a private model that it can name."""
    check = bundle_check(Bundle(make_bundle("even")).short_hash)
    return Header(
        width=width,
        height=height,
        quality=20,
        wire_id=0xF0F3,
        shown=shown,
        small=True,
        bundle_check=check,
    )


def small_cases(payload: bytes) -> tuple[StreamCase, ...]:
    """Streams of the small profile, of format 0.4."""
    chunks, tile, text = Chunks(payload), (TILE, payload), (TEXT, METER.read_bytes())
    rows: tuple[tuple[str, Header, tuple[Part, ...]], ...] = (
        ("stream", small_head(512, 256), (tile,)),
        ("large", small_head(513, 1), chunks.tiles[:2]),
        ("largest", small_head(8192, 300), (chunks.tiles[0],) * 16),
        ("shown", small_head(512, 256, (1024, 512)), (tile,)),
        ("shown_odd", small_head(7, 300, (63, 2691)), (tile,)),
        ("map", small_head(100, 37), (QUALITY_MAP, tile)),
        ("maps", small_head(1025, 1000), chunks.mapped),
        ("text", small_head(512, 256), (text, tile)),
        ("all", small_head(1025, 1000, (1185, 1156)), (text, *chunks.mapped)),
    )
    return tuple(StreamCase(f"small_{name}", header, parts) for name, header, parts in rows)


# Folder -> its cases around the payload of a tile.
SETS: Mapping[str, Callable[[bytes], tuple[StreamCase, ...]]] = {
    "v0": former_cases,
    "v0.2": former_layered_cases,
    "v0.4": bound_cases,
    "v0.4-small": small_cases,
}

"""A `.tcs` stream taken apart into tiles and metadata, and put together again."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from tcsdk import _kernels
from tcsdk._kernels import Chunk, Header, Layer
from tcsdk.codec.quality_map import Offsets
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.tiles import TileGrid
from tcsdk.errors import BitstreamError, CorruptStreamError
from tcsdk.images import Picture
from tcsdk.model.grids import DEFAULT_TILE


class ChunkType(IntEnum):
    """Types of chunks that this version writes; docs/reference/format.md has the whole table."""

    TILE = 0x01
    LAYER = 0x04
    QUALITY_MAP = 0x05
    ICC = 0x81
    EXIF = 0x82
    USER = 0x83
    SIZE = 0x84


_BASE = "base layer, "
_ANCILLARY = 0x80  # types from here on are not about tiles
_SIZE = struct.Struct("<HH")  # width and height of the picture as shown
KEEPABLE = {"icc": ChunkType.ICC, "exif": ChunkType.EXIF}


@dataclass(frozen=True)
class CodedTile:
    """The bytes of one tile.

    Attributes:
        payload: For the kernel; empty where `damage` says why.
        quality_map: Coded offsets of the tile, or None.
        damage: What is wrong with the tile's chunks; "" for a sound one.
    """

    payload: memoryview
    quality_map: memoryview | None = None
    damage: str = ""


@dataclass(frozen=True)
class CodedLayer:
    """The bytes of one layer.

    Attributes:
        quality: 0..63.
        wire_id: Number of the model that decodes it.
        bundle_hash: Short hash of the model's entropy bundle; None in a bare stream.
        tiles: In raster order, as many as the picture's size and tile side make.
        threshold: How the layer before it is blended with it (`blending`); 0 in the first.
        name: What stands before its tiles in messages.
    """

    quality: int
    wire_id: int
    bundle_hash: int | None
    tiles: tuple[CodedTile, ...]
    threshold: int = 0
    name: str = ""


@dataclass(frozen=True)
class Stream:
    """A stream taken apart.

    Attributes:
        header: Size as coded, and quality and model of the first layer.
        sizes: That size, and the one at which the picture is shown.
        first: The first layer.
        base: The second one; None where there is none, where it was not asked for, or where
            `base_damage` says why it cannot be known.
        base_damage: What is wrong with the second layer as a whole; "" if nothing.
        ancillary_damage: What is wrong with chunks that are not about tiles; "" if nothing.
    """

    header: Header
    sizes: Sizes
    first: CodedLayer
    base: CodedLayer | None
    base_damage: str
    ancillary_damage: str

    @property
    def layers(self) -> tuple[CodedLayer, ...]:
        """The layers that are there."""
        return (self.first,) if self.base is None else (self.first, self.base)

    @property
    def grid(self) -> TileGrid:
        """The coded picture's tiles, the same in all layers."""
        return TileGrid(self.header.width, self.header.height, self.header.tile)


def split_stream(data: bytes, *, lenient: bool = False, first_layer: bool = False) -> Stream:
    """Take a stream apart; checksums are noted, not judged.

    Args:
        data: The whole stream.
        lenient: Note missing tiles as damage instead of raising. The header must be sound.
        first_layer: Do not look at a second layer.

    Raises:
        BitstreamError: The structure is broken; its classes say how.
    """
    header, chunks = _kernels.parse(data, lenient, first_layer)
    view = memoryview(data)
    ancillary = [_damage(c) for c in chunks if c.type >= _ANCILLARY and not c.crc_ok]
    at = next((i for i, c in enumerate(chunks) if c.type == ChunkType.LAYER), len(chunks))
    first = CodedLayer(
        header.quality,
        header.wire_id,
        None if header.bare else header.bundle_hash,
        _tiles(view, chunks[:at], header.tiles),
    )
    base, base_damage = None, ""
    if header.layered and not first_layer:
        base, base_damage = _split_base(view, chunks[at:], header.tiles)
    sizes = _sizes(view, header, chunks)
    return Stream(header, sizes, first, base, base_damage, ancillary[0] if ancillary else "")


def _sizes(view: memoryview, header: Header, chunks: Sequence[Chunk]) -> Sizes:
    """Read the size at which the picture is shown; a damaged chunk says nothing."""
    coded = header.width, header.height
    said = (c for c in chunks if c.type == ChunkType.SIZE and c.crc_ok)
    shown = next((_shown_size(_payload(view, chunk), coded) for chunk in said), coded)
    return Sizes.of(coded, shown)


def _shown_size(payload: memoryview, coded: tuple[int, int]) -> tuple[int, int]:
    if len(payload) != _SIZE.size:
        raise CorruptStreamError(
            f"size chunk: expected {_SIZE.size} bytes of payload, got {len(payload)}"
        )
    width, height = _SIZE.unpack(payload)
    if width < coded[0] or height < coded[1] or (width, height) == coded:
        raise CorruptStreamError(
            f"size chunk: expected a size beyond the coded {coded[0]}x{coded[1]} pixels, "
            f"got {width}x{height}"
        )
    return width, height


def size_chunks(sizes: Sizes) -> list[tuple[int, bytes]]:
    """Return the chunk that says how large a picture is shown, if that is not as it is coded."""
    if sizes.equal:
        return []
    return [(int(ChunkType.SIZE), _SIZE.pack(sizes.shown.width, sizes.shown.height))]


def _split_base(
    view: memoryview, chunks: Sequence[Chunk], count: int
) -> tuple[CodedLayer | None, str]:
    """Read a layer chunk and the tiles behind it, or say what is wrong with the layer chunk."""
    if not chunks:
        return None, "the base layer is missing from the stream"
    if not chunks[0].crc_ok:
        return None, _damage(chunks[0])
    try:
        layer = Layer.parse(_payload(view, chunks[0]))
    except BitstreamError as error:
        return None, str(error)
    tiles = _tiles(view, chunks[1:], count, _BASE)
    coded = CodedLayer(
        layer.quality, layer.wire_id, layer.bundle_hash, tiles, layer.threshold, _BASE
    )
    return coded, ""


def _tiles(
    view: memoryview, chunks: Sequence[Chunk], count: int, name: str = ""
) -> tuple[CodedTile, ...]:
    """Gather the tiles of a layer; those that have not come are noted as damage."""
    tiles: list[CodedTile] = []
    quality_map, damage = None, ""
    for chunk in chunks:
        bad = "" if chunk.crc_ok else f"wrong checksum (payload at offset {chunk.offset})"
        if chunk.type == ChunkType.TILE:
            damage = damage or bad
            reason = damage and f"{name}tile {len(tiles)}: {damage}"
            tiles.append(CodedTile(_payload(view, chunk), quality_map, reason))
            quality_map, damage = None, ""
        elif chunk.type == ChunkType.QUALITY_MAP:
            quality_map, damage = _payload(view, chunk), bad and f"quality map: {bad}"
    missing = range(len(tiles), count)
    tiles += [
        CodedTile(view[:0], None, f"{name}tile {n}: missing from the stream") for n in missing
    ]
    return tuple(tiles)


def _payload(view: memoryview, chunk: Chunk) -> memoryview:
    return view[chunk.offset : chunk.offset + chunk.length]


def _damage(chunk: Chunk) -> str:
    return f"chunk {chunk.type:#04x}: wrong checksum (payload at offset {chunk.offset})"


def read_quality_map(tile: CodedTile, height: int, width: int) -> NDArray[np.int8] | None:
    """Decode a tile's quality offsets.

    Args:
        tile: The tile.
        height: Of its y grid.
        width: Of its y grid.

    Returns:
        (height, width) int8, or None where it has none.

    Raises:
        BitstreamError: The map breaks off, breaks a rule, or has bytes behind it.
    """
    if tile.quality_map is None:
        return None
    return _kernels.decode_quality_map(tile.quality_map, height, width)


def metadata_of(data: bytes, kind: ChunkType) -> bytes | None:
    """Return the first ancillary chunk of a kind, or None.

    Raises:
        BitstreamError: The structure is broken or the chunk is damaged.
    """
    _, chunks = _kernels.parse(data, first_layer=True)
    for chunk in chunks:
        if chunk.type == kind:
            if not chunk.crc_ok:
                raise CorruptStreamError(_damage(chunk))
            return data[chunk.offset : chunk.offset + chunk.length]
    return None


def metadata_chunks(
    picture: Picture, keep: Collection[str], user: bytes | None
) -> list[tuple[int, bytes]]:
    """Return the ancillary chunks of a stream: what of the source is kept, and the user's bytes."""
    sources = {"icc": picture.icc, "exif": picture.exif}
    kept = [(int(KEEPABLE[name]), sources[name]) for name in KEEPABLE if name in keep]
    kept.append((int(ChunkType.USER), user))
    return [(kind, payload) for kind, payload in kept if payload is not None]


@dataclass(frozen=True)
class PackedTile:
    """A tile ready to be written.

    Attributes:
        payload: From the kernel.
        offsets: (h, w) int8 quality offsets, or None.
    """

    payload: bytes
    offsets: Offsets | None


def join_stream(
    header: Header,
    ancillary: Sequence[tuple[int, bytes]],
    first: Sequence[PackedTile],
    base: tuple[Layer, Sequence[PackedTile]] | None = None,
) -> bytes:
    """Put a stream together.

    Args:
        header: Size as coded, and quality and model of the first layer.
        ancillary: Metadata chunks.
        first: Tiles of the first layer, in raster order.
        base: The second layer and its tiles, if the header announces it.
    """
    chunks = [*ancillary, *_tile_chunks(first)]
    if base is not None:
        layer, tiles = base
        chunks += [(int(ChunkType.LAYER), layer.to_bytes()), *_tile_chunks(tiles)]
    return _kernels.write(header, chunks)


def _tile_chunks(tiles: Sequence[PackedTile]) -> Iterator[tuple[int, bytes]]:
    for tile in tiles:
        if tile.offsets is not None:
            yield int(ChunkType.QUALITY_MAP), _kernels.encode_quality_map(tile.offsets)
        yield int(ChunkType.TILE), tile.payload


def check_bare(bare: bool, tile: int, has_extras: bool) -> None:
    """Refuse what bare mode cannot carry.

    Raises:
        ValueError: Metadata, a quality map, a second layer, another size than the coded one or a
            tile side other than 512 in a bare stream.
    """
    if bare and (has_extras or tile != DEFAULT_TILE):
        raise ValueError(
            f"a bare stream carries neither metadata nor quality offsets nor a second layer, is "
            f"shown as it is coded, and has tiles of {DEFAULT_TILE} pixels; leave out keep=, "
            f"user=, qmap=, regions=, text_boost=, scale=, base_quality= and tile=, or bare=True"
        )

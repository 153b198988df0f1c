"""A `.tcs` stream taken apart into tiles and metadata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from tcsdk import _kernels
from tcsdk._kernels import Chunk, Header, Layer
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.tiles import TileGrid
from tcsdk.errors import BitstreamError, CorruptStreamError
from tcsdk.model.said_bundle import SaidBundle


class ChunkType(IntEnum):
    """Types of chunks that this version knows; docs/reference/format.md has the whole table."""

    TILE = 0x01
    NEEDED_TEXT = 0x03
    LAYER = 0x04
    QUALITY_MAP = 0x05
    ICC = 0x81
    EXIF = 0x82
    USER = 0x83
    SIZE = 0x84  # in streams before 0.4 only
    TEXT = 0x85


_BASE = "base layer, "
_OF_TILES = (ChunkType.TILE, ChunkType.QUALITY_MAP)
_TEXTS = (ChunkType.NEEDED_TEXT, ChunkType.TEXT)
_USABLE = ("", "moved")
# Before it, another chunk than a tile said how large the picture is shown.
_SIZE_IN_HEADER = (0, 4)


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
        bundle: What the stream says of the model's entropy bundle.
        tiles: In raster order, as many as the picture's size and tile side make.
        threshold: How the layer before it is blended with it (`blending`); 0 in the first.
        name: What stands before its tiles in messages.
    """

    quality: int
    wire_id: int
    bundle: SaidBundle
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
        text: Payload of the text chunk; None where there is none that is sound.
        chunk_damage: What is wrong with chunks beside what is said of tiles and of the second
            layer: damaged, doubled, out of their order, of another stream.
    """

    header: Header
    sizes: Sizes
    first: CodedLayer
    base: CodedLayer | None
    base_damage: str
    text: memoryview | None
    chunk_damage: tuple[str, ...]

    @property
    def size_is_doubtful(self) -> bool:
        """Whether the damage may have said how large the picture is shown."""
        said = self.header.version >= _SIZE_IN_HEADER or not self.sizes.equal
        return bool(self.chunk_damage) and not said

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
    first = CodedLayer(
        header.quality,
        header.wire_id,
        SaidBundle.of(header),
        _tiles(view, [c for c in chunks if not c.base], header.tiles),
    )
    base, base_damage = None, ""
    if header.layered and not first_layer:
        base, base_damage = _split_base(view, chunks, header.tiles)
    sizes = Sizes.of((header.width, header.height), header.shown)
    damage = tuple(_damage(c) for c in chunks if c.fault and not _is_told(c, first, base))
    texts = [c for c in chunks if c.type in _TEXTS and c.fault in _USABLE]
    text = _payload(view, texts[0]) if texts else None
    return Stream(header, sizes, first, base, base_damage, text, damage)


def _split_base(
    view: memoryview, chunks: Sequence[Chunk], count: int
) -> tuple[CodedLayer | None, str]:
    """Read a layer chunk and the tiles behind it, or say what is wrong with the layer chunk."""
    said = [chunk for chunk in chunks if chunk.type == ChunkType.LAYER]
    sound = [chunk for chunk in said if chunk.fault in _USABLE]
    if not sound:
        return None, _damage(said[0]) if said else "the base layer is missing from the stream"
    try:
        layer = Layer.parse(_payload(view, sound[0]))
    except BitstreamError as error:
        return None, str(error)
    tiles = _tiles(view, [c for c in chunks if c.base], count, _BASE)
    coded = CodedLayer(
        layer.quality, layer.wire_id, SaidBundle(layer.bundle_hash), tiles, layer.threshold, _BASE
    )
    return coded, ""


def _tiles(
    view: memoryview, chunks: Sequence[Chunk], count: int, name: str = ""
) -> tuple[CodedTile, ...]:
    """Gather the tiles of a layer; those that have not come are noted as damage."""
    parts = [chunk for chunk in chunks if chunk.type in _OF_TILES]
    sound = {(c.type, c.tile): _payload(view, c) for c in parts if c.fault in _USABLE}
    damage = {c.tile: _fault(c) for c in reversed(parts) if c.fault in ("damaged", "mapless")}
    tiles = []
    for n in range(count):
        payload, offsets = (sound.get((kind, n)) for kind in _OF_TILES)
        if payload is None:
            reason = f"{name}tile {n}: {damage.get(n, 'missing from the stream')}"
            tiles.append(CodedTile(view[:0], None, reason))
        else:
            tiles.append(CodedTile(payload, offsets))
    return tuple(tiles)


def _is_told(chunk: Chunk, first: CodedLayer, base: CodedLayer | None) -> bool:
    """Whether what is wrong with a chunk is said of a tile, or of the whole second layer."""
    if chunk.fault in ("stray", "moved"):
        return False
    layer = base if chunk.base else first
    if chunk.type == ChunkType.LAYER or layer is None:
        return base is None
    of_tile = chunk.type in _OF_TILES and chunk.tile < len(layer.tiles)
    return of_tile and bool(layer.tiles[chunk.tile].damage)


def _payload(view: memoryview, chunk: Chunk) -> memoryview:
    return view[chunk.offset : chunk.offset + chunk.length]


_FAULTS = {
    "damaged": "wrong checksum",
    "mapless": "its quality map is missing",
    "stray": "its place is taken, or nothing there asks for it",
    "moved": "out of its order",
}


def _fault(chunk: Chunk) -> str:
    of_map = "quality map: " if chunk.type == ChunkType.QUALITY_MAP else ""
    return f"{of_map}{_FAULTS[chunk.fault]} (payload at offset {chunk.offset})"


def _damage(chunk: Chunk) -> str:
    return f"chunk {chunk.type:#04x}: {_fault(chunk)}"


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
    return next((sound_payload(data, chunk) for chunk in chunks if chunk.type == kind), None)


def sound_payload(data: bytes, chunk: Chunk) -> bytes:
    """Return the payload of a chunk of a stream.

    Raises:
        CorruptStreamError: It is damaged.
    """
    if chunk.fault:
        raise CorruptStreamError(_damage(chunk))
    return data[chunk.offset : chunk.offset + chunk.length]

"""A `.tcs` stream taken apart into tiles and metadata, and put together again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from tcsdk import _kernels
from tcsdk._kernels import Header
from tcsdk.errors import CorruptStreamError
from tcsdk.images import Picture
from tcsdk.tiles import DEFAULT_TILE, Y_STRIDE, TileGrid


class ChunkType(IntEnum):
    """Types of chunks that this version writes; docs/format.md has the whole table."""

    TILE = 0x01
    QUALITY_MAP = 0x02
    ICC = 0x81
    EXIF = 0x82
    USER = 0x83


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
class Stream:
    """A stream taken apart.

    Attributes:
        header: Size, quality, model.
        tiles: In raster order, as many as the header's size and tile side make.
        ancillary_damage: What is wrong with chunks that are not about tiles; "" if nothing.
    """

    header: Header
    tiles: tuple[CodedTile, ...]
    ancillary_damage: str

    @property
    def grid(self) -> TileGrid:
        """The picture's tiles."""
        return TileGrid(self.header.width, self.header.height, self.header.tile)


def split_stream(data: bytes, *, lenient: bool = False) -> Stream:
    """Take a stream apart; checksums are noted, not judged.

    Args:
        data: The whole stream.
        lenient: Note missing tiles as damage instead of raising. The header must be sound.

    Raises:
        BitstreamError: The structure is broken; its classes say how.
    """
    header, chunks = _kernels.parse(data, lenient)
    view = memoryview(data)
    tiles: list[CodedTile] = []
    quality_map, damage, ancillary = None, "", ""
    for chunk in chunks:
        payload = view[chunk.offset : chunk.offset + chunk.length]
        bad = "" if chunk.crc_ok else f"wrong checksum (payload at offset {chunk.offset})"
        if chunk.type == ChunkType.TILE:
            damage = damage or bad
            tiles.append(CodedTile(payload, quality_map, damage and f"tile {len(tiles)}: {damage}"))
            quality_map, damage = None, ""
        elif chunk.type == ChunkType.QUALITY_MAP:
            quality_map, damage = payload, bad and f"quality map: {bad}"
        elif bad:
            ancillary = f"chunk {chunk.type:#04x}: {bad}"
    missing = range(len(tiles), header.tiles)
    tiles += [CodedTile(view[:0], None, f"tile {n}: missing from the stream") for n in missing]
    return Stream(header, tuple(tiles), ancillary)


def read_quality_map(tile: CodedTile, height: int, width: int) -> NDArray[np.int8] | None:
    """Decode a tile's quality offsets.

    Args:
        tile: The tile.
        height: Of its y grid.
        width: Of its y grid.

    Returns:
        (height, width) int8, or None where it has none.

    Raises:
        CorruptStreamError: The map does not fill the grid exactly.
    """
    if tile.quality_map is None:
        return None
    return _kernels.decode_quality_map(tile.quality_map, height, width)


def metadata_of(data: bytes, kind: ChunkType) -> bytes | None:
    """Return the first ancillary chunk of a kind, or None.

    Raises:
        BitstreamError: The structure is broken or the chunk is damaged.
    """
    _, chunks = _kernels.parse(data)
    for chunk in chunks:
        if chunk.type == kind:
            if not chunk.crc_ok:
                raise CorruptStreamError(
                    f"chunk {chunk.type:#04x}: wrong checksum (payload at offset {chunk.offset})"
                )
            return data[chunk.offset : chunk.offset + chunk.length]
    return None


def metadata_chunks(
    picture: Picture, keep: Collection[str], user: bytes | None
) -> list[tuple[int, bytes]]:
    """Return the ancillary chunks of a stream: what of the source is kept, and the user's bytes.

    Raises:
        ValueError: `keep` names something other than "icc" and "exif".
    """
    unknown = set(keep) - set(KEEPABLE)
    if isinstance(keep, str) or unknown:
        raise ValueError(f"expected keep as a tuple of {tuple(KEEPABLE)}, got {keep!r}")
    sources = {"icc": picture.icc, "exif": picture.exif}
    kept = [(int(KEEPABLE[name]), sources[name]) for name in KEEPABLE if name in keep]
    kept.append((int(ChunkType.USER), user))
    return [(kind, payload) for kind, payload in kept if payload is not None]


def join_stream(
    header: Header,
    ancillary: Sequence[tuple[int, bytes]],
    payloads: Sequence[bytes],
    maps: Mapping[int, NDArray[np.int8]],
) -> bytes:
    """Put a stream together.

    Args:
        header: Size, quality, model.
        ancillary: Metadata chunks.
        payloads: Of the tiles, in raster order.
        maps: Tile index -> (h, w) int8 quality offsets of the tiles that have some.
    """
    chunks = list(ancillary)
    for index, payload in enumerate(payloads):
        if index in maps:
            chunks.append((int(ChunkType.QUALITY_MAP), _kernels.encode_quality_map(maps[index])))
        chunks.append((int(ChunkType.TILE), payload))
    return _kernels.write(header, chunks)


def split_quality_map(
    roi: NDArray[np.integer] | None, grid: TileGrid
) -> dict[int, NDArray[np.int8]]:
    """Cut a picture's quality offsets into tiles, leaving out tiles whose offsets are all 0.

    Args:
        roi: (ceil(H/16), ceil(W/16)) of any integer dtype, -128..127, or None.
        grid: The picture's tiles.

    Raises:
        TypeError: Not an integer array.
        ValueError: Wrong shape, or offsets beyond -128..127.
    """
    if roi is None:
        return {}
    roi = np.asarray(roi)
    if roi.dtype.kind not in "iu":
        raise TypeError(f"expected roi as an integer array, got {roi.dtype}")
    whole = grid.picture.on_grid(Y_STRIDE)
    if roi.shape != (whole.height, whole.width):
        raise ValueError(f"expected roi of shape {(whole.height, whole.width)}, one offset for "
                         f"each block of 16x16 pixels, got {roi.shape}")  # fmt: skip
    if roi.min() < -128 or roi.max() > 127:
        raise ValueError(f"expected roi in -128..127, got {roi.min()}..{roi.max()}")
    boxes = {index: grid[index].on_grid(Y_STRIDE) for index in range(len(grid))}
    parts = {i: roi[b.y : b.bottom, b.x : b.right] for i, b in boxes.items()}
    return {i: np.ascontiguousarray(part, np.int8) for i, part in parts.items() if part.any()}


def check_bare(bare: bool, tile: int, has_extras: bool) -> None:
    """Refuse what bare mode cannot carry.

    Raises:
        ValueError: Metadata, a quality map or a tile side other than 512 in a bare stream.
    """
    if bare and (has_extras or tile != DEFAULT_TILE):
        raise ValueError(
            f"a bare stream carries neither metadata nor a quality map, and has tiles of "
            f"{DEFAULT_TILE} pixels; leave out keep=, user=, roi= and tile=, or bare=True"
        )

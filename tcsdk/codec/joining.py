"""A `.tcs` stream put together from tiles and metadata."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tcsdk import _kernels
from tcsdk._kernels import Header, Layer
from tcsdk.codec.container import ChunkType, sound_payload
from tcsdk.codec.quality_map import Offsets
from tcsdk.images import Picture
from tcsdk.model.grids import DEFAULT_TILE

KEEPABLE = {"icc": ChunkType.ICC, "exif": ChunkType.EXIF}


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


def metadata_chunks(
    picture: Picture, keep: Collection[str], user: bytes | None
) -> list[tuple[int, bytes]]:
    """Return the ancillary chunks of a stream: what of the source is kept, and the user's bytes."""
    sources = {"icc": picture.icc, "exif": picture.exif}
    kept = [(int(KEEPABLE[name]), sources[name]) for name in KEEPABLE if name in keep]
    kept.append((int(ChunkType.USER), user))
    return [(kind, payload) for kind, payload in kept if payload is not None]


def with_chunk(data: bytes, kind: int, payload: bytes) -> bytes:
    """Return a sound stream with another ancillary chunk, in the place of its own if it has one."""
    header, chunks = _kernels.parse(data)
    parts = [(c.type, sound_payload(data, c)) for c in chunks if c.type != kind]
    return _kernels.write(header, [(kind, payload), *parts])


def check_small(small: bool, tile: int, has_extras: bool) -> None:
    """Refuse what the small profile cannot carry.

    Raises:
        ValueError: Metadata, a second layer or a tile side other than 512 in a small stream.
    """
    if small and (has_extras or tile != DEFAULT_TILE):
        raise ValueError(
            f"a small stream carries neither metadata nor a second layer, and has tiles of "
            f"{DEFAULT_TILE} pixels; leave out keep=, user=, base_quality= and tile=, or small=True"
        )

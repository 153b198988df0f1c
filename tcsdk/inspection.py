"""What a stream says of itself, without a model."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO

from tcsdk import _kernels
from tcsdk.codec.container import ChunkType, CodedLayer, metadata_of, split_stream
from tcsdk.codec.sent_text import SentText, sent_text_of
from tcsdk.errors import CorruptStreamError, ModelFileError
from tcsdk.images import read_bytes
from tcsdk.model.find import list_codecs
from tcsdk.model.folder import bundle_name

_NAMES = {
    ChunkType.TILE: "tile",
    ChunkType.QUALITY_MAP: "quality map",
    ChunkType.LAYER: "layer",
    ChunkType.ICC: "icc",
    ChunkType.EXIF: "exif",
    ChunkType.USER: "user",
    ChunkType.SIZE: "size",
    ChunkType.TEXT: "text",
    ChunkType.NEEDED_TEXT: "text",
}


@dataclass(frozen=True)
class ChunkInfo:
    """One chunk of a stream.

    Attributes:
        type: Its number.
        name: "tile", "quality map", "layer", "icc", "exif", "user", "text", "size" (in streams
            before 0.4), or "unknown".
        bytes: Size of its payload.
    """

    type: int
    name: str
    bytes: int


@dataclass(frozen=True)
class LayerInfo:
    """One layer of a stream.

    Attributes:
        quality: 0..63.
        wire_id: Number of the model that decodes it.
        family: Name of that model where it is installed, else None.
        bundle: First 4 bytes of the SHA-256 of its entropy bundle in hex; None in a bare stream.
        bytes: Size of its tiles' payloads and quality maps.
    """

    quality: int
    wire_id: int
    family: str | None
    bundle: str | None
    bytes: int


@dataclass(frozen=True)
class StreamInfo:
    """What a stream says of itself.

    Attributes:
        width, height: Pixels of the picture as shown.
        coded_width, coded_height: The same as coded; smaller after `encode(scale=)`.
        bytes: Size of the stream.
        bpp: Bits per pixel shown, everything counted.
        quality: Of the first layer, 0..63.
        wire_id: Number of the model that decodes the first layer.
        family: Name of that model where it is installed, else None.
        bundle: First 4 bytes of the SHA-256 of its entropy bundle in hex; None in a bare stream.
        tiles: Number of tiles, in each layer.
        tile_size: Their side in pixels.
        bare: Whether it is a bare stream, without checksums.
        version: Of the format, (major, minor).
        icc_bytes, exif_bytes, user_bytes: Sizes of the metadata, 0 where there is none.
        text: What was sent beside the picture, or None.
        layers: One, or two where a base layer follows the first.
        chunks: All chunks, in order.
    """

    width: int
    height: int
    coded_width: int
    coded_height: int
    bytes: int
    bpp: float
    quality: int
    wire_id: int
    family: str | None
    bundle: str | None
    tiles: int
    tile_size: int
    bare: bool
    version: tuple[int, int]
    icc_bytes: int
    exif_bytes: int
    user_bytes: int
    text: SentText | None
    layers: tuple[LayerInfo, ...]
    chunks: tuple[ChunkInfo, ...]


@dataclass(frozen=True)
class Metadata:
    """What was kept beside the pixels; None where there is nothing.

    Attributes:
        icc: RGB colour profile.
        exif: EXIF block, as Pillow's `save(exif=...)` takes it.
        user: The bytes given as `user=`.
    """

    icc: bytes | None
    exif: bytes | None
    user: bytes | None


def inspect(data: bytes | str | os.PathLike[str] | BinaryIO) -> StreamInfo:
    """Describe a stream; loads no model and decodes no pixel.

    Args:
        data: A stream as bytes, path or binary file object.

    Raises:
        BitstreamError: Not a stream, truncated, damaged, or made by a newer version.
    """
    stream = read_bytes(data, "stream")
    header, chunks = _kernels.parse(stream)
    for chunk in chunks:
        if chunk.fault:
            raise CorruptStreamError(
                f"chunk {chunk.type:#04x}: wrong checksum (payload at offset {chunk.offset})"
            )
    infos = tuple(ChunkInfo(c.type, _name(c.type), c.length) for c in chunks)
    sizes = {
        kind: sum(info.bytes for info in infos if info.name == kind)
        for kind in ("icc", "exif", "user")
    }
    parts = split_stream(stream)
    if parts.base_damage:
        raise CorruptStreamError(parts.base_damage)
    layers = tuple(map(_layer_info, parts.layers))
    shown = parts.sizes.shown
    return StreamInfo(
        width=shown.width,
        height=shown.height,
        coded_width=header.width,
        coded_height=header.height,
        bytes=len(stream),
        bpp=8 * len(stream) / (shown.width * shown.height),
        quality=header.quality,
        wire_id=header.wire_id,
        family=layers[0].family,
        bundle=layers[0].bundle,
        tiles=header.tiles,
        tile_size=header.tile,
        bare=header.bare,
        version=header.version,
        icc_bytes=sizes["icc"],
        exif_bytes=sizes["exif"],
        user_bytes=sizes["user"],
        text=sent_text_of(stream, parts.sizes),
        layers=layers,
        chunks=infos,
    )


def metadata(data: bytes | str | os.PathLike[str] | BinaryIO) -> Metadata:
    """Return what was kept beside the pixels of a stream.

    Args:
        data: A stream as bytes, path or binary file object.

    Raises:
        BitstreamError: Not a stream, truncated or damaged.
    """
    stream = read_bytes(data, "stream")
    return Metadata(*(metadata_of(stream, ChunkType[k]) for k in ("ICC", "EXIF", "USER")))


def _name(kind: int) -> str:
    return next((name for known, name in _NAMES.items() if known == kind), "unknown")


def _layer_info(layer: CodedLayer) -> LayerInfo:
    return LayerInfo(
        quality=layer.quality,
        wire_id=layer.wire_id,
        family=family_of(layer.wire_id, layer.bundle_hash),
        bundle=None if layer.bundle_hash is None else bundle_name(layer.bundle_hash),
        bytes=sum(len(tile.payload) + len(tile.quality_map or b"") for tile in layer.tiles),
    )


def family_of(wire_id: int, bundle_hash: int | None) -> str | None:
    """Return the installed model family of a wire id and bundle (None: any), or None."""
    try:
        models = list_codecs()
    except ModelFileError:  # a damaged installation: what the stream says is known all the same
        return None
    for model in models:
        if model.wire_id == wire_id and bundle_hash in (None, model.bundle_hash):
            return model.family
    return None

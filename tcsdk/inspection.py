"""What a stream says of itself, without a model."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO

from tcsdk import _kernels
from tcsdk.codec.container import ChunkType, CodedLayer, metadata_of, split_stream
from tcsdk.codec.sent_text import SentText, sent_text_of
from tcsdk.errors import BundleMismatchError, CorruptStreamError, ModelError, ModelFileError
from tcsdk.images import read_bytes
from tcsdk.model.find import list_codecs, model_of_stream
from tcsdk.model.said_bundle import SaidBundle

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
        bundle: First 4 bytes of the SHA-256 of its entropy bundle in hex; None in small and bare
            streams.
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
        bundle: First 4 bytes of the SHA-256 of its entropy bundle in hex; None in small and bare
            streams.
        tiles: Number of tiles, in each layer.
        tile_size: Their side in pixels.
        bare: Whether it is a bare stream of versions before 0.4, without checksums.
        small: Whether it is of the small profile, whose one check needs the model's bundle: it is
            looked at where the model is installed.
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
    small: bool
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
    _check_small(parts.first)
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
        small=header.small,
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
        family=family_of(layer.wire_id, layer.bundle),
        bundle=layer.bundle.name,
        bytes=sum(len(tile.payload) + len(tile.quality_map or b"") for tile in layer.tiles),
    )


def family_of(wire_id: int, bundle: SaidBundle) -> str | None:
    """Return the installed model family of a wire id and what is said of a bundle, or None."""
    try:
        return model_of_stream(wire_id, bundle, list_codecs()).family
    except (ModelError, BundleMismatchError, CorruptStreamError):
        # Not here; or a damaged installation: what the stream says is known all the same.
        return None


def _check_small(first: CodedLayer) -> None:
    """Refuse a small stream whose check fails with each bundle of its model.

    Raises:
        CorruptStreamError: It is damaged, or of another release of the model.
    """
    try:
        models = list_codecs()
    except ModelFileError:
        return
    if first.bundle.check is not None and any(m.wire_id == first.wire_id for m in models):
        model_of_stream(first.wire_id, first.bundle, models)

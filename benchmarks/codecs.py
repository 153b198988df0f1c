"""Codecs under test: picture in, real file bytes out, picture back."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import tcsdk

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Point:
    """One operating point of a codec: encode to bytes, decode to (H, W, 3) uint8."""

    codec: str
    setting: str
    encode: Callable[[Pixels], bytes]
    decode: Callable[[bytes], Pixels]


def _pillow(name: str, form: str, setting: str, **options: object) -> Point:
    def encode(pixels: Pixels) -> bytes:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, form, **options)
        return buffer.getvalue()

    def decode(data: bytes) -> Pixels:
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))

    return Point(name, setting, encode, decode)


def jpeg() -> Iterator[Point]:
    """Baseline of the field: progressive, optimised Huffman tables, 4:2:0."""
    for q in (1, 3, 5, 8, 12, 18, 25, 35, 50):
        yield _pillow("jpeg", "JPEG", f"q{q}", quality=q, optimize=True, progressive=True)


def webp() -> Iterator[Point]:
    """WebP lossy, slowest method."""
    for q in (0, 2, 5, 10, 20, 35, 50):
        yield _pillow("webp", "WEBP", f"q{q}", quality=q, method=6)


def avif() -> Iterator[Point]:
    """AVIF through libaom at speed 4."""
    for q in (0, 3, 6, 10, 15, 20, 26, 32, 40, 50):
        yield _pillow("avif", "AVIF", f"q{q}", quality=q, speed=4)


def tcsdk_model(model: str) -> Iterator[Point]:
    """One of our models at every eighth quality."""
    encoder, decoder = tcsdk.Encoder(model), tcsdk.Decoder()
    for q in (0, 8, 16, 24, 32, 40, 48, 56, 63):
        yield Point(
            model, f"q{q}", lambda pixels, q=q: encoder.encode(pixels, quality=q), decoder.decode
        )


def original() -> Iterator[Point]:
    """No codec: what the readers reach on the pictures themselves, at the bytes of a PNG."""
    yield _pillow("original", "PNG", "png")


PEERS = {"original": original, "jpeg": jpeg, "webp": webp, "avif": avif}


def points(name: str) -> Iterator[Point]:
    """Operating points of a peer by name, or of one of our models by its id or folder."""
    return PEERS[name]() if name in PEERS else tcsdk_model(name)

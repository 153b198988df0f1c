"""Any codec on pictures that are reduced before it and enlarged behind it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from benchmarks.codecs.point import Pixels, Point
from tcsdk.codec.resampling import Sizes, reduced

# In front of the file, for the receiver to enlarge the picture: width and height.
FULL_SIZE = struct.Struct(">HH")


def encode_shrunk(encode: Callable[[Pixels], bytes], scale: float, pixels: Pixels) -> bytes:
    """Encode a picture at a part of its size, its full size in front."""
    height, width = pixels.shape[:2]
    return FULL_SIZE.pack(width, height) + encode(reduced(pixels, scale))


def decode_shrunk(decode: Callable[[bytes], Pixels], data: bytes) -> Pixels:
    """Decode it to its full size."""
    pixels = decode(data[FULL_SIZE.size :])
    sizes = Sizes.of((pixels.shape[1], pixels.shape[0]), FULL_SIZE.unpack_from(data))
    return sizes.enlarged(pixels, sizes.shown)


def shrunk(point: Point, scale: float) -> Point:
    """A codec's point at a part of the size."""
    decode = None if point.decode is None else partial(decode_shrunk, point.decode)
    encode = partial(encode_shrunk, point.encode, scale)
    return replace(point, codec=f"{point.codec}@{scale:g}", encode=encode, decode=decode)

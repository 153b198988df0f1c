"""The finest file of a codec that fits into a number of bytes."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

from benchmarks.codecs.pillow import decode_file
from benchmarks.codecs.point import Pixels
from tcsdk.codec.rate_search import best_that_fits
from tcsdk.codec.resampling import Sizes, reduced

MOST_SIDE = 255  # pixels of a picture of greys: a byte says so


@dataclass(frozen=True)
class Within:
    """A codec that is asked for files of so many bytes.

    Attributes:
        encode: (picture, most bytes, scale) to the finest file of the picture reduced to the scale;
            None where there is none so small.
        decode: (file, original picture) to what is seen of it, at the original's size.
    """

    encode: Callable[[Pixels, int, float], bytes | None]
    decode: Callable[[bytes, Pixels], Pixels]


def _enlarged(small: Pixels, like: Pixels) -> Pixels:
    sizes = Sizes.of((small.shape[1], small.shape[0]), (like.shape[1], like.shape[0]))
    return sizes.enlarged(small, sizes.shown)


def pillow_within(form: str, **options: object) -> Within:
    """A format that Pillow writes, at its best quality of 0 to 63."""

    def encode(pixels: Pixels, most: int, scale: float) -> bytes | None:
        small = Image.fromarray(reduced(pixels, scale))

        @cache
        def make(quality: int) -> bytes:
            buffer = io.BytesIO()
            small.save(buffer, form, quality=quality, **options)
            return buffer.getvalue()

        quality = best_that_fits(make, most, 63, 0)
        return None if quality is None else make(quality)

    return Within(encode, lambda data, like: _enlarged(decode_file(data), like))


def greys_within(greys: int) -> Within:
    """A picture of a few greys, deflated behind its height and width, a byte each.

    Args:
        greys: How many, a divisor of 256.
    """
    step = 256 // greys

    def encode(pixels: Pixels, most: int, scale: float) -> bytes | None:
        small = np.asarray(Image.fromarray(reduced(pixels, scale)).convert("L")) // step
        if max(small.shape) > MOST_SIDE:
            return None
        data = bytes(small.shape) + zlib.compress(small.tobytes(), 9, -zlib.MAX_WBITS)
        return data if len(data) <= most else None

    def decode(data: bytes, like: Pixels) -> Pixels:
        values = np.frombuffer(zlib.decompress(data[2:], -zlib.MAX_WBITS), np.uint8)
        grey = values.reshape(data[0], data[1]) * step + step // 2
        return _enlarged(np.repeat(grey[:, :, None], 3, 2), like)

    return Within(encode, decode)

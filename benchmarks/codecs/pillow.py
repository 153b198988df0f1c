"""What Pillow writes: PNG, WebP, AVIF, and JPEG XL through a plugin."""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator
from importlib.metadata import version

import numpy as np
from PIL import Image, features

from benchmarks.codecs.point import MissingToolError, Pixels, Point


def pillow_point(name: str, made_by: str, form: str, setting: str, **options: object) -> Point:
    """A point that Pillow encodes and decodes."""

    def encode(pixels: Pixels) -> bytes:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, form, **options)
        return buffer.getvalue()

    return Point(name, made_by, setting, encode, decode_file)


def decode_file(data: bytes) -> Pixels:
    """A picture file of any kind that Pillow knows."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def original() -> Iterator[Point]:
    """No codec: what readers reach on the pictures themselves, at the bytes of a PNG."""
    yield pillow_point("original", f"Pillow {version('pillow')}", "PNG", "png")


def webp() -> Iterator[Point]:
    """WebP lossy, slowest method."""
    made_by = f"libwebp {features.version('webp')}"
    for q in (0, 2, 5, 10, 20, 35, 50):
        yield pillow_point("webp", made_by, "WEBP", f"q{q}", quality=q, method=6)


def avif() -> Iterator[Point]:
    """AVIF through libaom at speed 4, 4:2:0; quality 0 is the quantiser's 63."""
    if not features.check("avif"):
        raise MissingToolError("expected a Pillow that writes AVIF: pip install 'Pillow>=11.3'")
    made_by = f"libavif {features.version('avif')}, aom, speed 4"
    for q in (0, 3, 6, 10, 15, 20, 26, 32, 40, 50):
        yield pillow_point("avif", made_by, "AVIF", f"q{q}", quality=q, speed=4, codec="aom")


def jpeg_xl() -> Iterator[Point]:
    """JPEG XL through libjxl at effort 7, without a container."""
    try:
        importlib.import_module("pillow_jxl")  # registers itself
    except ImportError as error:
        raise MissingToolError(
            f"expected the plugin for JPEG XL ({error}): pip install pillow-jxl-plugin"
        ) from error
    made_by = f"pillow-jxl-plugin {version('pillow-jxl-plugin')}, effort 7"
    for q in (0, 3, 7, 12, 20, 30, 45, 60, 75):
        yield pillow_point("jxl", made_by, "JXL", f"q{q}", quality=q, effort=7, num_threads=1)

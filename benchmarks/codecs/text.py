"""The floor: OCR on the device, and its text sent alone."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from importlib.metadata import version

import tcsdk
from benchmarks.codecs.point import Pixels, Point


def packed(text: str) -> bytes:
    """UTF-8, or the same deflated where that is smaller."""
    plain = text.encode()
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)  # without a header
    return min(plain, deflate.compress(plain) + deflate.flush(), key=len)


def text_alone() -> Iterator[Point]:
    """All that PP-OCRv6 reads in the picture, one line of text each; no places are sent."""
    made_by = f"rapidocr {version('rapidocr')}"
    yield Point("text-alone", made_by, "deflate", _encode, None)


def _encode(pixels: Pixels) -> bytes:
    return packed("\n".join(line.text for line in tcsdk.read(pixels)))

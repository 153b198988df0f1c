"""The small frozen models of tests/data and pictures to put through it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

MODEL = Path(__file__).parent.parent / "data" / "small-model"
# Another wire id, and a text detector: blocks of strong detail are text.
DETECTOR = MODEL.parent / "small-detector"
# Another one, whose detector asks for blocks of text to be coded finer.
ADAPTIVE = MODEL.parent / "small-adaptive"
# An encoder that is told captions, over the first.
CAPTIONED = MODEL.parent / "small-captioned"


def smooth_picture(width: int, height: int) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 that the small model reproduces well: slow waves in each colour."""
    y, x = np.mgrid[0:height, 0:width] / 40.0
    waves = [np.sin(x) + np.cos(y), np.cos(x + y), np.sin(y - x / 2) * np.cos(x)]
    return np.clip(np.rint(128 + 45 * np.stack(waves, axis=2)), 0, 255).astype(np.uint8)


def opened(path: Path) -> NDArray[np.uint8]:
    """The pixels of a picture file."""
    with Image.open(path) as image:
        return np.asarray(image)


def striped_picture(width: int, height: int) -> NDArray[np.uint8]:
    """`smooth_picture` with strong stripes, "text", in blocks of 16 about its middle.

    They cover half of the width and of the height, from a quarter on, in whole blocks.
    """
    pixels = smooth_picture(width, height)
    top, left = height // 64 * 16, width // 64 * 16
    part = pixels[top : 3 * top, left : 3 * left]
    part[:, np.arange(part.shape[1]) // 8 % 2 == 0] //= 4
    return pixels


def file_of(pixels: NDArray[np.uint8], kind: str = "PNG", **options: object) -> bytes:
    """The bytes of a picture file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio in dB; the shapes must agree."""
    assert a.shape == b.shape
    power = float(np.mean((a.astype(np.float64) - b) ** 2))
    return float(10 * np.log10(255**2 / max(power, 1e-9)))


def levels_apart(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> int:
    """The largest difference of two pictures in grey levels."""
    assert a.shape == b.shape
    return int(np.abs(a.astype(np.int16) - b).max())


def skip_unless_written(suffix: str) -> None:
    """Skip where this Pillow lacks what writes such files: AVIF came with 11.3."""
    if suffix not in Image.registered_extensions():
        pytest.skip(f"this Pillow knows no {suffix}")
    if Image.registered_extensions()[suffix] not in Image.SAVE:
        pytest.skip(f"this Pillow cannot write {suffix}")


# What tests of the command line encode.
SMALL_PICTURE = smooth_picture(120, 90)

"""Crops of text as they come from callers, and at the sizes that graphs take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from tcsdk.errors import ImageError
from tcsdk.images import load_picture

if TYPE_CHECKING:
    from tcsdk.images import ImageSource

Pixels = NDArray[np.uint8]
Item = TypeVar("Item")

# Pixels of a side. In fewer there is no letter; what is longer is no crop but a picture.
SMALLEST, LARGEST = 4, 8192
BATCH = 16  # crops in work at once, where there are many


def load_crop(source: ImageSource) -> Pixels:
    """Read a crop from whatever holds a picture, (H, W, 3) uint8 RGB.

    Raises:
        ImageError: It is no picture, or has a side of fewer than 4 or more than 8192 pixels.
        OSError: The path cannot be read.
    """
    pixels = load_picture(source).pixels
    height, width = pixels.shape[:2]
    if not SMALLEST <= min(height, width) <= max(height, width) <= LARGEST:
        raise ImageError(
            f"expected a crop of text with sides of {SMALLEST} to {LARGEST} pixels, got "
            f"{width}x{height}: cut lines or words out, or tcsdk.read finds them"
        )
    return pixels


def resized(pixels: Pixels, height: int, width: int) -> Pixels:
    """Return a crop at another size, by a bicubic filter that smooths what gets smaller."""
    if pixels.shape[:2] == (height, width):
        return pixels
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC))


def as_floats(crops: Iterable[Pixels]) -> NDArray[np.float32]:
    """Return crops of one size as graphs take them, (N, 3, H, W) float32 in 0..1."""
    planes = np.stack([crop.transpose(2, 0, 1) for crop in crops]).astype(np.float32)
    planes *= np.float32(1 / 255)
    return planes


def in_batches(items: Iterable[Item], most: int) -> Iterator[list[Item]]:
    """Yield items in order, so many at once."""
    rest = iter(items)
    while some := list(islice(rest, most)):
        yield some

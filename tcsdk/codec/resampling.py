"""Pictures that are coded smaller than they are shown: docs/decisions/coded-smaller.md."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.tiles import Box
from tcsdk.model.grids import ceil_div

# Pixels on each side of a place that enlarging mixes into it: Pillow's bicubic filter.
_REACH = 2
# Of the small profile: docs/reference/format.md, 3.1.
_FACTOR_UNIT, _MOST_FACTOR = 32, 255


def reduced(pixels: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Return a picture at a part of its size, by Lanczos' filter.

    Args:
        pixels: (H, W, 3) uint8.
        scale: Above 0 and at most 1; sides are rounded and have one pixel at least.
    """
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    return resized(pixels, width, height)


def resized(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Return a picture (H, W, 3) uint8 at another size, by Lanczos' filter."""
    if (height, width) == pixels.shape[:2]:
        return pixels
    from PIL import Image

    small = Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(small)


def small_size(shown: tuple[int, int], scale: float) -> tuple[int, int]:
    """Return the size at which a small stream codes a picture, near a part of its own.

    Such a stream says the shown size by one factor of both sides, 1 + n / 32, rounded: of those
    with which both sides come out the one nearest to the scale is taken.

    Args:
        shown: Width and height of the picture.
        scale: Above 0 and at most 1.

    Returns:
        Width and height; those of the picture for scale 1, and where no factor will do.

    >>> small_size((640, 480), 0.5), small_size((511, 255), 0.5)
    ((320, 240), (248, 124))
    """
    if scale == 1.0:
        return shown
    sizes: dict[float, tuple[int, int]] = {0.0: shown}
    for n in range(1, _MOST_FACTOR + 1):
        factor = 1 + n / _FACTOR_UNIT
        width, height = (max(1, round(side / factor)) for side in shown)
        if tuple(map(int, (width * factor + 0.5, height * factor + 0.5))) == shown:
            sizes[math.log(factor)] = width, height
    return sizes[min(sizes, key=lambda log: abs(log + math.log(scale)))]


@dataclass(frozen=True)
class Sizes:
    """The size at which a picture is coded and the one at which it is shown.

    Attributes:
        coded: The picture as the tiles have it, at (0, 0).
        shown: The same as callers see it, at (0, 0); no side is smaller.
    """

    coded: Box
    shown: Box

    @classmethod
    def of(cls, coded: tuple[int, int], shown: tuple[int, int]) -> Sizes:
        """From (width, height) each."""
        return cls(Box(0, 0, *coded), Box(0, 0, *shown))

    @property
    def equal(self) -> bool:
        """Whether the picture is shown as it is coded."""
        return self.coded == self.shown

    def to_coded(self, area: Box) -> Box:
        """Return the coded pixels that a part of the shown picture lies on."""
        return _moved(area, self.shown, self.coded)

    def to_shown(self, area: Box) -> Box:
        """Return the shown pixels that a part of the coded picture lies on."""
        return _moved(area, self.coded, self.shown)

    def needed(self, area: Box) -> Box:
        """Return the coded pixels from which a part of the shown picture is made."""
        if self.equal:
            return area
        return self.to_coded(area).grown(_REACH, self.coded)

    def enlarged(self, pixels: NDArray[np.uint8], area: Box) -> NDArray[np.uint8]:
        """Return a part of the shown picture, by a bicubic filter.

        Args:
            pixels: (h, w, 3) uint8, the coded pixels that `needed` names.
            area: The part.

        Returns:
            (area.height, area.width, 3) uint8: what the whole picture, enlarged, has there, within
            one level.
        """
        if self.equal:
            return pixels
        from PIL import Image

        across, down = self.coded.width / self.shown.width, self.coded.height / self.shown.height
        at = self.needed(area)
        left, top = area.x * across - at.x, area.y * down - at.y
        # The last bits of the products must not lead out of the pixels.
        right = min(area.right * across - at.x, at.width)
        bottom = min(area.bottom * down - at.y, at.height)
        out = np.empty((area.height, area.width, 3), np.uint8)
        # In floats: between its two passes, whose order follows the sizes, Pillow clips bytes.
        for channel in range(3):
            plane = Image.fromarray(pixels[:, :, channel].astype(np.float32))
            large = plane.resize(
                (area.width, area.height), Image.Resampling.BICUBIC, (left, top, right, bottom)
            )
            levels = np.array(large)
            np.clip(levels, 0.0, 255.0, out=levels)
            out[:, :, channel] = np.rint(levels, out=levels)
        return out


def _moved(area: Box, old: Box, new: Box) -> Box:
    """Return the pixels of one size of a picture that touch an area of another size of it."""
    left, top = area.x * new.width // old.width, area.y * new.height // old.height
    right = ceil_div(area.right * new.width, old.width)
    bottom = ceil_div(area.bottom * new.height, old.height)
    return Box(left, top, right - left, bottom - top)

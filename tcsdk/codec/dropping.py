"""Pictures of which regions alone are sent."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.quality_map import Region


def only_regions(pixels: NDArray[np.uint8], regions: Iterable[Region]) -> NDArray[np.uint8]:
    """Return a picture with one colour in the place of all that lies beside some regions.

    The colour is the mean of what is kept: nothing of the rest can be told from it, it is near
    what it stands beside, and flat, so that it takes next to no bytes and cannot be taken for text.

    Args:
        pixels: (H, W, 3) uint8.
        regions: (x, y, width, height, boost) in pixels; those beside the picture are refused where
            the boosts are drawn.

    Returns:
        (H, W, 3) uint8.
    """
    kept = np.zeros(pixels.shape[:2], np.bool_)
    for x, y, width, height, _ in regions:
        kept[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)] = True
    if not kept.any():
        return pixels
    colour = np.rint(pixels[kept].mean(axis=0)).astype(np.uint8)
    return np.where(kept[:, :, None], pixels, colour)

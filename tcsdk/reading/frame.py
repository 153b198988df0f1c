"""A border around a picture, without which a detector does not find text at its edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Pixels on each side: as many as the picture's shorter side has, up to this.
# Of 50 crops of single words 12 are silent with it, 29 without.
_BORDER = 64
# Sides per side beyond which a picture is made squarer. The detector enlarges the shorter one to
# 736 pixels, whatever the longer one becomes: 2000x3 would be 490,000x736.
_LONGEST = 8


def framed(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Put a picture into a larger one that goes on in the colours of its edges.

    A border of one colour would be found instead: a picture without text on it is read as a block.

    Args:
        pixels: (H, W, 3) uint8.

    Returns:
        The larger picture, and where the given one lies in it: x, y in pixels.
    """
    height, width = pixels.shape[:2]
    border = min(height, width, _BORDER)
    below = max(height + 2 * border, -(-(width + 2 * border) // _LONGEST))
    across = max(width + 2 * border, -(-(height + 2 * border) // _LONGEST))
    left, top = (across - width) // 2, (below - height) // 2
    around = ((top, below - height - top), (left, across - width - left), (0, 0))
    return np.pad(pixels, around, mode="edge"), (left, top)

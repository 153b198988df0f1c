"""Cut lines of text out of a picture, each upright and of one height, as recognisers take them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tcsdk.reading.boxes import Box, sides

NARROWEST = 8  # pixels of a cut line


def cut_line(picture: NDArray[np.uint8], box: Box, height: int) -> NDArray[np.uint8]:
    """Cut a line out of a picture.

    Args:
        picture: (H, W, 3) uint8.
        box: (4, 2) float32, corners of the line, x and y in pixels: top left, top right, bottom
            right, bottom left, as the line is read. What lies outside the picture is left out.
        height: of the cut line, pixels.

    Returns:
        (height, w, 3) uint8, w such that letters keep their shape, at least NARROWEST.
    """
    from PIL import Image

    rows, columns = picture.shape[:2]
    corners = np.clip(box, 0, (columns, rows))
    across, down = (max(side, 1.0) for side in sides(corners))
    size = (max(NARROWEST, round(height * across / down)), height)
    (left, top), (right, bottom) = corners.min(0).tolist(), corners.max(0).tolist()
    x, y = int(left), int(top)
    part = Image.fromarray(picture[y : int(np.ceil(bottom)) + 1, x : int(np.ceil(right)) + 1])
    inside = corners - (x, y)
    upright = np.array([[left, top], [right, top], [right, bottom], [left, bottom]]) - (x, y)
    if np.abs(inside - upright).max() < 0.5 and right > left and bottom > top:
        cut = part.resize(
            size, Image.Resampling.BICUBIC, (left - x, top - y, right - x, bottom - y)
        )
    else:  # at its own size first: only `resize` smooths what it makes smaller
        own = (int(np.ceil(across)), int(np.ceil(down)))
        quad = inside[[0, 3, 2, 1]].ravel().tolist()
        straight = part.transform(own, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)
        cut = straight.resize(size, Image.Resampling.BICUBIC)
    return np.asarray(cut)

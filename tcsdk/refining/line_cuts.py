"""Lines of text cut out of a picture by linear maps, through which gradients go back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tcsdk.model.grids import LINE_HEIGHT
from tcsdk.reading.boxes import Box, sides

Floats = NDArray[np.float32]
_WIDTH_STEP = 8  # pixels: a column of the reader's last stage
_WIDEST = 64  # heights: of longer lines this much is looked at
# Points per pixel of a cut line along either axis, where it is made smaller.
_MOST_POINTS = 4


def cut_width(box: Box) -> int:
    """Return the width of a line once it is cut out, a multiple of what the reader takes."""
    across, down = (max(side, 1.0) for side in sides(box))
    width = round(min(LINE_HEIGHT * across / down, LINE_HEIGHT * _WIDEST))
    return max(1, -(-width // _WIDTH_STEP)) * _WIDTH_STEP


@dataclass(frozen=True)
class LineCut:
    """A line cut out of a picture, bilinearly, as a weighted sum of its pixels.

    Attributes:
        shape: (rows, columns) of the picture.
        width: Of the cut line, pixels; its height is LINE_HEIGHT.
        indexes: (LINE_HEIGHT * width, K) of the picture's pixels, row by row.
        weights: (LINE_HEIGHT * width, K) float32, of each.
    """

    shape: tuple[int, int]
    width: int
    indexes: NDArray[np.intp]
    weights: Floats

    @classmethod
    def of(cls, box: Box, shape: tuple[int, int], width: int) -> LineCut:
        """Return how a line is cut out.

        Args:
            box: (4, 2) float32, corners of the line as it is read, x and y in pixels.
            shape: (rows, columns) of the picture; beyond it its rim goes on.
            width: Of the cut line, pixels.
        """
        across, down = sides(box)
        points = [
            min(_MOST_POINTS, max(1, round(side / pixels)))
            for side, pixels in ((down, LINE_HEIGHT), (across, width))
        ]
        v, u = (
            (np.arange(pixels * n) + 0.5) / (pixels * n)
            for pixels, n in zip((LINE_HEIGHT, width), points, strict=True)
        )
        v, u = v[:, None, None], u[None, :, None]
        top, bottom = box[0] * (1 - u) + box[1] * u, box[3] * (1 - u) + box[2] * u
        at = top * (1 - v) + bottom * v - 0.5  # (rows, columns, 2), of pixels' centres
        indexes, weights = _bilinear(at[..., 0], at[..., 1], shape)
        shares = weights / (points[0] * points[1])
        return cls(
            shape,
            width,
            np.asarray(_grouped(indexes, points, width), np.intp),
            np.asarray(_grouped(shares, points, width), np.float32),
        )

    def cut(self, picture: Floats) -> Floats:
        """Cut the line out of a picture (3, rows, columns): (3, LINE_HEIGHT, width)."""
        flat = picture.reshape(3, -1)
        line = sum(flat[:, self.indexes[:, k]] * self.weights[:, k] for k in self._taps)
        return np.asarray(line, np.float32).reshape(3, LINE_HEIGHT, self.width)

    def put_back(self, gradient: Floats, picture: Floats) -> None:
        """Add the gradient by a cut line, (3, LINE_HEIGHT, width), to that by the picture."""
        for channel, values in enumerate(gradient.reshape(3, -1, 1)):
            parts, pixels = (values * self.weights).ravel(), self.shape[0] * self.shape[1]
            spread = np.bincount(self.indexes.ravel(), parts, pixels).astype(np.float32)
            picture[channel] += spread.reshape(self.shape)

    @property
    def _taps(self) -> range:
        return range(self.indexes.shape[1])


def _bilinear(
    x: NDArray[np.floating], y: NDArray[np.floating], shape: tuple[int, int]
) -> tuple[NDArray[np.intp], NDArray[np.floating]]:
    """Return the four pixels around each point, and what each counts: (rows, columns, 4)."""
    left, top = np.floor(x), np.floor(y)
    right_share, bottom_share = x - left, y - top
    indexes, weights = [], []
    for down in (0, 1):
        row = np.clip(top + down, 0, shape[0] - 1).astype(np.intp)
        for right in (0, 1):
            column = np.clip(left + right, 0, shape[1] - 1).astype(np.intp)
            indexes.append(row * shape[1] + column)
            share = bottom_share if down else 1 - bottom_share
            weights.append(share * (right_share if right else 1 - right_share))
    return np.stack(indexes, -1), np.stack(weights, -1)


def _grouped(values: NDArray[Any], points: list[int], width: int) -> NDArray[Any]:
    """Put points that make one pixel beside each other: (rows, columns, 4) -> (pixels, K)."""
    down, across = points
    parts = values.reshape(LINE_HEIGHT, down, width, across, 4).transpose(0, 2, 1, 3, 4)
    return np.asarray(parts.reshape(LINE_HEIGHT * width, down * across * 4))

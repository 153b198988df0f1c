"""Boxes of lines: which way a line lies in its box, and how boxes lie to each other.

A box is (4, 2) float32, its corners x, y in pixels, clockwise from the top left of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Box = NDArray[np.float32]
# Height per width from which a box holds a line that runs down or up; rapidocr turns what it cuts
# out from there on.
TALL = 1.5
# The same on a page whose text runs across, where a 1 alone is tall and is none of these, and on
# one whose text runs down or up, where two figures are as wide as tall.
_TALL_ACROSS, _TALL_DOWN = 2.5, 1 / TALL


@dataclass(frozen=True)
class Extent:
    """What a box covers on the two axes of a frame: from and to, pixels."""

    along: tuple[float, float]
    across: tuple[float, float]

    @property
    def height(self) -> float:
        """Of the line."""
        return self.across[1] - self.across[0]


@dataclass(frozen=True)
class Frame:
    """Two axes that are at right angles.

    Attributes:
        along: (2,) the unit vector in which a line runs; to the right, or down where it is tall.
        across: (2,) the one at right angles, a quarter clockwise of `along`.
    """

    along: NDArray[np.float32]
    across: NDArray[np.float32]

    def extent(self, box: Box) -> Extent:
        """Return what a box covers."""
        along, across = box @ self.along, box @ self.across
        return Extent((along.min(), along.max()), (across.min(), across.max()))


def sides(box: Box) -> tuple[float, float]:
    """Return width and height in pixels, each the longer one of two sides."""
    top, right, bottom, left = np.linalg.norm(np.roll(box, -1, axis=0) - box, axis=1).tolist()
    return max(top, bottom), max(left, right)


def frame_of(box: Box) -> Frame:
    """Return the frame of a box alone."""
    width, height = sides(box)
    is_tall = height >= TALL * width
    return frame_along(
        (box[2] + box[3] if is_tall else box[1] + box[2]) - box[0] - (box[1] if is_tall else box[3])
    )


def frame_along(vector: NDArray[np.float32]) -> Frame:
    """Return the frame of a direction; of the horizontal one where there is none."""
    length = float(np.hypot(*vector))
    x, y = (vector / length).tolist() if length > 0 else (1.0, 0.0)
    return Frame(np.array([x, y], np.float32), np.array([-y, x], np.float32))


def run_down(boxes: Sequence[Box]) -> list[bool]:
    """Say of each box whether its line runs down or up, by its shape and by the page's text."""
    least = _TALL_DOWN if mostly_down(boxes) else _TALL_ACROSS
    return [height >= least * width for width, height in map(sides, boxes)]


def mostly_down(boxes: Sequence[Box]) -> bool:
    """Say whether most of a page's text runs down or up, by the boxes' shapes."""
    measured = [sides(box) for box in boxes]
    across = sum(width for width, height in measured if height < TALL * width)
    return sum(height for width, height in measured if height >= TALL * width) > across


def upright_again(box: Box, width: int) -> Box:
    """Return a box as it lies in a picture of a width that was turned anticlockwise by 90 degrees.

    Args:
        box: As it lies in the turned picture.
        width: Pixels of the picture before it was turned.
    """
    return np.stack([width - box[:, 1], box[:, 0]], axis=1)


def from_text(box: Box, runs_down: bool, turned: bool) -> Box:
    """Return a box's corners clockwise from the top left of its text.

    Args:
        box: Clockwise from the top left of the picture.
        runs_down: Whether the line was turned anticlockwise by 90 degrees to be read.
        turned: Whether by 180 degrees more.
    """
    return np.roll(box, -(runs_down + 2 * turned), axis=0)

"""What a reader is, and how a known line is cut out for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.sets.places import Quad

LINE_HEIGHT = 48  # pixels, the recogniser's


@dataclass(frozen=True)
class Reading:
    """What a reader makes of a line whose place it was given.

    Attributes:
        text: What it says.
        confidence: The reader's own, 0..1.
        confidences: The same of each character of `text`; empty where the reader has none.
    """

    text: str
    confidence: float
    confidences: tuple[float, ...] = ()


@dataclass(frozen=True)
class Found:
    """A line or word that a reader found by itself.

    Attributes:
        text: What it says.
        confidence: The reader's own, 0..1.
        quad: (4, 2) float32, corners TL, TR, BR, BL in pixels.
    """

    text: str
    confidence: float
    quad: Quad


class Reader(Protocol):
    """A reader.

    Attributes:
        version: Of the program and its models.
    """

    version: str

    def read_lines(self, lines: Sequence[Image.Image]) -> list[Reading]:
        """Read upright lines of LINE_HEIGHT pixels."""

    def read_page(self, pixels: NDArray[np.uint8]) -> list[Found]:
        """Find and read all text of a picture, (H, W, 3) uint8 RGB."""


def mean_sides(quad: Quad) -> tuple[float, float]:
    """Mean length of a quad's upper and lower, and of its left and right edges, in pixels."""
    edges = np.linalg.norm(np.roll(quad, -1, 0) - quad, axis=1)
    return float(edges[0] + edges[2]) / 2, float(edges[1] + edges[3]) / 2


def straightened(image: Image.Image, quad: Quad, size: tuple[int, int]) -> Image.Image:
    """A quad, stretched to (width, height)."""
    top_left, top_right, bottom_right, bottom_left = quad.tolist()
    corners = (*top_left, *bottom_left, *bottom_right, *top_right)
    return image.transform(size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)


def cut(image: Image.Image, quad: Quad) -> Image.Image:
    """A line at a known place, straightened to LINE_HEIGHT."""
    across, down = mean_sides(quad)
    size = (max(8, round(LINE_HEIGHT * across / max(0.5, down))), LINE_HEIGHT)
    return straightened(image, quad, size)

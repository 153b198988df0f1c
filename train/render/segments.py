"""The digits of seven-segment displays, drawn as polygons: no font of Debian's has them.

Segments are named as data sheets do: a on top, b and c at the right from the top, d at the bottom,
e and f at the left from the bottom, g in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tcsdk.train.render.geometry import Floats

LIT = {
    "0": "abcdef", "1": "bc", "2": "abdeg", "3": "abcdg", "4": "bcfg", "5": "acdfg", "6": "acdefg",
    "7": "abc", "8": "abcdefg", "9": "abcdfg", "-": "g", " ": "", "A": "abcefg", "C": "adef",
    "E": "adefg", "F": "aefg", "H": "bcefg", "L": "def", "P": "abefg", "U": "bcdef",
}  # fmt: skip
POINTS = {".": (0.0,), ":": (0.28, 0.68)}  # heights of their dots
# In units of the height: of a digit, of a dot's cell, of a segment, between segments, after a cell.
WIDTH, DOT_WIDTH, THICK, SLIT, GAP = 0.52, 0.16, 0.11, 0.012, 0.14
SMOOTH = 4  # drawn so many times larger


def _bar(x0: float, y0: float, x1: float, y1: float) -> Floats:
    """A segment between two corners of the digit, pointed at both ends, (6, 2); y upwards."""
    along = np.array([x1 - x0, y1 - y0]) / np.hypot(x1 - x0, y1 - y0)
    side = np.array([-along[1], along[0]]) * THICK / 2
    begin, end = np.array([x0, y0]) + SLIT * along, np.array([x1, y1]) - SLIT * along
    inset = along * THICK / 2
    return np.array(
        [
            begin,
            begin + inset + side,
            end - inset + side,
            end,
            end - inset - side,
            begin + inset - side,
        ]
    )


_LEFT, _RIGHT, _LOW, _HIGH = THICK / 2, WIDTH - THICK / 2, THICK / 2, 1 - THICK / 2
BARS = {
    "a": _bar(_LEFT, _HIGH, _RIGHT, _HIGH),
    "b": _bar(_RIGHT, 0.5, _RIGHT, _HIGH),
    "c": _bar(_RIGHT, _LOW, _RIGHT, 0.5),
    "d": _bar(_LEFT, _LOW, _RIGHT, _LOW),
    "e": _bar(_LEFT, _LOW, _LEFT, 0.5),
    "f": _bar(_LEFT, 0.5, _LEFT, _HIGH),
    "g": _bar(_LEFT, 0.5, _RIGHT, 0.5),
}


def _shapes(character: str) -> list[Floats]:
    """Polygons of a character in units of the height, (n, 2); y upwards from the baseline."""
    if character in POINTS:
        corners = np.array([[0.0, 0.0], [0.0, THICK], [THICK, THICK], [THICK, 0.0]])
        return [corners + np.array([0.0, height]) for height in POINTS[character]]
    return [BARS[name] for name in LIT[character]]


@dataclass(frozen=True)
class SegmentFont:
    """A display's digits at a size, measured as Pillow's fonts are.

    Args:
        size: height of a digit, pixels.
        lean: pixels to the right per pixel upwards.
    """

    size: int
    lean: float = 0.0

    def getlength(self, text: str) -> float:
        """Advance of a text, pixels."""
        return self.size * sum(self._advance(character) for character in text)

    def getbbox(
        self, text: str, anchor: str, stroke_width: float = 0
    ) -> tuple[float, float, float, float]:
        """Box of a text about the left end of its baseline, pixels, y downwards."""
        right = self.getlength(text) + self.size * (self.lean - GAP)
        return (-stroke_width, -self.size - stroke_width, right + stroke_width, stroke_width)

    def write(
        self, text: str, box: tuple[int, int, int, int], stroke: int, spacing: float
    ) -> NDArray[np.uint8]:
        """Draw a text whose baseline begins at (0, 0).

        Args:
            text: characters of LIT and POINTS.
            box: left, top, right and bottom of what is drawn, pixels.
            stroke: pixels by which the segments grow on each side.
            spacing: extra pixels after each character.

        Returns:
            (bottom - top, right - left) uint8.
        """
        left, top, right, bottom = box
        canvas = Image.new("L", (SMOOTH * (right - left), SMOOTH * (bottom - top)))
        draw, x = ImageDraw.Draw(canvas), float(-left)
        for character in text:
            for shape in _shapes(character):
                leaning = self.size * (shape + np.outer(shape[:, 1] * self.lean, (1, 0)))
                points = SMOOTH * (leaning * (1, -1) + (x, -top))
                draw.polygon(points.ravel().tolist(), 255)
                if stroke:
                    closed = np.concatenate([points, points[:2]]).ravel().tolist()
                    draw.line(closed, 255, 2 * SMOOTH * stroke, joint="curve")
            x += self.size * self._advance(character) + spacing
        return np.asarray(canvas.reduce(SMOOTH))

    @staticmethod
    def _advance(character: str) -> float:
        return (DOT_WIDTH if character in POINTS else WIDTH) + GAP

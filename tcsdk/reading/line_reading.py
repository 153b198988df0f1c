"""Lines of a picture, read at their places: on the original, and on what is decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.tiles import Box
from tcsdk.reading.comparison import LineDifference, agree
from tcsdk.reading.lines import TextLine
from tcsdk.reading.reader import Pixels, Reader

# Pixels around a line that are cut out with it: cutting interpolates.
_MARGIN = 4


@dataclass(frozen=True)
class Line:
    """A line to compare.

    Attributes:
        text: What the original says.
        polygon: (4, 2) float32, its corners in pixels of the picture as shown.
        area: What is cut out of the picture to read it.
    """

    text: str
    polygon: NDArray[np.float32]
    area: Box

    @classmethod
    def of(cls, line: TextLine, pixels: Pixels) -> Line:
        """Return a line of a picture."""
        return cls(line.text, line.polygon, _area(line.polygon, pixels))

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width and height, pixels."""
        left, top = map(round, self.polygon.min(axis=0).tolist())
        right, bottom = map(round, self.polygon.max(axis=0).tolist())
        return left, top, right - left, bottom - top

    def cut(self, pixels: Pixels) -> Pixels:
        """Return its part of the whole picture."""
        area = self.area
        return pixels[area.y : area.bottom, area.x : area.right]


@dataclass(eq=False)
class LineReader:
    """Reads lines at their places; one whose pixels are as before is not read again.

    Attributes:
        reader: Reads them.
        lines: What to read.
        said: What each said last; "" where nothing was read, or nothing yet.
    """

    reader: Reader
    lines: Sequence[Line]
    said: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.said = [""] * len(self.lines)
        self._parts: list[Pixels | None] = [None] * len(self.lines)

    def read(self, index: int, part: Pixels) -> None:
        """Read a line from the line's part of a picture."""
        known, line = self._parts[index], self.lines[index]
        if known is None or not np.array_equal(known, part):
            self._parts[index] = part
            self.said[index] = read_line(self.reader, line, part)

    def read_all(self, pixels: Pixels) -> None:
        """Read all lines of a whole picture."""
        for index, line in enumerate(self.lines):
            self.read(index, line.cut(pixels))

    def differences(self) -> tuple[LineDifference, ...]:
        """Return the lines that last said something else than the original does."""
        return tuple(
            LineDifference(line.text, said, line.box)
            for said, line in zip(self.said, self.lines, strict=True)
            if not agree(said, line.text)
        )


def read_line(reader: Reader, line: Line, part: Pixels) -> str:
    """Return what a line's part of a picture says; "" where nothing is read."""
    corner = np.array((line.area.x, line.area.y), np.float32)
    (said,) = reader.read(part, [line.polygon - corner])
    return said.text


def _area(polygon: NDArray[np.float32], pixels: Pixels) -> Box:
    left, top = np.floor(polygon.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(polygon.max(axis=0)).astype(int).tolist()
    around = Box(
        left - _MARGIN, top - _MARGIN, right - left + 2 * _MARGIN, bottom - top + 2 * _MARGIN
    )
    return around.overlap(Box(0, 0, pixels.shape[1], pixels.shape[0]))

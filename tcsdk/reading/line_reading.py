"""Lines of a picture, read at their places: on the original, and on what is decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.resampling import Sizes
from tcsdk.codec.sent_text import as_sent
from tcsdk.codec.tiles import Box
from tcsdk.reading.comparison import LineDifference, agree
from tcsdk.reading.orientation import Recognised
from tcsdk.reading.reader import Pixels, Reader

# Pixels around a line that are cut out with it: cutting interpolates.
_MARGIN = 4
# A stream says heights and lengths in third octaves, up to an eighth too small. Of 243 lines of
# rendered pictures 233 are read again as they were found, in the very place; 230 in the place that
# a stream says, with so much more of height and length. Without it a fifth loses an end.
_LARGER = 0.15


@dataclass(frozen=True, eq=False)
class Line:
    """A line to read in its place.

    Attributes:
        text: What it should say.
        polygon: (4, 2) float32, its corners in pixels of the picture as shown.
        place: The same, where it is read: as a stream would say it, which is coarse, and larger.
        area: What is cut out of the picture for that.
    """

    text: str
    polygon: NDArray[np.float32]
    place: NDArray[np.float32]
    area: Box

    @classmethod
    def of(cls, text: str, polygon: NDArray[np.float32], sizes: Sizes) -> Line:
        """Return a line of a picture.

        Args:
            text: What it should say.
            polygon: Its corners in pixels of the picture as shown; those that a stream says give
                the same line as those that it was told.
            sizes: Of the picture.
        """
        place = _enlarged(as_sent(polygon, sizes))
        return cls(text, polygon, place, _area(place, sizes.shown))

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

    def agreed(self) -> list[bool]:
        """Say of each line whether it last said what the original says."""
        return [agree(said, line.text) for said, line in zip(self.said, self.lines, strict=True)]

    def differences(self) -> tuple[LineDifference, ...]:
        """Return the lines that last said something else than the original does."""
        return tuple(
            LineDifference(line.text, said, line.box)
            for said, line, agreed in zip(self.said, self.lines, self.agreed(), strict=True)
            if not agreed
        )


def read_line(reader: Reader, line: Line, part: Pixels) -> str:
    """Return what a line's part of a picture says; "" where nothing is read."""
    return _recognised(reader, line, part).text


def cut_and_read(reader: Reader, line: Line, pixels: Pixels) -> Recognised:
    """Return what a line of a whole picture says."""
    return _recognised(reader, line, line.cut(pixels))


def _recognised(reader: Reader, line: Line, part: Pixels) -> Recognised:
    corner = np.array((line.area.x, line.area.y), np.float32)
    (said,) = reader.read(part, [line.place - corner])
    return said


def _enlarged(polygon: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return corners further out by `_LARGER` of height and length."""
    middle = polygon.mean(axis=0)
    return np.asarray(middle + (1 + _LARGER) * (polygon - middle), np.float32)


def _area(place: NDArray[np.float32], picture: Box) -> Box:
    """Return the part of a picture around a place; empty where it lies beside the picture."""
    left, top = np.floor(place.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(place.max(axis=0)).astype(int).tolist()
    around = Box(
        left - _MARGIN, top - _MARGIN, right - left + 2 * _MARGIN, bottom - top + 2 * _MARGIN
    )
    return around.overlap(picture)

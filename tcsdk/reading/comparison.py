"""Lines of a picture and of another one that should say the same, in their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tcsdk.reading.ocr import TextLine
from tcsdk.reading.text import alphanumerics

# A line belongs to another one's place if so much of it lies there.
_WITHIN = 0.5


@dataclass(frozen=True)
class LineDifference:
    """A line that the decoded picture does not say as the original does.

    Attributes:
        original: What the original says.
        decoded: What the decoded picture says in that place; "" where nothing is read.
        box: (x, y, width, height) of the line in the original, pixels.
    """

    original: str
    decoded: str
    box: tuple[int, int, int, int]

    def __str__(self) -> str:
        x, y, width, height = self.box
        came = f'read as "{self.decoded}"' if self.decoded else "not read"
        return f'"{self.original}" is {came} (at {x},{y}, {width}x{height})'


def compare(expected: Sequence[TextLine], came: Sequence[TextLine]) -> tuple[LineDifference, ...]:
    """Return the lines that are not read again in their places.

    What is read in a line's place is all lines of which at least half lies within its box, from
    left to right: a detector may split a line in two. It may also make one of several, as of the
    wheels of a meter: a line that nothing lies within is compared together with the others of
    which at least half lies within the line that was read over it. Letters and digits are
    compared, as TFIC's formula does: readers are unsure of spaces, dots and dashes, on originals
    too.

    Args:
        expected: Lines of the original.
        came: Lines of the decoded picture.
    """
    differences = []
    for line in expected:
        said, text = [line], _joined(_within(came, line))
        if not text:
            over = max(came, key=lambda other: _share_within(line, other), default=None)
            if over is not None and _share_within(line, over) >= _WITHIN:
                said, text = _within(expected, over), over.text
        if alphanumerics(text) != alphanumerics(_joined(said)):
            left, top, right, bottom = (round(edge) for edge in _bounds(line))
            place = (left, top, right - left, bottom - top)
            differences.append(LineDifference(line.text, text, place))
    return tuple(differences)


def _within(lines: Sequence[TextLine], place: TextLine) -> list[TextLine]:
    """Return the lines of which at least half lies within another one's box."""
    return [line for line in lines if _share_within(line, place) >= _WITHIN]


def _joined(lines: Sequence[TextLine]) -> str:
    """Return what lines say together, from left to right."""
    return "".join(line.text for line in sorted(lines, key=lambda line: _bounds(line)[0]))


def _bounds(line: TextLine) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom."""
    left, top = line.polygon.min(axis=0).tolist()
    right, bottom = line.polygon.max(axis=0).tolist()
    return left, top, right, bottom


def _share_within(line: TextLine, place: TextLine) -> float:
    """Return how much of a line's box lies within another one's, 0..1."""
    inner, outer = _bounds(line), _bounds(place)
    width = min(inner[2], outer[2]) - max(inner[0], outer[0])
    height = min(inner[3], outer[3]) - max(inner[1], outer[1])
    area = (inner[2] - inner[0]) * (inner[3] - inner[1])
    return max(width, 0.0) * max(height, 0.0) / area if area > 0 else 0.0

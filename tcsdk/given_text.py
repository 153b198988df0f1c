"""Lines of text that a caller gives along: what its own reader, or a register, says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tcsdk.arguments import several
from tcsdk.codec.sent_text import SENT, SentLine
from tcsdk.codec.tiles import Box
from tcsdk.errors import RegionError

READ, CODES, LINE_STATES = "read", "codes", "states"
WORDS = (READ, CODES, LINE_STATES)
_LINE = (
    "a line of text as a TextLine, as (corners, string) or, where its place is not known, as a "
    "string alone"
)


def checked_text(value: Any) -> str | tuple[SentLine, ...] | None:
    """Return what text a stream is to carry.

    Args:
        value: None, one of WORDS, or several lines.

    Raises:
        TypeError: Something else.
        ValueError: Another word, or a line whose corners are none.
    """
    if value is None or (isinstance(value, str) and value in WORDS):
        return value
    if isinstance(value, str):
        raise ValueError(
            f"expected text as one of {WORDS}, None, or several lines, got {value!r}; put a line "
            "in a list"
        )
    return given_lines(several("text", value, "lines"))


def given_lines(lines: Iterable[Any]) -> tuple[SentLine, ...]:
    """Return the lines that a caller gives, each in whatever form.

    Raises:
        TypeError, ValueError: One is none.
    """
    return tuple(map(_line, lines))


def check_places(lines: Iterable[SentLine], picture: Box) -> None:
    """Refuse lines that lie beside the picture.

    Args:
        lines: The caller's.
        picture: All of it, as shown.

    Raises:
        RegionError: One does; its corners are those of another picture, perhaps of another size.
    """
    for line in lines:
        if line.polygon is None:
            continue
        (left, top), (right, bottom) = line.polygon.min(axis=0), line.polygon.max(axis=0)
        if left >= picture.width or top >= picture.height or right <= 0 or bottom <= 0:
            raise RegionError(
                f"expected the corners of {line.text!r} within {picture.width}x{picture.height} "
                f"pixels, got {line.polygon.tolist()}: they are those of the picture as shown"
            )


def is_code(text: str) -> bool:
    """Say whether a line is a code: 3 characters or more, of which a third or more are figures.

    >>> is_code("B-8 401"), is_code("No 1"), is_code("Total 12"), is_code("12")
    (True, True, False, False)
    """
    characters = "".join(text.split())
    figures = sum(character.isdigit() for character in characters)
    return len(characters) >= 3 and 3 * figures >= len(characters)


def _line(value: Any) -> SentLine:
    if isinstance(value, SentLine):
        return SentLine(_string(value.text), _corners(value.polygon), SENT, value.confidence)
    if isinstance(value, str):
        return SentLine(_string(value), None, SENT)
    if hasattr(value, "text") and hasattr(value, "polygon"):
        confidence = float(getattr(value, "confidence", 1.0))
        if not 0.0 <= confidence <= 1.0:
            raise ValueError(f"expected the confidence of a line in 0..1, got {confidence}")
        return SentLine(_string(value.text), _corners(value.polygon), SENT, confidence)
    try:
        corners, string = value
    except (TypeError, ValueError):
        raise TypeError(f"expected {_LINE}, got {value!r}") from None
    return SentLine(_string(string), _corners(corners), SENT)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected {_LINE}, got {value!r} as the string")
    if not value.strip():
        raise ValueError(f"expected {_LINE}, got {value!r}, which says nothing")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"expected a line of text as Unicode, got {value!r}: {error}") from None
    return value


def _corners(value: Any) -> NDArray[np.float32] | None:
    """Return corners as (4, 2); None where there are none."""
    if value is None or np.size(value) == 0:
        return None
    text = "expected the corners of a line as four of x, y in pixels, clockwise from its top left"
    try:
        corners = np.asarray(value, np.float32)
    except (TypeError, ValueError):
        raise TypeError(f"{text}, got {value!r}") from None
    if corners.shape != (4, 2) or not np.isfinite(corners).all():
        raise ValueError(f"{text}, got {value!r}")
    (width, height), (length, across) = np.ptp(corners, axis=0), np.abs(corners[2] - corners[0])
    if max(width, height) < 1 or max(length, across) < 1:
        raise ValueError(f"{text}, got {value!r}, which is no more than a point")
    return corners

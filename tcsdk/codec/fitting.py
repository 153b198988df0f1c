"""Lines cut at spaces, so that each part's place on the format's grid fits its letters.

A place says a length in third octaves, up to an eighth off: of a long line the letters at its ends
would be drawn whole letters beside their own.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tcsdk import _kernels
from tcsdk._kernels import GlyphAtlas

Corners = NDArray[np.float64]  # (4, 2), of the coded picture
# Letters that an end may be off by; and the part of a line's height between its edges and its ink.
_MOST_OFF, _MARGIN = 0.4, 0.17
_MOST_LONGER = 1.05  # of a part's own length


def fitted_parts(atlas: GlyphAtlas, text: str, corners: Corners) -> Iterator[tuple[str, Corners]]:
    """Yield a line, or parts of it whose places fit, from left to right.

    Args:
        atlas: Says how wide letters are.
        text: What the line says.
        corners: (4, 2) float64, clockwise from the top left of the text, pixels as coded.
    """
    text = text.strip()
    if not text:
        return
    spaces = [k for k, character in enumerate(text) if character == " "]
    length = _length(corners)
    off = abs(_length(_as_placed(corners)) - length) / 2
    if not spaces or off * len(text) <= _MOST_OFF * length:
        yield text, corners
        return
    ends = np.cumsum(atlas.advances(text))
    cut = min(spaces, key=lambda k: abs(2 * int(ends[k]) - int(ends[-1])))
    margin = min(_MARGIN * float(np.linalg.norm(corners[3] - corners[0])) / max(length, 1e-6), 0.2)
    begin, end = (margin + (1 - 2 * margin) * ends[k] / ends[-1] for k in (cut, cut - 1))
    halves = (
        (text[:cut], _between(corners, 0.0, min(end + margin, 1.0))),
        (text[cut:], _between(corners, max(begin - margin, 0.0), 1.0)),
    )
    for half, its_corners in halves:
        for part, box in fitted_parts(atlas, half, its_corners):
            yield part, _apart(box)


def _apart(corners: Corners) -> Corners:
    """Return a part of a line that the grid makes no longer: the next one stands beside it."""
    length, placed = _length(corners), _length(_as_placed(corners))
    if placed <= _MOST_LONGER * length:
        return corners
    along = corners[[1, 2]].mean(axis=0) - corners[[0, 3]].mean(axis=0)
    shorter = (placed * 2 ** (-1 / 3) - length) / 2 * along / length
    apart: Corners = corners + np.where(np.arange(4)[:, None] % 3 == 0, -shorter, shorter)
    return apart


def _as_placed(corners: Corners) -> Corners:
    placed: Corners = _kernels.corners_of_places(_kernels.places_of_corners(corners[None]))[0]
    return placed


def _length(corners: Corners) -> float:
    """Return the distance of the middles of the left and the right side."""
    left, right = corners[[0, 3]].mean(axis=0), corners[[1, 2]].mean(axis=0)
    return float(np.linalg.norm(right - left))


def _between(corners: Corners, begin: float, end: float) -> Corners:
    """Return the part of a line from one share of its length to another."""
    top, bottom = corners[1] - corners[0], corners[2] - corners[3]
    return np.stack(
        [
            corners[0] + begin * top,
            corners[0] + end * top,
            corners[3] + end * bottom,
            corners[3] + begin * bottom,
        ]
    )

"""Lines that are too long for one call of a graph: cut into parts that overlap, read, and joined.

What a reader of convolutions says of a column depends on what is near it. Parts share twice that
much, and of each what lies deeper than that from a cut is kept: joined they say what the whole line
would have said.
"""

from __future__ import annotations

from dataclasses import dataclass

from tcsdk.model.calls import CALLS
from tcsdk.model.graphs import RECOGNITION
from tcsdk.model.grids import LINE_STEP, ceil_div

# Pixels; our reader sees 183 to either side (docs/extend/export.md).
_SEEN = 192
_CALLS = CALLS[RECOGNITION]


@dataclass(frozen=True)
class Part:
    """A part of a line.

    Attributes:
        begin: First column, pixels.
        width: Pixels that a graph is given, a multiple of 64; the line may end before.
        kept: Steps of what it says that count.
    """

    begin: int
    width: int
    kept: slice


def parts_of(width: int) -> list[Part]:
    """Cut a line of a width in pixels, from left to right; one part where it fits into a call."""
    whole = _CALLS.step * ceil_div(width, _CALLS.step)
    if whole <= _CALLS.widest:
        return [Part(0, whole, slice(None))]
    last = whole - _CALLS.widest
    begins = (*range(0, last, _CALLS.widest - 2 * _SEEN), last)
    # Where one part's say ends the next one's begins.
    joints = [0, *(begin + _SEEN for begin in begins[1:]), whole]
    return [
        Part(
            begin,
            _CALLS.widest,
            slice((joints[k] - begin) // LINE_STEP, (joints[k + 1] - begin) // LINE_STEP),
        )
        for k, begin in enumerate(begins)
    ]

"""A line of text, wherever it is known from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SEEN: Final = "seen"
UNVERIFIED: Final = "unverified"


@dataclass(frozen=True, eq=False)
class TextLine:
    """A line of text in a picture, or sent beside it.

    Attributes:
        text: What it says.
        polygon: (4, 2) float32, its corners x, y in pixels of the picture, clockwise from the top
            left of the text: its first side runs along the line, also where that stands on its
            head. Empty, (0, 2), for a line that was sent without its place.
        confidence: The reader's own, 0..1: the mean over the characters. The sender's reader's for
            a line that was sent; 1 where it was known.
        confidences: The same of each character of `text`, spaces too. One wrong figure among ten
            right ones hardly moves the mean: look here before a figure is believed. () for a line
            that was sent.
        source: "seen" in the picture, or "sent" beside it.
        trust: What stands behind it. "verified": the sender has read its stream, and the line's
            letters and digits as on the original. "sent": it came as text, exact, and is as right
            as the sender's reader or register. "unverified": nobody has looked. "doubtful": the
            sender could not read it as on the original, something else was sent for this place, or
            the reader here is less sure of it than it has to be (docs/use/trust.md).
        against: What the other source says in this place, where that is something else; "" else.
    """

    text: str
    polygon: NDArray[np.float32]
    confidence: float
    confidences: tuple[float, ...] = ()
    source: str = SEEN
    trust: str = UNVERIFIED
    against: str = ""

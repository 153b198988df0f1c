"""One test picture and what is known of its text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.sets.places import Quad, cut_words, in_reading_order


@dataclass(frozen=True)
class KnownLine:
    """A line or word of text.

    Attributes:
        text: What it says.
        quad: (4, 2) float32, corners TL, TR, BR, BL in pixels.
    """

    text: str
    quad: Quad


@dataclass(frozen=True)
class Picture:
    """One test picture.

    Attributes:
        name: Unique within its set.
        image: (H, W, 3) uint8, RGB.
        lines: Text of known place.
        unlisted: (H, W) bool, true where there is text that nobody lists (illegible, or cut off by
            the border): what a reader finds there counts neither for nor against it.
        transcript: The whole text, where it is known without places.
    """

    name: str
    image: NDArray[np.uint8]
    lines: tuple[KnownLine, ...]
    unlisted: NDArray[np.bool_] = field(repr=False)
    transcript: str = ""

    @property
    def digest(self) -> str:
        """Sixteen hex digits of its pixels."""
        return hashlib.sha256(np.ascontiguousarray(self.image).data).hexdigest()[:16]

    @property
    def words(self) -> list[tuple[str, Quad]]:
        """Its words with their places."""
        return [word for line in self.lines for word in cut_words(line.text, line.quad)]

    @property
    def text(self) -> str:
        """The whole text, in reading order."""
        return self.transcript or in_reading_order(self.words)

"""A line of text, wherever it is known from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class TextLine:
    """A line of text in a picture.

    Attributes:
        text: What it says.
        polygon: (4, 2) float32, its corners x, y in pixels of the picture, clockwise from the top
            left of the text: its first side runs along the line, also where that stands on its
            head.
        confidence: The reader's own, 0..1: the mean over the characters.
        confidences: The same of each character of `text`, spaces too. One wrong figure among ten
            right ones hardly moves the mean: look here before a figure is believed.
    """

    text: str
    polygon: NDArray[np.float32]
    confidence: float
    confidences: tuple[float, ...] = ()

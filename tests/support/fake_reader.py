"""A reader whose answers a test chooses: it stands in for the OCR, whose answers none can."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from support.small_model import psnr

from tcsdk import TextLine
from tcsdk.reading.orientation import Recognised


def line(text: str, x: int, y: int = 40, width: int = 100, confidence: float = 0.95) -> TextLine:
    """A line 20 pixels high."""
    corners = [(x, y), (x + width, y), (x + width, y + 20), (x, y + 20)]
    return TextLine(text, np.float32(corners), confidence, (confidence,) * len(text))


@dataclass
class FakeReader:
    """Reads a line right where it is shown as well as that line needs.

    Lines are told apart by their widths, which have to differ.

    Attributes:
        pixels: The original.
        lines: What is found on it.
        needs: The PSNR in dB that a line needs in streams, by its text; 0 where it is not here.
        wrong: What is read of it else.
        unsteady: Texts of lines that are read wrong on the original with noise.
        asked: Texts of the lines read at their places since lines were found, in order.
    """

    pixels: NDArray[np.uint8]
    lines: Sequence[TextLine]
    needs: Mapping[str, float] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    unsteady: Collection[str] = ()
    asked: list[str] = field(default_factory=list)

    def find(self, pixels: NDArray[np.uint8]) -> list[TextLine]:
        """Find the lines of the original."""
        assert np.array_equal(pixels, self.pixels)
        self.asked.clear()
        return list(self.lines)

    def read(
        self, pixels: NDArray[np.uint8], places: Sequence[NDArray[np.float32]]
    ) -> list[Recognised]:
        """Read lines."""
        return [self._read(pixels, place) for place in places]

    def _read(self, part: NDArray[np.uint8], place: NDArray[np.float32]) -> Recognised:
        width = place[1, 0] - place[0, 0]
        (known,) = (one for one in self.lines if one.polygon[1, 0] - one.polygon[0, 0] == width)
        before = self.asked.count(known.text)
        self.asked.append(known.text)
        left, top = (known.polygon[0] - place[0]).astype(int)
        original = self.pixels[top : top + part.shape[0], left : left + part.shape[1]]
        right = psnr(part, original) >= self.needs.get(known.text, 0.0)
        if before < 2:  # the original, and the same with noise
            right = before == 0 or known.text not in self.unsteady
        text = known.text if right else self.wrong.get(known.text, "")
        return Recognised(text, known.confidence, (known.confidence,) * len(text))

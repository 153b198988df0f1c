"""A reader whose answers a test chooses: it stands in for the OCR, whose answers none can."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from support.small_model import psnr

from tcsdk import TextLine
from tcsdk.codec.resampling import Sizes
from tcsdk.reading.line_reading import Line
from tcsdk.reading.orientation import Recognised

# Of which a test may make a picture.
_SCALES = (1.0, 0.75, 0.5, 0.375, 0.25)
# dB of the original itself, and of it with the noise of `verify`; streams of the small model have
# 38.2 at most.
_EXACT, _NOISE = 60.0, 38.35


def line(text: str, x: int, y: int = 40, width: int = 100, confidence: float = 0.95) -> TextLine:
    """A line 20 pixels high."""
    corners = [(x, y), (x + width, y), (x + width, y + 20), (x, y + 20)]
    return TextLine(text, np.float32(corners), confidence, (confidence,) * len(text))


@dataclass
class FakeReader:
    """Reads a line right where it is shown as well as that line needs.

    Lines are told apart by what the picture shows there.

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
        """Find the lines of the original; of a stream those that are read in their places."""
        if np.array_equal(pixels, self.pixels):
            self.asked.clear()
            return list(self.lines)
        read = (self._as_found(known, pixels) for known in self.lines)
        return [line for line in read if line.text]

    def _as_found(self, known: TextLine, pixels: NDArray[np.uint8]) -> TextLine:
        (left, top), (right, bottom) = known.polygon.min(axis=0), known.polygon.max(axis=0)
        at = slice(int(top), int(bottom)), slice(int(left), int(right))
        right_so = psnr(pixels[at], self.pixels[at]) >= min(_NOISE, self.needs.get(known.text, 0.0))
        return replace(known, text=known.text if right_so else self.wrong.get(known.text, ""))

    def read(
        self, pixels: NDArray[np.uint8], places: Sequence[NDArray[np.float32]]
    ) -> list[Recognised]:
        """Read lines."""
        return [self._read(pixels, place) for place in places]

    def _read(self, part: NDArray[np.uint8], place: NDArray[np.float32]) -> Recognised:
        known, original = max(self._candidates(part.shape), key=lambda one: psnr(part, one[1]))
        self.asked.append(known.text)
        shown = psnr(part, original)
        right = shown >= min(_NOISE, self.needs.get(known.text, 0.0))
        if _NOISE <= shown < _EXACT:
            right = known.text not in self.unsteady
        text = known.text if right else self.wrong.get(known.text, "")
        return Recognised(text, known.confidence, (known.confidence,) * len(text))

    def _candidates(self, shape: tuple[int, ...]) -> Iterator[tuple[TextLine, NDArray[np.uint8]]]:
        """Lines whose part of the original has a shape, as they are cut at some scale."""
        height, width = self.pixels.shape[:2]
        for known, scale in product(self.lines, _SCALES):
            coded = max(1, round(width * scale)), max(1, round(height * scale))
            at = Line.of(known.text, known.polygon, Sizes.of(coded, (width, height)))
            part = at.cut(self.pixels)
            if part.shape == shape:
                yield known, part

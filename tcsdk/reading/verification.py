"""Encoding checked by reading: does the decoded picture say what the original says?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from tcsdk.decoder import Decoder
from tcsdk.distribution import install_extra
from tcsdk.errors import MissingRuntimeError
from tcsdk.reading.ocr import TextLine, read

# Lines of the original that its own reader is less sure of say nothing about the codec.
CONFIDENCE = 0.9
# The first step up in quality; it doubles while lines differ.
_STEP = 4
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


@dataclass(frozen=True)
class Verification:
    """What `Encoder(verify=True)` did for one picture.

    Attributes:
        qualities: Those tried, in order.
        quality: The one of the stream that was returned.
        lines: Lines compared: those read on the original with a confidence of at least 0.9.
        differences: The lines that are read differently on the returned stream.
        limit: What kept the quality from being raised: "max_bytes", "quality" (its own upper
            bound), or "" where no raise was needed.
    """

    qualities: tuple[int, ...]
    quality: int
    lines: int
    differences: tuple[LineDifference, ...]
    limit: str

    @property
    def agreed(self) -> bool:
        """Whether every line compared is read as on the original."""
        return not self.differences


@dataclass(frozen=True)
class Verifier:
    """Compares what is read on a picture and on its streams.

    Attributes:
        decoder: Decodes the streams.
        highest: The best quality to raise to.
    """

    decoder: Decoder
    highest: int

    def fitted(self, pixels: NDArray[np.uint8], data: bytes, quality: int) -> Verification:
        """Read a stream whose quality must not be raised.

        Args:
            pixels: (H, W, 3) uint8, the original.
            data: Its stream.
            quality: Of the stream.
        """
        expected = _sure_lines(pixels)
        differences = self._differences(expected, data)
        limit = "max_bytes" if differences else ""
        return Verification((quality,), quality, len(expected), differences, limit)

    def raised(
        self, pixels: NDArray[np.uint8], make: Callable[[int], bytes], start: int
    ) -> tuple[bytes, Verification]:
        """Raise the quality until the reader agrees.

        In doubling steps up to the first quality that agrees or the highest one allowed, then by
        bisection down to the lowest that agrees above one that does not. If none agrees, the one
        with the fewest differences is taken, the lowest of several.

        Args:
            pixels: (H, W, 3) uint8, the original.
            make: Quality -> stream.
            start: The quality asked for.

        Returns:
            The stream, and what was done.
        """
        expected = _sure_lines(pixels)
        tried: dict[int, tuple[LineDifference, ...]] = {}

        @cache
        def agrees(quality: int) -> bool:
            tried[quality] = self._differences(expected, make(quality))
            return not tried[quality]

        highest = max(start, self.highest)
        low, high, step = start, start, _STEP
        while not agrees(high) and high < highest:
            low, high, step = high, min(high + step, highest), 2 * step
        if agrees(high):
            while high - low > 1:  # invariant: high agrees, low does not
                middle = (low + high) // 2
                low, high = (low, middle) if agrees(middle) else (middle, high)
        best = min(tried, key=lambda quality: (len(tried[quality]), quality))
        limit = "quality" if tried[best] else ""
        return make(best), Verification(tuple(tried), best, len(expected), tried[best], limit)

    def _differences(self, expected: Sequence[TextLine], data: bytes) -> tuple[LineDifference, ...]:
        return compare(expected, read(self.decoder.decode(data))) if expected else ()


def compare(expected: Sequence[TextLine], came: Sequence[TextLine]) -> tuple[LineDifference, ...]:
    """Return the lines that are not read again in their places.

    What is read in a line's place is all lines of which at least half lies within its box, from
    left to right: a detector may split a line in two. Spaces are not compared, because readers
    are unsure of them.

    Args:
        expected: Lines of the original.
        came: Lines of the decoded picture.
    """
    differences = []
    for line in expected:
        box = _bounds(line)
        inside = sorted(
            (other for other in came if _share_within(_bounds(other), box) >= _WITHIN),
            key=lambda other: float(other.polygon[:, 0].min()),
        )
        text = "".join(other.text for other in inside)
        if "".join(text.split()) != "".join(line.text.split()):
            left, top, right, bottom = (round(edge) for edge in box)
            place = (left, top, right - left, bottom - top)
            differences.append(LineDifference(line.text, text, place))
    return tuple(differences)


def check_reader() -> None:
    """Refuse to verify where nothing can read.

    Raises:
        MissingRuntimeError: The [ocr] extra is not installed.
    """
    if find_spec("rapidocr") is None:
        raise MissingRuntimeError(
            "verify=True reads the pictures with rapidocr, which is not installed: "
            f"{install_extra('ocr')}"
        )


def _sure_lines(pixels: NDArray[np.uint8]) -> list[TextLine]:
    return [line for line in read(pixels) if line.confidence >= CONFIDENCE]


def _bounds(line: TextLine) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom."""
    left, top = line.polygon.min(axis=0).tolist()
    right, bottom = line.polygon.max(axis=0).tolist()
    return left, top, right, bottom


def _share_within(
    inner: tuple[float, float, float, float], outer: tuple[float, float, float, float]
) -> float:
    """Return how much of the inner box lies within the outer one, 0..1."""
    width = min(inner[2], outer[2]) - max(inner[0], outer[0])
    height = min(inner[3], outer[3]) - max(inner[1], outer[1])
    area = (inner[2] - inner[0]) * (inner[3] - inner[1])
    return max(width, 0.0) * max(height, 0.0) / area if area > 0 else 0.0

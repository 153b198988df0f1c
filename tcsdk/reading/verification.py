"""Encoding checked by reading: does the decoded picture say what the original says?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from tcsdk.decoder import Decoder
from tcsdk.distribution import install_extra
from tcsdk.errors import MissingRuntimeError
from tcsdk.reading.comparison import LineDifference, compare
from tcsdk.reading.ocr import TextLine, read
from tcsdk.reading.text import alphanumerics
from tcsdk.timings import Stopwatch

# Lines of the original that its own reader is less sure of say nothing about the codec.
CONFIDENCE = 0.9
# The first step up in quality; it doubles while lines differ.
_STEP = 4


@dataclass(frozen=True)
class Verification:
    """What `Encoder(verify=True)` did for one picture.

    Attributes:
        qualities: Those tried, in order; of each scale in turn where several were tried.
        quality: The one of the stream that was returned.
        lines: Lines compared: those read on the original with a confidence of at least 0.9 that
            have a letter or a digit and that `verify_lines` names.
        differences: The lines that are read differently on the returned stream.
        limit: What kept the quality from being raised: "max_bytes", "quality" (its own upper
            bound), "lines" (there were none to compare), or "" where no raise was needed.
    """

    qualities: tuple[int, ...]
    quality: int
    lines: int
    differences: tuple[LineDifference, ...]
    limit: str

    @property
    def agreed(self) -> bool:
        """Whether lines were compared, and every one of them is read as on the original."""
        return self.lines > 0 and not self.differences

    @property
    def complaints(self) -> tuple[str, ...]:
        """What keeps it from having agreed, a line of text each; () where it agreed."""
        if not self.lines:
            return ("the original has no line to compare that is read with confidence",)
        return tuple(map(str, self.differences))


@dataclass(frozen=True)
class Verifier:
    """Compares what is read on a picture and on its streams.

    Attributes:
        decoder: Decodes the streams.
        highest: The best quality to raise to.
        named: Finds the lines to compare in their text, or in its alphanumerics; None for all.
    """

    decoder: Decoder
    highest: int
    named: re.Pattern[str] | None = None

    def fitted(
        self, pixels: NDArray[np.uint8], data: bytes, quality: int, watch: Stopwatch
    ) -> Verification:
        """Read a stream whose quality must not be raised.

        Args:
            pixels: (H, W, 3) uint8, the original.
            data: Its stream.
            quality: Of the stream.
            watch: Adds up what reading takes.
        """
        expected = self._expected(pixels, watch)
        if not expected:
            return _nothing_compared(quality)
        differences = self._differences(expected, data, watch)
        limit = "max_bytes" if differences else ""
        return Verification((quality,), quality, len(expected), differences, limit)

    def raised(
        self,
        pixels: NDArray[np.uint8],
        makes: Iterable[Callable[[int], bytes]],
        start: int,
        watch: Stopwatch,
    ) -> tuple[bytes, Verification]:
        """Raise the quality until the reader agrees, at the first scale at which it does.

        In doubling steps up to the first quality that agrees or the highest one allowed, then by
        bisection down to the lowest that agrees above one that does not. If none agrees, the next
        scale is tried. If no scale does, the stream with the fewest differences is taken, the
        first of several, at its lowest quality.

        Args:
            pixels: (H, W, 3) uint8, the original.
            makes: For each scale to try, in order, quality -> stream; at least one, taken when it
                is needed.
            start: The quality asked for.
            watch: Adds up what reading takes.

        Returns:
            The stream, and what was done.
        """
        expected = self._expected(pixels, watch)
        searches: list[_Search] = []
        for make in makes:
            if not expected:
                return make(start), _nothing_compared(start)
            differ = partial(self._differences, expected, watch=watch)
            searches.append(_search(make, differ, start, max(start, self.highest)))
            if not searches[-1].differences:
                break
        best = min(searches, key=lambda search: len(search.differences))
        tried = tuple(quality for search in searches for quality in search.tried)
        limit = "quality" if best.differences else ""
        return best.stream, Verification(
            tried, best.quality, len(expected), best.differences, limit
        )

    def _expected(self, pixels: NDArray[np.uint8], watch: Stopwatch) -> list[TextLine]:
        """Return the lines of the original to compare."""
        with watch.stage("verify"):
            lines = read(pixels)
        return [line for line in lines if line.confidence >= CONFIDENCE and self._counts(line.text)]

    def _counts(self, text: str) -> bool:
        counted = alphanumerics(text)
        if self.named is None:
            return bool(counted)
        return bool(counted and (self.named.search(text) or self.named.search(counted)))

    def _differences(
        self, expected: Sequence[TextLine], data: bytes, watch: Stopwatch
    ) -> tuple[LineDifference, ...]:
        with watch.stage("verify"):
            return compare(expected, read(self.decoder.decode(data)))


@dataclass(frozen=True)
class _Search:
    """What came of raising the quality at one scale."""

    tried: tuple[int, ...]
    quality: int
    stream: bytes
    differences: tuple[LineDifference, ...]


def _search(
    make: Callable[[int], bytes],
    differ: Callable[[bytes], tuple[LineDifference, ...]],
    start: int,
    highest: int,
) -> _Search:
    tried: dict[int, tuple[LineDifference, ...]] = {}

    @cache
    def agrees(quality: int) -> bool:
        tried[quality] = differ(make(quality))
        return not tried[quality]

    low, high, step = start, start, _STEP
    while not agrees(high) and high < highest:
        low, high, step = high, min(high + step, highest), 2 * step
    if agrees(high):
        while high - low > 1:  # invariant: high agrees, low does not
            middle = (low + high) // 2
            low, high = (low, middle) if agrees(middle) else (middle, high)
    best = min(tried, key=lambda quality: (len(tried[quality]), quality))
    return _Search(tuple(tried), best, make(best), tried[best])


def _nothing_compared(quality: int) -> Verification:
    return Verification((quality,), quality, 0, (), "lines")


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

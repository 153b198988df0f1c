"""The size at which a picture is coded, by the size of its text and the bytes that there are.

Text of 20 to 30 pixels is what the nets are best at: docs/decisions/automatic-scale.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from tcsdk.codec.rate_search import GROWTH, best_that_fits, qualities_between
from tcsdk.codec.text_size import TextPlanes, TextSizes, text_sizes
from tcsdk.errors import TargetTooSmallError

# Pixels of the shorter side below which a picture is not made smaller: letters that fill it are as
# small as they should be.
_LEAST_SIDE = 32
# Blocks of the shorter side below which the detector sees text in all of a picture.
_LEAST_BLOCKS = 4
_MOST_HALVINGS = 6
# Between two halvings there is one more size.
_BETWEEN = 0.75
# Differences of the expected accuracy that are none, and those from which on one more analysis is
# worth its time.
_TOLERANCE, _WORTH = 0.005, 0.02
# By which power of the scale streams grow, about.
_POWER = 1.0


class Scaled(Protocol):
    """A picture at one size, on its way to streams."""

    def stream(self, quality: int) -> bytes:
        """Return its stream of a quality; remembers what it made."""

    def text_planes(self, quality: int) -> TextPlanes | None:
        """Return what the detector says of it; None where there is none."""

    def unasked(self) -> Scaled:
        """Return the same without the steps that the model asks for; the same object each time."""

    def without_maps(self) -> Scaled:
        """Return the same with one quality for all blocks."""


AtScale = Callable[[float], Scaled]


@dataclass(frozen=True)
class Fit:
    """The highest quality that fits at one scale, as found or as guessed.

    Attributes:
        scale: Part of the picture's size.
        asked: Whether its blocks get the steps that the model asks for.
        quality: 0..63.
        size: Of its stream, bytes.
        found: Whether its stream was made.
    """

    scale: float
    asked: bool
    quality: int
    size: int
    found: bool


def halvings(width: int, height: int) -> list[float]:
    """Return the scales 1, 1/2, 1/4, ... at which a picture has sides to speak of."""
    shorter = min(width, height)
    return [
        2.0**-n for n in range(_MOST_HALVINGS + 1) if n == 0 or shorter * 2.0**-n >= _LEAST_SIDE
    ]


def scale_for_quality(at: AtScale, scales: Sequence[float], quality: int) -> float:
    """Return the smallest scale at which text stays as legible as it can be at a quality.

    Args:
        at: Scale -> the picture at it.
        scales: Those of `halvings`, or one.
        quality: 0..63.

    Returns:
        The largest where there is no choice, the model has no detector, or it sees no text.
    """
    text = _text(at, scales, quality) if len(scales) > 1 else None
    if not text:
        return scales[0]
    between = [_BETWEEN * scale for scale in scales[:-1]]
    expected = {scale: text.expected(scale, quality) for scale in (*scales, *between)}
    enough = max(expected.values()) - _TOLERANCE
    return min(scale for scale, accuracy in expected.items() if accuracy >= enough)


def best_stream(
    at: AtScale, scales: Sequence[float], max_bytes: int, highest: int, advice: str
) -> tuple[Scaled, int]:
    """Return what makes the most legible stream of at most `max_bytes`, at whichever scale.

    At a scale at which nothing fits with the steps that the model asks for, they are left out; at
    the smallest those of a caller as well.

    Args:
        at: Scale -> the picture at it.
        scales: Those of `halvings`, or one.
        max_bytes: The target.
        highest: The best quality allowed, 0..63.
        advice: What would make streams smaller, for the message.

    Returns:
        The picture at the size chosen, with the steps that it gets, and its quality: the stream of
        that quality, which it has made, fits.

    Raises:
        TargetTooSmallError: Nothing fits; `.smallest` is the size of the smallest stream.
    """
    search = _Search(at, scales, max_bytes, highest)
    fit = search.best()
    if fit is not None:
        return search.scaled(fit), fit.quality
    smallest = at(scales[-1])
    plain = smallest.without_maps()
    quality = best_that_fits(plain.stream, max_bytes, highest)
    if quality is not None:
        return plain, quality
    least = min(len(smallest.stream(0)), len(plain.stream(0)))
    raise TargetTooSmallError(
        f"max_bytes={max_bytes} is too small: the smallest stream of this picture takes {least} "
        f"bytes{advice}",
        least,
    )


@dataclass(frozen=True)
class _Search:
    """The search for scale and quality of the most legible stream of at most `max_bytes`.

    A picture is looked at from its smallest size on, up to the first that does not fit: what is
    too large for its target takes less time than at its full size. One stream of each size says
    about which quality fits there; it is found where it matters.

    Attributes: as `best_stream`.
    """

    at: AtScale
    scales: Sequence[float]
    max_bytes: int
    highest: int

    def scaled(self, fit: Fit) -> Scaled:
        """Return the picture at a fit's scale, with the steps it has."""
        scaled = self.at(fit.scale)
        return scaled if fit.asked else scaled.unasked()

    def best(self) -> Fit | None:
        """Return the most legible fit, the largest of several alike; None where nothing fits."""
        fits = self._probed()
        seen = [scale for scale in self.scales if scale <= 2 * max(fits, default=0.0)]
        text = _text(self.at, seen, self.highest) if len(seen) > 1 else None
        while fits:
            best = _best(text, list(fits.values()))
            if best.found:
                return self._between(text, best)
            del fits[best.scale]
            found = self._found(best)
            if found is not None:
                fits[best.scale] = found
        return None

    def _between(self, text: TextSizes | None, best: Fit) -> Fit:
        """Return a fit between two halvings where that is worth its time; the best of them else."""
        scales = [_BETWEEN * best.scale, 2 * _BETWEEN * best.scale]
        inside = [scale for scale in scales if self.scales[-1] <= scale <= self.scales[0]]
        for guess in [self._guess(best, scale) for scale in inside]:
            larger = not text and guess.scale > best.scale
            if larger or (text and _accuracy(text, guess) > _accuracy(text, best) + _WORTH):
                found = self._found(guess)
                best = (found and _best(text, [best, found])) or best
        return best

    def _probed(self) -> dict[float, Fit]:
        """Return about what fits, by scale, up to the largest at which anything does."""
        fits: dict[float, Fit] = {}
        fit = Fit(self.scales[-1], True, self.highest // 2, 0, False)
        for scale in reversed(self.scales):
            guess = self._guess(fit, scale) if fits else fit
            found = self._probe(guess) or self._probe(replace(guess, asked=False))
            if found is None:
                break
            fits[scale] = fit = found
        return fits

    def _probe(self, guess: Fit) -> Fit | None:
        """Return about what fits at a scale, by one stream of it; None where nothing does."""
        make = self.scaled(guess).stream
        probed = self._guess(replace(guess, size=len(make(guess.quality))), guess.scale)
        return probed if probed.quality > 0 or len(make(0)) <= self.max_bytes else None

    def _found(self, guess: Fit) -> Fit | None:
        """Find what fits at a scale, without the steps that the model asks for if need be."""
        make = self.scaled(guess).stream
        quality = best_that_fits(make, self.max_bytes, self.highest, guess.quality)
        if quality is None:
            return self._found(replace(guess, asked=False)) if guess.asked else None
        return replace(guess, quality=quality, size=len(make(quality)), found=True)

    def _guess(self, known: Fit, scale: float) -> Fit:
        """Guess what fits at a scale by what is known of another."""
        size = known.size * (scale / known.scale) ** _POWER
        more = qualities_between(size, self.max_bytes)
        quality = min(max(known.quality + more, 0), self.highest)
        size *= math.exp(GROWTH * (quality - known.quality))
        return Fit(scale, known.asked, quality, round(size), False)


def _text(at: AtScale, scales: Sequence[float], quality: int) -> TextSizes | None:
    """Return how large text is by the picture at these scales; None where nothing can say."""
    planes: list[TextPlanes] = []
    for scale in scales:
        level = at(scale).text_planes(quality)
        if level is None:
            return None
        if planes and min(level.probability.shape) < _LEAST_BLOCKS:
            break
        planes.append(level)
    return text_sizes(planes)


def _best(text: TextSizes | None, fits: Sequence[Fit]) -> Fit:
    """Return the most legible of several; the largest of those that are alike."""
    if not text:
        return max(fits, key=lambda fit: fit.scale)
    enough = max(_accuracy(text, fit) for fit in fits) - _TOLERANCE
    return max((fit for fit in fits if _accuracy(text, fit) >= enough), key=lambda fit: fit.scale)


def _accuracy(text: TextSizes, fit: Fit) -> float:
    return text.expected(fit.scale, fit.quality)

"""The best quality that fits into a number of bytes."""

from __future__ import annotations

import math
from collections.abc import Callable

# By how much streams grow from one quality to the next, about. In a search by it the graph, which
# runs once per level of z (16 qualities), mostly runs once or twice.
GROWTH = 0.03
# After so many guesses the rest is halved.
_GUESSES = 6
# Sizes fall with quality nearly always, not always (z changes its level between two qualities):
# so many qualities above the one that the search finds are tried as well.
_LOOK_ABOVE = 2


def qualities_between(size: float, max_bytes: int) -> int:
    """Guess by how many qualities a stream may grow until it has `max_bytes`; below 0: shrink."""
    return math.floor(math.log(max_bytes / size) / GROWTH)


def best_that_fits(
    make: Callable[[int], bytes], max_bytes: int, highest: int, guess: int | None = None
) -> int | None:
    """Return the highest quality whose stream has at most `max_bytes`; None if there is none.

    Args:
        make: Quality -> stream; should remember what it made.
        max_bytes: The target.
        highest: The best quality allowed, 0..63.
        guess: What to try first, 0..highest; None for the middle.
    """
    low, high = -1, highest + 1  # invariant: low fits or is -1, high does not fit or is beyond
    middle, tries = highest // 2 if guess is None else guess, 0
    while high - low > 1:
        size = len(make(middle))
        low, high = (middle, high) if size <= max_bytes else (low, middle)
        tries += 1
        if tries < _GUESSES:
            guessed = middle + qualities_between(size, max_bytes)
            middle = min(max(guessed, low + 1), high - 1)
        else:
            middle = (low + high) // 2
    if low < 0:
        return None
    above = range(low + 1, min(low + 1 + _LOOK_ABOVE, highest + 1))
    return max([low, *(quality for quality in above if len(make(quality)) <= max_bytes)])

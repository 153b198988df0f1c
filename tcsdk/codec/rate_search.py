"""The best quality that fits into a number of bytes."""

from __future__ import annotations

from collections.abc import Callable

from tcsdk.errors import TargetTooSmallError

# Sizes fall with quality nearly always, not always (z changes its level between two qualities):
# so many qualities above the one that bisection finds are tried as well.
_LOOK_ABOVE = 2


def best_that_fits(make: Callable[[int], bytes], max_bytes: int, highest: int) -> bytes:
    """Return the stream of the highest quality of at most `max_bytes`.

    Bisection: about seven streams are made of the 64 possible ones.

    Args:
        make: Quality -> stream.
        max_bytes: The target.
        highest: The best quality allowed, 0..63.

    Raises:
        TargetTooSmallError: Even the smallest stream found is larger; `.smallest` is its size.
    """
    streams: dict[int, bytes] = {}

    def fits(quality: int) -> bool:
        if quality not in streams:
            streams[quality] = make(quality)
        return len(streams[quality]) <= max_bytes

    low, high = -1, highest + 1  # invariant: low fits or is -1, high does not fit or is beyond
    while high - low > 1:
        middle = (low + high) // 2
        if fits(middle):
            low = middle
        else:
            high = middle
    if low < 0:
        smallest = min(map(len, streams.values()))
        raise TargetTooSmallError(
            f"max_bytes={max_bytes} is too small: the smallest stream of this picture takes "
            f"{smallest} bytes; bare=True, scale= or less metadata would take less",
            smallest,
        )
    above = range(low + 1, min(low + 1 + _LOOK_ABOVE, highest + 1))
    return streams[max([low, *filter(fits, above)])]

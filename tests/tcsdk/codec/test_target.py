from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcsdk.codec.rate_search import best_that_fits

growing = st.lists(st.integers(1, 50), min_size=64, max_size=64).map(
    lambda steps: [sum(steps[: i + 1]) for i in range(64)]
)


class Streams:
    """Streams of given sizes, and the qualities that were made, each once."""

    def __init__(self, sizes):
        self.sizes, self.made = sizes, set()

    def __call__(self, quality: int) -> bytes:
        self.made.add(quality)
        return bytes(self.sizes[quality])


@given(growing, st.integers(0, 63), st.integers(1, 4000), st.none() | st.integers(0, 63))
def test_the_best_quality_that_fits_is_found(sizes, highest, target, guess):
    streams = Streams(sizes)
    fitting = [quality for quality in range(highest + 1) if sizes[quality] <= target]
    first = None if guess is None else min(guess, highest)
    expected = fitting[-1] if fitting else None
    assert best_that_fits(streams, target, highest, first) == expected
    assert len(streams.made) <= 6 + 6 + 2


@given(st.integers(0, 63), st.integers(0, 63))
def test_sizes_that_grow_as_they_do_are_found_at_once(best, guess):
    streams = Streams([round(300 * 1.0305**quality) for quality in range(64)])
    assert best_that_fits(streams, streams.sizes[best], 63, guess) == best
    assert len(streams.made) <= 6


@pytest.mark.parametrize("guess", [None, 3, 60])
def test_a_small_dip_above_is_used(guess):
    sizes = [10 * q + 1 for q in range(64)]
    sizes[32] = 295  # finer than 30, yet smaller than 31
    assert best_that_fits(lambda q: bytes(sizes[q]), 305, 63, guess) == 32

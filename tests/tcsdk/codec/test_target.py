from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcsdk.codec.rate_search import best_that_fits
from tcsdk.errors import TargetTooSmallError

growing = st.lists(st.integers(1, 50), min_size=64, max_size=64).map(
    lambda steps: [sum(steps[: i + 1]) for i in range(64)]
)


@given(growing, st.integers(0, 63), st.integers(1, 4000))
def test_the_best_quality_that_fits_is_found(sizes, highest, target):
    made = []

    def make(quality: int) -> bytes:
        made.append(quality)
        return bytes(sizes[quality])

    fitting = [size for size in sizes[: highest + 1] if size <= target]
    if fitting:
        assert len(best_that_fits(make, target, highest)) == fitting[-1]
    else:
        with pytest.raises(TargetTooSmallError) as caught:
            best_that_fits(make, target, highest)
        assert caught.value.smallest == sizes[0]
        assert str(sizes[0]) in str(caught.value)
    assert len(made) == len(set(made)) <= 9


def test_a_small_dip_above_is_used():
    sizes = [10 * q for q in range(64)]
    sizes[32] = 295  # finer than 30, yet smaller than 31
    assert len(best_that_fits(lambda q: bytes(sizes[q]), 305, 63)) == 295

"""The lines that `tcsdk.read` finds on a page, found once for all readers that ask one by one."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

import tcsdk


def page_lines(pixels: NDArray[np.uint8]) -> tuple[tcsdk.TextLine, ...]:
    """Return what `tcsdk.read` finds; of the same picture asked again, what it found before.

    Args:
        pixels: (H, W, 3) RGB.
    """
    return _page_lines(pixels.tobytes(), pixels.shape)


@lru_cache(maxsize=1)
def _page_lines(data: bytes, shape: tuple[int, ...]) -> tuple[tcsdk.TextLine, ...]:
    return tuple(tcsdk.read(np.frombuffer(data, np.uint8).reshape(shape)))

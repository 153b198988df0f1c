"""How many bits whole numbers take, by their scale."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

# The scale table, and the number of its rows: docs/reference/format.md, "Scales".
_LEAST, _MOST, ROWS = 0.11, 256.0, 64
_LARGEST = 512  # of numbers that are looked up; larger ones take as many bits as this
_LEAST_PROBABILITY = 1e-9


@cache
def bits_by_row() -> NDArray[np.float32]:
    """Return the bits of 0, 1, ... 512 as a zero-mean normal variable of each scale, (64, 513)."""
    ratio = (_MOST / _LEAST) ** (1 / (ROWS - 1))
    table = np.empty((ROWS, _LARGEST + 1), np.float32)
    for row in range(ROWS):
        unit = _LEAST * ratio**row * math.sqrt(2.0)
        # Beyond a half of each number: what lies there of one side.
        tails = [math.erfc((k - 0.5) / unit) / 2 for k in range(_LARGEST + 2)]
        mass = [tails[k] - tails[k + 1] for k in range(_LARGEST + 1)]
        table[row] = [-math.log2(max(each, _LEAST_PROBABILITY)) for each in mass]
    return table

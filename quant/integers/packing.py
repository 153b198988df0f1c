"""b-bit integers as bytes: bit fields without gaps, least significant bit first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def pack(integers: NDArray[np.int8], bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pack rows of signed integers, each row with its own number of bits.

    Args:
        integers: (R, n) int8 within -2^(bits-1)..2^(bits-1)-1 of their row.
        bits: (R,) uint8, 1..8.

    Returns:
        (ceil(n * sum(bits) / 8),) uint8; two's complement fields, row after row.
    """
    every = np.unpackbits(integers.view(np.uint8)[..., None], axis=2, bitorder="little")
    kept = np.arange(8) < bits[:, None, None]
    return np.packbits(every[np.broadcast_to(kept, every.shape)], bitorder="little")


def unpack(data: NDArray[np.uint8], bits: NDArray[np.uint8], length: int) -> NDArray[np.int8]:
    """The rows (R, length) int8 that `pack` made `data` of.

    Raises:
        ValueError: `data` is not as long as the rows need.
    """
    total = int(bits.sum()) * length
    if len(data) != -(-total // 8):
        raise ValueError(f"expected {-(-total // 8)} bytes of packed weights, got {len(data)}")
    every = np.zeros((len(bits), length, 8), np.uint8)
    kept = np.broadcast_to(np.arange(8) < bits[:, None, None], every.shape)
    every[kept] = np.unpackbits(data, count=total, bitorder="little")
    unsigned = np.packbits(every, axis=2, bitorder="little")[..., 0].astype(np.int16)
    sign = np.int16(1) << (bits.astype(np.int16) - 1)[:, None]
    integers: NDArray[np.int8] = ((unsigned ^ sign) - sign).astype(np.int8)
    return integers

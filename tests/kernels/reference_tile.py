"""The tile payload by the format's text: slow Python on whole numbers, no code of libtcs."""

from __future__ import annotations

import numpy as np
from kernels.reference import total_indexes
from numpy.typing import NDArray

from tcsdk.export.entropy.bundle import EntropyBundle

LANES_OF_CODE = (1, 8, 32)


def quantise(
    bundle: EntropyBundle, d: NDArray[np.float32], steps: NDArray[np.int64]
) -> NDArray[np.int16]:
    """r of d (M, h, w) before skipping."""
    scaled = d * bundle.gain_of_step[steps + 128]
    return np.rint(np.clip(scaled, -32768, 32767)).astype(np.int16)


def split(value: int, shift: int) -> tuple[int, list[tuple[int, int]]]:
    """Entry and bypass symbols (value, bits) of one number relative to its row's centre."""
    hi, bypass = value >> shift, []
    if not -15 <= hi <= 15:
        m = (2 * (hi - 16) if hi > 0 else 2 * (-16 - hi) + 1) + 1
        k = m.bit_length() - 1
        bypass += [(0, 1)] * k + [(1, 1)]
        if k:
            bypass.append((m - (1 << k), k))
    if shift:
        bypass.append((value & ((1 << shift) - 1), shift))
    return (hi + 15 if -15 <= hi <= 15 else 31), bypass


class Coder:
    """The encoder's states; give it the symbols backwards."""

    def __init__(self, lanes: int, precision: int) -> None:
        self.precision = precision
        self.states = [1 << 8 if lanes == 1 else 1 << 16] * lanes
        self.words: list[int] = []

    def push(self, lane: int, start: int, frequency: int, bits: int) -> None:
        """One symbol of probability frequency / 2^bits."""
        x = self.states[lane]
        if x >= frequency << (32 - bits):
            self.words.append(x & 0xFFFF)
            x >>= 16
        self.states[lane] = (x // frequency << bits) + x % frequency + start

    def bypass(self, values: list[tuple[int, int, int]]) -> None:
        """Bypass symbols of (row, shift, value)."""
        symbols = [s for _, shift, value in values for s in split(value, shift)[1]]
        for value, bits in reversed(symbols):
            self.push(0, value, 1, bits)

    def entries(self, starts: NDArray[np.uint16], values: list[tuple[int, int, int]]) -> None:
        """Entries of (row, shift, value)."""
        for n in reversed(range(len(values))):
            which, shift, value = values[n]
            row = [*starts[which].tolist(), 1 << self.precision]
            entry = split(value, shift)[0]
            frequency = row[entry + 1] - row[entry]
            self.push(n % len(self.states), row[entry], frequency, self.precision)

    def finish(self) -> bytes:
        """States, then words in the decoder's order."""
        out = b"".join(x.to_bytes(4, "little") for x in self.states)
        if len(self.states) == 1:
            out = out.rstrip(b"\0")
        return out + b"".join(w.to_bytes(2, "little") for w in reversed(self.words))


def hyper_positions(
    bundle: EntropyBundle, z_hat: NDArray[np.int8], level: int
) -> list[list[tuple[int, int, int]]]:
    """(row, shift, value) of all channels, position by position in raster order."""
    channels, height, width = z_hat.shape
    reach = bundle.z_start.shape[1] // 2
    value = z_hat.astype(int) - bundle.z_centre[level].astype(int)[:, None, None]

    def seen(c: int, y: int, x: int) -> int:
        return int(value[c, y, x]) if y >= 0 and x >= 0 and abs(value[c, y, x]) <= 15 else 0

    def row(c: int, y: int, x: int) -> int:
        context = min(max(seen(c, y, x - 1) + seen(c, y - 1, x), -reach), reach) + reach
        return context * channels + c

    return [
        [(row(c, y, x), 0, int(value[c, y, x])) for c in range(channels)]
        for y, x in np.ndindex(height, width)
    ]


def encode_tile(
    bundle: EntropyBundle,
    z_hat: NDArray[np.int8],
    r: NDArray[np.int16],
    quality: int,
    *,
    roi: NDArray[np.int8] | None = None,
    skip: int,
    lanes: int,
) -> bytes:
    """The payload of z_hat (C_z, hz, wz) and r (M, h, w)."""
    level = int(bundle.z_level_of_quality[quality])
    totals, _ = total_indexes(bundle, z_hat, quality, *r.shape[1:], roi)
    coded = zip(totals.ravel().tolist(), r.ravel().tolist(), strict=True)
    r_values = [(row, int(bundle.r_shift[row]), value) for row, value in coded if row >= skip]
    coder = Coder(lanes, bundle.precision)
    coder.bypass(r_values)
    coder.entries(bundle.r_start, r_values)
    positions = hyper_positions(bundle, z_hat, level)
    coder.bypass([value for position in positions for value in position])
    for position in reversed(positions):
        coder.entries(bundle.z_start[level].reshape(-1, 32), position)
    return bytes([LANES_OF_CODE.index(lanes) | skip << 2]) + coder.finish()

"""Symbols and bits of a text chunk, slowly and in Python alone.

What is coded is said once, for a Writer that is given every value and a Reader that is given none.
"""

from __future__ import annotations

import struct
from bisect import bisect_right


class DamagedError(ValueError):
    """No encoder wrote this."""


class Writer:
    """Collects symbols as (start, frequency, bits of the total)."""

    def __init__(self) -> None:
        self.symbols: list[tuple[int, int, int]] = []

    def raw(self, bits: int, value: int = 0) -> int:
        self.symbols.append((value, 1, bits))
        return value

    def bit(self, chance: Chance, value: bool = False) -> bool:
        one = chance.one()
        self.symbols.append((0, one, 12) if value else (one, 4096 - one, 12))
        chance.learn(value)
        return value

    def symbol(self, start: list[int], value: int = 0) -> int:
        self.symbols.append((start[value], start[value + 1] - start[value], 12))
        return value

    def finish(self) -> bytes:
        x, words = 1, b""
        for start, freq, bits in reversed(self.symbols):
            if x >= freq << (32 - bits):
                x, words = x >> 16, struct.pack("<H", x & 0xFFFF) + words
            x = (x // freq << bits) + x % freq + start
        return x.to_bytes(max(1, -(-x.bit_length() // 8)), "little") + words


class Reader:
    """Reads symbols from bytes."""

    def __init__(self, data: bytes) -> None:
        size = len(data)
        first = size if size in (1, 2) else 4 - size % 2
        if not 0 < first <= size or data[first - 1] == 0:
            raise DamagedError("state")
        self.x = int.from_bytes(data[:first], "little")
        self.words = [w for (w,) in struct.iter_unpack("<H", data[first:])][::-1]

    def take(self, start: int, freq: int, bits: int) -> None:
        self.x = freq * (self.x >> bits) + self.x % (1 << bits) - start
        if self.x < 1 << 16 and self.words:
            self.x = self.x << 16 | self.words.pop()

    def raw(self, bits: int, value: int = 0) -> int:
        got = self.x % (1 << bits)
        self.take(got, 1, bits)
        return got

    def bit(self, chance: Chance, value: bool = False) -> bool:
        one = chance.one()
        got = self.x % 4096 < one
        self.take(*((0, one, 12) if got else (one, 4096 - one, 12)))
        chance.learn(got)
        return got

    def symbol(self, start: list[int], value: int = 0) -> int:
        got = bisect_right(start, self.x % (1 << 12)) - 1
        self.take(start[got], start[got + 1] - start[got], 12)
        return got

    def finish(self) -> None:
        if self.x != 1 or self.words:
            raise DamagedError("end")


Io = Writer | Reader


class Chance:
    """How likely a bit is 1, in percent at the start."""

    def __init__(self, percent: int = 50, value: int | None = None, firmness: int = 0) -> None:
        self.value = (percent << 16) // 100 if value is None else value
        self.firmness = firmness

    def one(self) -> int:
        return min(max(self.value >> 4, 1), 4095)

    def learn(self, bit: bool) -> None:
        share = (65535 - self.value if bit else self.value) // (self.firmness + 2)
        self.value += share if bit else -share
        self.firmness = min(self.firmness + 1, 30)

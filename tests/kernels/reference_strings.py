"""Letters of a text chunk, slowly: the net that expects them, what stood before, their symbols."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from kernels.reference_coding import Chance, DamagedError, Io

MODEL = Path(__file__).parents[2] / "kernels" / "src" / "text_model.bin"
SYMBOLS, END, ESCAPE, PAD = 80, 0, 70, 80
MARKS = "".join(chr(c) for c in range(32, 127) if not chr(c).isalnum())
POINTS = "\0abcdefghijklmnopqrstuvwxyz0123456789" + MARKS + "\0£€°éöüä’–"  # noqa: RUF001


class Model:
    """The net of text_model.bin."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 8
        self.depth, e, one, two = struct.unpack("<4H", data[:8])
        self.embedding = self.take("i1", SYMBOLS + 1, e)
        self.first = self.take("i1", one, self.depth * e)
        self.flags = self.take("i1", 29, one)
        self.first_bias = self.take("<i4", one)
        self.second = self.take("i1", two, one)
        self.second_bias = self.take("<i4", two)
        self.last = self.take("i1", SYMBOLS, two)
        self.last_bias = self.take("<i4", SYMBOLS)
        self.powers = self.take("<u2", 256)
        self.cases = list(struct.iter_unpack("<HB", data[self.at :]))
        assert len(self.cases) == 36

    def take(self, dtype: str, *shape: int) -> np.ndarray:
        values = np.frombuffer(self.data, dtype, int(np.prod(shape)), self.at)
        self.at += values.nbytes
        return values.reshape(shape).astype(np.int64)

    def weights(self, string: list[int], state: int, style: int) -> list[int]:
        before = ([PAD] * self.depth + string)[-self.depth :]
        x = self.embedding[before].reshape(-1)
        flags = self.flags[[state, 9 + style, 13 + min(len(string), 15)]].sum(0)
        x = np.minimum(
            (np.maximum(self.first @ x + 64 * flags + self.first_bias, 0) + 64) >> 7, 255
        )
        x = np.minimum((np.maximum(self.second @ x + self.second_bias, 0) + 32) >> 6, 255)
        logits = self.last @ x + self.last_bias
        down = (logits.max() - logits) >> 2
        return [int(self.powers[d & 255]) >> min(int(d) >> 8, 63) for d in down]


FIRMNESS = {2: 400, 3: 160, 4: 64, 5: 32, 6: 20, 7: 12, 8: 8}  # in 16ths of a place


def mixed(expected: list[int], history: list[int]) -> list[int]:
    """Cumulative starts of the 80 symbols that may follow a history."""
    total, here = sum(expected), len(history)
    chances = [(weight << 24) // total for weight in expected]
    same = [n for n in range(here - 1, 1, -1) if n >= 2 and history[n - 2 : n] == history[-2:]]
    lengths = []
    for n in same[:64]:
        length = 2
        while length < 8 and n > length and history[n - length - 1] == history[-length - 1]:
            length += 1
        lengths.append((n, length))
    for order, firm in FIRMNESS.items():
        places = [history[n] for n, length in lengths if length >= order]
        if not places:
            break
        chances = [
            (chance * firm + (places.count(s) * 16 << 24)) // (firm + 16 * len(places))
            for s, chance in enumerate(chances)
        ]
    total = sum(chances)
    freq = [1 + chance * ((1 << 12) - SYMBOLS) // total for chance in chances]
    freq[freq.index(max(freq))] += (1 << 12) - sum(freq)
    return [0, *np.cumsum(freq).tolist()]


def symbol_of(letter: str) -> tuple[int, bool]:
    """Symbol of a character, and whether it is a capital."""
    upper = "A" <= letter <= "Z"
    found = POINTS.find(letter.lower() if upper else letter) if letter != "\0" else -1
    return (found if found > 0 else ESCAPE), upper


class Strings:
    """All strings of a chunk."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.history: list[int] = []
        self.state = self.style = self.page = 0
        self.upper = [Chance(value=value, firmness=firm) for value, firm in model.cases]
        self.same_page, self.same_plane = Chance(), Chance()

    def code(self, io: Io, text: str) -> str:
        string: list[int] = []
        out = ""
        while True:
            letter = text[len(out)] if len(out) < len(text) else None
            symbol, upper = symbol_of(letter) if letter is not None else (END, False)
            symbol = self.symbol(io, string, symbol)
            if 1 <= symbol <= 26:
                upper = io.bit(self.upper[self.state * 4 + self.style], upper)
            self.step(symbol, upper)
            if symbol == END:
                return out
            if symbol == ESCAPE:
                out += self.escape(io, ord(letter or "\0"))
            else:
                out += POINTS[symbol].upper() if upper and symbol <= 26 else POINTS[symbol]

    def symbol(self, io: Io, string: list[int], symbol: int = 0) -> int:
        expected = self.model.weights(string, self.state, self.style)
        symbol = io.symbol(mixed(expected, self.history), symbol)
        self.history.append(symbol)
        string.append(symbol)
        if len(self.history) > 65535:
            raise DamagedError("limit")
        return symbol

    def step(self, symbol: int, upper: bool) -> None:
        start, space, digit, mark, initial, capitals, title, small, other = range(9)
        if 1 <= symbol <= 26:
            if self.state < initial:
                self.state = initial if upper else small
            elif upper:
                self.state = capitals if self.state in (initial, capitals) else other
            else:
                next_of = {initial: title, title: title, small: small}
                self.state = next_of.get(self.state, other)
            return
        self.style = {small: 1, capitals: 2, title: 3}.get(self.state, self.style)
        figures = range(27, 37)
        self.state = {END: start, 37: space}.get(symbol, digit if symbol in figures else mark)

    def escape(self, io: Io, point: int) -> str:
        page, low = point >> 5, point & 31
        if io.bit(self.same_page, page == self.page):
            page = self.page
        else:
            plane = self.page >> 7
            if not io.bit(self.same_plane, page >> 7 == plane):
                plane = io.raw(9, page >> 7)
                if plane == self.page >> 7 or plane >= 272:
                    raise DamagedError("plane")
            page = plane << 7 | io.raw(7, page & 127)
            if page == self.page:
                raise DamagedError("page")
        self.page = page
        point = page << 5 | io.raw(5, low)
        if 0xD800 <= point < 0xE000 or symbol_of(chr(point))[0] != ESCAPE:
            raise DamagedError("escape")
        return chr(point)

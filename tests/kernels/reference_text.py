"""The payload of a text chunk as docs/reference/format.md has it, slowly and in Python alone.

What is coded is said once, for a Writer that is given every value and a Reader that is given none.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

MODEL = Path(__file__).parents[2] / "kernels" / "src" / "text_model.bin"
SYMBOLS, END, ESCAPE, PAD = 80, 0, 70, 80
MARKS = "".join(chr(c) for c in range(32, 127) if not chr(c).isalnum())
POINTS = "\0abcdefghijklmnopqrstuvwxyz0123456789" + MARKS + "\0£€°éöüä’–"  # noqa: RUF001
STATES = {"none": 0, "verified": 1, "doubtful": 2, "sent": 3}


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


class Place(NamedTuple):
    """A rotated rectangle on the grid."""

    x: int = 0
    y: int = 0
    height: int = 0
    length: int = 0
    angle: int = 0


class Offsets(NamedTuple):
    """A place against what was expected."""

    row: bool = False
    x: int = 0
    y: int = 0
    height: int = 0
    length: int = 0
    angle: int = 0


def pixels(size: int) -> int:
    """64ths of a pixel."""
    return (64, 81, 102)[size % 3] << (size // 3)


def steps(size: int) -> int:
    """The grid's steps of 4 pixels."""
    return (pixels(size) + 128) >> 8


def widths(characters: int) -> int:
    """How many sizes a string is longer than it is high."""
    return max(s for s in range(-1, 60) if s < 0 or pixels(s) <= min(characters, 1000) * 345) - 9


def angle_step(height: int, length: int) -> int:
    """Grid of angles of a line."""
    return 4 if length - height < 6 else 2 if length - height < 9 else 1


class Layout:
    """Where lines are expected."""

    def __init__(self) -> None:
        self.last: Place | None = None
        self.start = Place()

    def against(self, place: Place, row: bool, characters: int | None) -> Offsets:
        x = y = angle = 0
        height = 14
        if self.last is not None:
            height, angle = self.last.height, self.last.angle
            x, y = self.start.x, self.start.y + steps(self.start.height)
            y += steps(self.start.height) // 4
            if row:
                x = self.last.x + steps(self.last.length) + steps(self.last.height) // 2
                y = self.last.y
        length = place.height + (6 if characters is None else widths(characters))
        step = angle_step(place.height, place.length)
        turned = place.angle - (angle + step // 2) // step * step
        turned = ((turned + 384) % 256 - 128) // step
        return Offsets(
            row, place.x - x, place.y - y, place.height - height, place.length - length, turned
        )

    def offsets(self, place: Place, characters: int | None) -> Offsets:
        found = self.against(place, False, characters)
        if self.last is not None:
            behind = self.against(place, True, characters)
            if sum(abs(v).bit_length() for v in behind[1:3]) <= sum(
                abs(v).bit_length() for v in found[1:3]
            ):
                found = behind
        return self.go_on(place, found)

    def place(self, offsets: Offsets, characters: int | None) -> Place:
        zero = self.against(Place(), offsets.row, characters)
        x, y, height = (offsets[n] - zero[n] for n in (1, 2, 3))
        length = height + offsets.length + (6 if characters is None else widths(characters))
        if not (min(x, y) >= -32768 and max(x, y) <= 32767):
            raise DamagedError("position")
        if not (min(height, length) >= 0 and max(height, length) <= 50):
            raise DamagedError("size")
        step = angle_step(height, length)
        for angle in range(0, 256, step):
            place = Place(x, y, height, length, angle)
            if self.against(place, offsets.row, characters) == offsets:
                again = Layout()
                again.last, again.start = self.last, self.start
                if again.offsets(place, characters) == offsets:
                    self.go_on(place, offsets)
                    return place
        raise DamagedError("offsets")

    def go_on(self, place: Place, offsets: Offsets) -> Offsets:
        self.last = place
        if not offsets.row:
            self.start = place
        return offsets


class Sizes:
    """Chances of one number of Offsets."""

    def __init__(self, longer: str, negative: int) -> None:
        percents = [int(p) for p in longer.split()]
        self.longer = [Chance(p) for p in percents + [50] * (18 - len(percents))]
        self.negative = [Chance(negative) for _ in range(3)]

    def code(self, io: Io, value: int) -> int:
        """Sign and size; a reader gets the least such number."""
        size = 0
        while size < 17 and io.bit(self.longer[size], abs(value).bit_length() > size):
            size += 1
        if size == 0:
            return 0
        negative = io.bit(self.negative[min(size, 3) - 1], value < 0)
        least = 1 << (size - 1)
        return value or (-least if negative else least)


FIRST = "85 93 93 88 82 76 66 45 25 15 10"


class OffsetCoder:
    """Chances of all numbers of Offsets."""

    def __init__(self) -> None:
        self.row = Chance(35)
        self.first = Sizes(FIRST, 4), Sizes(FIRST, 4)
        self.behind = (
            Sizes("90 76 74 76 72 62 45 30 18 12", 35),
            Sizes("72 62 66 74 72 62 45 30 18 12", 50),
        )
        self.below = (
            Sizes("85 78 78 78 74 66 50 35 18 12", 45),
            Sizes("88 76 74 74 72 62 45 30 18 12", 35),
        )
        self.height = Sizes("86 74 58 30 10", 45), Sizes("66 48 36 15 10", 50)
        self.length = Sizes("86 74 58 30 10", 50), Sizes("68 45 25 12 10", 50)
        self.angle = Sizes("40 66 58 40 30 25 20", 50)

    def sizes(self, io: Io, offsets: Offsets, first: bool, with_string: bool) -> Offsets:
        row = offsets.row if first else io.bit(self.row, offsets.row)
        x, y = self.first if first else self.behind if row else self.below
        coders = (x, y, self.height[not first], self.length[with_string], self.angle)
        values = [c.code(io, v) for c, v in zip(coders, offsets[1:], strict=True)]
        return Offsets(row, *values)

    @staticmethod
    def low_bits(io: Io, offsets: Offsets) -> Offsets:
        values = []
        for value in offsets[1:]:
            bits, low = abs(value).bit_length() - 1, abs(value)
            if bits > 0:
                low -= 1 << bits
                if bits > 8:
                    low = io.raw(8, low & 255) | io.raw(bits - 8, low >> 8) << 8
                else:
                    low = io.raw(bits, low)
                low += 1 << bits
            values.append(-low if value < 0 else low)
        return Offsets(offsets.row, *values)


@dataclass
class Line:
    """One line."""

    string: str | None = None
    place: Place | None = None
    state: int = 0
    confidence: int = 0
    offsets: Offsets = field(default_factory=Offsets)


def code_count(io: Io, count: int) -> int:
    """How many lines."""
    if io.raw(1, count == 1):
        return 1
    if not io.raw(1, count > 2):
        return 2 if io.raw(1, count == 2) else 0
    m, bits = count + 1, 2
    while io.raw(1, m >> (bits + 1) != 0):
        bits += 1
        if bits > 12:
            raise DamagedError("generation")
    count = (1 << bits | io.raw(bits, m % (1 << bits))) - 1
    if count > 4095:
        raise DamagedError("limit")
    return count


class LineCoder:
    """Chances of what a line has."""

    def __init__(self) -> None:
        self.placed, self.with_string = Chance(60), Chance(75)
        self.states = [Chance(4), Chance(50), Chance(75)], [Chance(70), Chance(25), Chance(66)]
        self.confidence = [Chance(p) for p in (50, 80, 50, 75, 50, 50, 50, 75)]

    def parts(self, io: Io, line: Line) -> None:
        placed = io.bit(self.placed, line.place is not None)
        with_string = io.bit(self.with_string, line.string is not None)
        line.place = (line.place or Place()) if placed else None
        line.string = (line.string or "") if with_string else None

    def claims(self, io: Io, line: Line) -> None:
        state, with_string = 0, line.string is not None
        for chance, name in zip(self.states[with_string], (3, 2, 1), strict=True):
            if io.bit(chance, line.state == name):
                state = name
                break
        line.state = state
        if with_string:
            node = 1
            for bit in (2, 1, 0):
                node = node << 1 | io.bit(self.confidence[node], bool(line.confidence >> bit & 1))
            line.confidence = node & 7


def raw_claims(io: Io, line: Line) -> None:
    """State and confidence of a first line without a place."""
    usual = (line.state, line.confidence) == (3, 7)
    if line.string is not None and io.raw(1, usual):
        line.state, line.confidence = 3, 7
        return
    line.state = io.raw(2, line.state)
    if line.string is not None:
        line.confidence = io.raw(3, line.confidence)
        if (line.state, line.confidence) == (3, 7):
            raise DamagedError("claims")


def code_text(io: Io, model: Model, verified: bool, lines: list[Line]) -> tuple[bool, list[Line]]:
    """Code a text; lines with places have their offsets."""
    count = code_count(io, len(lines))
    fields, places, strings, first = LineCoder(), OffsetCoder(), Strings(model), True
    coded = []
    for n in range(count):
        line = lines[n] if lines else Line()
        fields.parts(io, line)
        if n > 0 or line.place is not None:
            fields.claims(io, line)
        if line.string is not None:
            line.string = strings.code(io, line.string)
        if line.place is not None:
            line.offsets = places.sizes(io, line.offsets, first, line.string is not None)
            first = False
        coded.append(line)
    for line in coded:
        if line.place is not None:
            line.offsets = OffsetCoder.low_bits(io, line.offsets)
    if coded and coded[0].place is None:
        raw_claims(io, coded[0])
    return bool(io.raw(1, verified)), coded


def length_of(line: Line) -> int | None:
    """Characters of a line's string."""
    return None if line.string is None else len(line.string)


def encode(model: Model, verified: bool, lines: list[Line]) -> bytes:
    """The payload of a text."""
    layout, out = Layout(), Writer()
    for line in lines:
        if line.place is not None:
            line.offsets = layout.offsets(line.place, length_of(line))
    code_text(out, model, verified, lines)
    return out.finish()


def decode(model: Model, data: bytes) -> tuple[bool, list[Line]]:
    """The text of a payload. Raises DamagedError."""
    reader, layout = Reader(data), Layout()
    verified, lines = code_text(reader, model, False, [])
    reader.finish()
    for line in lines:
        if line.place is not None:
            line.place = layout.place(line.offsets, length_of(line))
    return verified, lines

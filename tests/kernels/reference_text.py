"""The payload of a text chunk as docs/reference/format.md has it, slowly and in Python alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from kernels.reference_coding import Chance, DamagedError, Io, Reader, Writer
from kernels.reference_places import Layout, OffsetCoder, Offsets, Place
from kernels.reference_strings import Model, Strings


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

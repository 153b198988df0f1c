"""Places of a text chunk, slowly: how far a line is from where the layout expects it."""

from __future__ import annotations

from typing import NamedTuple

from kernels.reference_coding import Chance, DamagedError, Io


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

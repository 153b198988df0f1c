"""Guidance as docs/reference/guidance.md has it, slowly and in Python's integers alone."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

HEADER, ROW = struct.Struct("<5s7BH"), struct.Struct("<I6B")
PIXEL, SAMPLES = 64, 4
TURN_BITS, RATIO_BITS = 14, 20
SINES = [round(16384 * float(np.sin(2 * np.pi * k / 256))) for k in range(256)]


class Glyph(NamedTuple):
    advance: int
    left: int
    width: int
    top: int
    height: int
    bits: str


class Place(NamedTuple):
    x: int
    y: int
    height: int
    length: int
    angle: int


@dataclass(frozen=True)
class Atlas:
    x_top: int
    baseline: int
    blank: int
    above: int
    before: int
    beyond: int
    glyphs: dict[str, Glyph]

    @classmethod
    def of(cls, data: bytes) -> Atlas:
        _, _, x_top, baseline, blank, above, before, beyond, count = HEADER.unpack_from(data)
        glyphs, at = {}, HEADER.size + count * ROW.size
        for n in range(count):
            row = ROW.unpack_from(data, HEADER.size + n * ROW.size)
            point, advance, left, width, top, height, _ = row
            size = (width * height + 7) // 8
            bits = "".join(f"{byte:08b}" for byte in data[at : at + size])
            glyphs[chr(point)] = Glyph(advance, left, width, top, height, bits)
            at += size
        return cls(x_top, baseline, blank, above, before, beyond, glyphs)


def pixels_64(size: int) -> int:
    return (64, 81, 102)[size % 3] << (size // 3)


def guides(text: str, place: Place, width: int, height: int) -> bool:
    most = min(max(150 * width * height // 65536, 150), 800)
    area = pixels_64(place.height) * pixels_64(place.length)
    return area <= len(text) * most * PIXEL * PIXEL


@dataclass(frozen=True)
class Line:
    """A string laid out in columns and rows, in its place."""

    atlas: Atlas
    text: str
    place: Place

    def __post_init__(self) -> None:
        atlas, set_ = self.atlas, object.__setattr__
        begin, at, edges, tops, bottoms = [], 0, [], [atlas.x_top], [atlas.baseline]
        for character in self.text:
            glyph = atlas.glyphs.get(character)
            begin.append(at)
            if glyph is None:
                edges += [at, at + atlas.blank]
            elif glyph.width and glyph.height:
                edges += [at + glyph.left, at + glyph.left + glyph.width]
                tops.append(glyph.top)
                bottoms.append(glyph.top + glyph.height)
            at += atlas.blank if glyph is None else glyph.advance
        length, half = pixels_64(self.place.length), pixels_64(self.place.height) // 2
        before = min(2 * half * atlas.before // 256, length // 4)
        above = 2 * half * atlas.above // 256
        set_(self, "begin", begin)
        set_(self, "left", min(edges, default=0))
        set_(self, "top", min(tops))
        set_(self, "length", length)
        set_(self, "half", half)
        set_(self, "before", before)
        set_(self, "above", above)
        set_(self, "beyond", max(PIXEL, min(2 * half, length) * atlas.beyond // 256))
        columns = max(edges, default=0) - self.left
        set_(self, "columns", (columns << RATIO_BITS) // max(length - 2 * before, 1))
        rows = max(bottoms) - min(tops)
        set_(self, "rows", (rows << RATIO_BITS) // max(2 * half - 2 * above, 1))
        set_(self, "has_ink", len(tops) > 1)

    def turned(self, x: int, y: int) -> tuple[int, int]:
        dx, dy = x - self.place.x * 4 * PIXEL, y - self.place.y * 4 * PIXEL
        cosine, sine = SINES[(self.place.angle + 64) % 256], SINES[self.place.angle % 256]
        return (dx * cosine + dy * sine) >> TURN_BITS, (dy * cosine - dx * sine) >> TURN_BITS

    def column(self, u: int) -> int:
        along = min(max(u - self.before, 0), self.length)
        return self.left + (along * self.columns >> RATIO_BITS)

    def character(self, column: int) -> int:
        return max([k for k, begin in enumerate(self.begin) if begin <= column], default=0)

    def reach(self, x: int, y: int) -> int:
        u, v = self.turned(x * PIXEL + PIXEL // 2, y * PIXEL + PIXEL // 2)
        inside = min(
            u + self.beyond,
            self.length + self.beyond - u,
            v + self.half + self.beyond,
            self.half + self.beyond - v,
        )
        if inside <= 0 or self.text[self.character(self.column(u))] not in self.atlas.glyphs:
            return 0
        return min(255, inside * 255 // self.beyond)

    def is_ink(self, u: int, v: int) -> bool:
        down = v + self.half - self.above
        if u < self.before or u >= self.length - self.before or down < 0:
            return False
        row, column = self.top + (down * self.rows >> RATIO_BITS), self.column(u)
        at = self.character(column)
        glyph = self.atlas.glyphs.get(self.text[at])
        if glyph is None:
            return False
        x, y = column - self.begin[at] - glyph.left, row - glyph.top
        inside = 0 <= x < glyph.width and 0 <= y < glyph.height
        return inside and glyph.bits[y * glyph.width + x] == "1"

    def ink(self, x: int, y: int) -> int:
        step = PIXEL // SAMPLES
        points = [(i * step + step // 2, j * step + step // 2) for j in range(4) for i in range(4)]
        count = sum(self.is_ink(*self.turned(x * PIXEL + i, y * PIXEL + j)) for i, j in points)
        return (count * 255 + 8) // 16


def draw(
    atlas: Atlas, lines: list[tuple[str, Place]], size: tuple[int, int], box: tuple[int, ...]
) -> np.ndarray | None:
    """Draw a box x, y, width, height of a picture (width, height)."""
    left, top, width, height = box
    planes = np.zeros((2, height, width), np.uint8)
    for text, place in lines:
        line = Line(atlas, text, place)
        if not guides(text, place, *size) or not line.has_ink:
            continue
        for y in range(height):
            for x in range(width):
                reach = line.reach(left + x, top + y)
                if reach:
                    ink = line.ink(left + x, top + y)
                    planes[:, y, x] = np.maximum(planes[:, y, x], [ink, reach])
    return planes if planes[1].any() else None

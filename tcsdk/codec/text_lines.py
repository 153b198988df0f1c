"""Find the lines of text in a picture, by what a codec's own text detector says of its blocks.

Blocks of 16x16 pixels say where to look. There, lines are parted by the white between them: the
recursive X-Y cut (Nagy and Seth 1984) on the edges of upright strokes, along the direction in which
the lines run. Rules and frames have few of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.quality_map import grown
from tcsdk.codec.resampling import reduced
from tcsdk.codec.text_size import TextPlanes
from tcsdk.model.grids import Y_STRIDE

Mask = NDArray[np.bool_]
Box = NDArray[np.float32]  # (4, 2), as tcsdk.reading.boxes has them

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
_TEXT = 0.5  # the detector's probability from which a block counts as text
# An edge: so much contrast to the next pixel, in grey levels and as part of the strongest edges.
_LEAST_EDGE, _PART_OF_STRONGEST = 10.0, 0.22
# Slopes that are tried, rise over run, and the steps by which the best is bettered: lines lean up
# to 10 degrees.
_SLOPES = (-0.17, -0.13, -0.09, -0.05, -0.02, 0.0, 0.02, 0.05, 0.09, 0.13, 0.17)
_FINER = (0.02, 0.01, 0.005)
# A group leans if rows get free by straightening it: so many of those that its slope rises by. A
# short line of slanted letters has uneven rows too, but takes more of them.
_FREED = 0.5
# A row between two lines has at most so many edges, as part of what rows full of text have; where
# lines stand so close that their tails meet, at most _CLOSE, between parts of about one height.
_WHITE, _CLOSE = 0.1, 0.4
_BUSY_ROWS = 90  # percentile
# Of a line's height: a gap from which on what follows is another line, the margin of its box on top
# and below, at the ends, and the height below which a strip belongs to the line beside it.
_GAP, _MARGIN, _ENDS, _STRIP = 1.1, 0.12, 0.25, 0.3
_LOWEST, _NARROWEST = 5, 3  # pixels of a line
# Pixels of a line, at the size looked at: where a smaller size is looked at too, and where a larger
# one was.
_MOST_LARGER, _LEAST_SMALLER = 72.0, 26.0
_COMMON = 0.3  # of the smaller one of two boxes, from which they are one line
_ALIKE = 0.5  # of the tallest part's height
_DEEPEST = 3  # cuts in a row
# Of a box: the least part of blocks that the detector takes for text, and how full of edges it is.
_SURE, _EMPTY, _FULL = 0.3, 0.04, 0.85


class _Strip(NamedTuple):
    """Rows and columns of a group, from and to."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left


@dataclass(frozen=True)
class _Group:
    """Blocks that touch: where they lie in the picture, and the edges inside them.

    Attributes:
        left, top: Of the group, pixels of the picture.
        edges: (h, w) bool, sheared by `slope`: row y of column x was row y + slope * x.
        slope: Rise over run of its lines, y downwards.
        lift: Rows that were added on top by shearing.
    """

    left: int
    top: int
    edges: Mask
    slope: float
    lift: int

    def box(self, strip: _Strip) -> Box:
        """Return the corners of a line in the picture, with its margins."""
        above, beside = _MARGIN * strip.height, _ENDS * strip.height
        x = np.array([strip.left - beside, strip.right + beside], np.float32)
        y = np.array([strip.top - above, strip.bottom + above], np.float32) - self.lift
        corners = np.array([[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]]])
        corners[:, 1] += self.slope * corners[:, 0]
        corners += np.array([self.left, self.top])
        return np.asarray(corners, np.float32)


def find_lines(pixels: NDArray[np.uint8], levels: Sequence[TextPlanes]) -> list[Box]:
    """Return the lines of text in a picture, upright or leaning a little.

    Args:
        pixels: (H, W, 3) uint8.
        levels: What the detector says of the picture at its own size and, for letters above some
            70 pixels, at smaller ones.

    Returns:
        (4, 2) float32 each, x and y in pixels: top left, top right, bottom right, bottom left. In
        no order; they may reach past the picture by their margins.
    """
    boxes: list[Box] = []
    for level in levels:
        least = _LOWEST if level is levels[0] else _LEAST_SMALLER
        most = np.inf if level is levels[-1] else _MOST_LARGER
        found = _at_level(reduced(pixels, level.scale), level.probability >= _TEXT, least, most)
        larger = (box / np.float32(level.scale) for box in found)
        boxes += [box for box in larger if not any(_overlap(box, other) for other in boxes)]
    return boxes


def _at_level(pixels: NDArray[np.uint8], sure: Mask, least: float, most: float) -> list[Box]:
    """Return the lines of a picture at one size whose heights are within bounds."""
    height, width = pixels.shape[:2]
    luma = np.asarray(pixels @ _LUMA, np.float32)
    boxes: list[Box] = []
    for blocks in _groups(grown(sure)):
        rows, columns = np.nonzero(blocks)
        top, left = (int(axis.min()) * Y_STRIDE for axis in (rows, columns))
        bottom = min(height, (int(rows.max()) + 1) * Y_STRIDE)
        right = min(width, (int(columns.max()) + 1) * Y_STRIDE)
        inside = _on_pixels(blocks, height, width)[top:bottom, left:right]
        group = _sheared(left, top, _edges(luma[top:bottom, left:right], inside))
        strips = (s for s in _lines(group.edges) if least <= s.height <= most)
        boxes += [box for box in map(group.box, strips) if _sure_of(sure, box) >= _SURE]
    return boxes


def _overlap(box: Box, other: Box) -> bool:
    """Whether two boxes have a good part of the smaller one in common, axes along the picture."""
    low, high = np.maximum(box.min(0), other.min(0)), np.minimum(box.max(0), other.max(0))
    common = np.prod(np.clip(high - low, 0, None))
    smaller = min(np.prod(np.ptp(each, axis=0)) for each in (box, other))
    return bool(common > _COMMON * smaller)


def _groups(blocks: Mask) -> Iterator[Mask]:
    """Yield the blocks that touch each other, a mask for each set of them."""
    left = {(int(y), int(x)) for y, x in zip(*np.nonzero(blocks), strict=True)}
    while left:
        waiting = [left.pop()]
        group = np.zeros_like(blocks)
        while waiting:
            y, x = waiting.pop()
            group[y, x] = True
            around = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= around
            waiting += around
        yield group


def _on_pixels(blocks: Mask, height: int, width: int) -> Mask:
    return blocks.repeat(Y_STRIDE, 0).repeat(Y_STRIDE, 1)[:height, :width]


def _edges(luma: NDArray[np.float32], inside: Mask) -> Mask:
    """Return the pixels that differ clearly from the one on their left."""
    contrast = np.zeros_like(luma)
    contrast[:, 1:] = np.abs(np.diff(luma, axis=1))
    contrast[~inside] = 0
    strongest = np.percentile(contrast[inside], 98)
    return np.asarray(contrast > max(_LEAST_EDGE, _PART_OF_STRONGEST * strongest))


def _sheared(left: int, top: int, edges: Mask) -> _Group:
    """Return a group whose lines run along its rows: at the slope whose rows differ most."""
    height, width = edges.shape
    y, x = np.nonzero(edges)
    if not y.size:
        return _Group(left, top, edges, 0.0, 0)

    def lift(slope: float) -> int:
        return int(np.ceil(max(0.0, slope) * width))

    def rows_at(slope: float) -> NDArray[np.intp]:
        return np.rint(y - slope * x).astype(np.intp) + lift(slope)

    def unevenness(slope: float) -> float:
        return float(np.square(np.diff(np.bincount(rows_at(slope)))).sum())

    def taken(slope: float) -> int:
        profile = np.bincount(rows_at(slope))
        return int((profile > _WHITE * _busy(profile)).sum())

    best = max(_SLOPES, key=unevenness)
    for step in _FINER:
        best = max((best, best - step, best + step), key=unevenness)
    freed = taken(0.0) - taken(best)
    slope = best if freed > _FREED * abs(best) * float(np.ptp(x)) else 0.0
    rows = rows_at(slope)
    made = np.zeros((max(height, int(rows.max()) + 1), width), np.bool_)
    made[rows, x] = True
    return _Group(left, top, made, slope, lift(slope))


def _lines(edges: Mask) -> Iterator[_Strip]:
    """Yield the lines of a group's edges."""
    whole = _Strip(0, edges.shape[0], 0, edges.shape[1])
    for strip in _cut(edges, whole, _DEEPEST):
        full = edges[strip.top : strip.bottom, strip.left : strip.right].mean()
        large = strip.height >= _LOWEST and strip.width >= _NARROWEST
        if large and _EMPTY <= full <= _FULL:
            yield strip


def _cut(edges: Mask, strip: _Strip, depth: int) -> Iterator[_Strip]:
    """Cut a strip into rows of text, and those at wide gaps, until nothing changes."""
    for top, bottom in _bands(edges[strip.top : strip.bottom, strip.left : strip.right].sum(1)):
        band = _Strip(strip.top + top, strip.top + bottom, strip.left, strip.right)
        columns = edges[band.top : band.bottom, band.left : band.right].any(0)
        parts = _joined(_runs(np.asarray(columns)), _GAP * band.height)
        for left, right in parts:
            part = _Strip(band.top, band.bottom, band.left + left, band.left + right)
            if depth == 1 or part == strip:
                yield part
            else:
                yield from _cut(edges, part, depth - 1)


def _bands(profile: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Return the rows of each line: where there are edges, strips put to the line beside them."""
    if not profile.any():
        return []
    busy = _busy(profile)
    bands = _runs(np.asarray(profile > _WHITE * busy))
    tallest = max(bottom - top for top, bottom in bands)
    made: list[tuple[int, int]] = []
    for top, bottom in bands:
        low = min(bottom - top, made[-1][1] - made[-1][0]) if made else tallest
        if made and top - made[-1][1] <= _STRIP * tallest and low <= _STRIP * tallest:
            made[-1] = (made[-1][0], bottom)
        else:
            made.append((top, bottom))
    return [part for top, bottom in made for part in _parted(profile, top, bottom, busy)]


def _busy(profile: NDArray[np.intp]) -> float:
    """Return how many edges rows full of text have; one row has some."""
    return float(np.percentile(profile[profile > 0], _BUSY_ROWS))


def _parted(
    profile: NDArray[np.intp], top: int, bottom: int, busy: float
) -> Iterator[tuple[int, int]]:
    """Part lines whose tails meet: at the emptiest rows between parts of about one height."""
    parts = [(top + a, top + b) for a, b in _runs(profile[top:bottom] > _CLOSE * busy)]
    tallest = max((b - a for a, b in parts), default=0)
    parts = [(a, b) for a, b in parts if b - a >= _ALIKE * tallest and b - a >= _LOWEST - 1]
    begin = top
    for (_, a), (b, _) in pairwise(parts):
        cut = a + int(profile[a:b].argmin())
        yield begin, cut
        begin = cut
    yield begin, bottom


def _runs(flags: Mask) -> list[tuple[int, int]]:
    """Return where flags are set, from and to."""
    steps = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in steps.reshape(-1, 2)]


def _joined(runs: list[tuple[int, int]], gap: float) -> list[tuple[int, int]]:
    """Return runs with those put together that are less than a gap apart."""
    made: list[tuple[int, int]] = []
    for left, right in runs:
        if made and left - made[-1][1] < gap:
            made[-1] = (made[-1][0], right)
        else:
            made.append((left, right))
    return made


def _sure_of(sure: Mask, box: Box) -> float:
    """Return which part of a box the detector takes for text."""
    (left, top), (right, bottom) = box.min(0) / Y_STRIDE, box.max(0) / Y_STRIDE
    part = sure[max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 1]
    return float(part.mean()) if part.size else 0.0

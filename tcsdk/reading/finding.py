"""Find the lines of text in a picture, by what a codec's own text detector says of its blocks.

Blocks of 16x16 pixels say where to look. There, lines are parted by the white between them: the
recursive X-Y cut (Nagy and Seth 1984) on edges, along the direction in which the lines run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.quality_map import grown
from tcsdk.codec.text_size import TextPlanes
from tcsdk.model.grids import Y_STRIDE
from tcsdk.reading.boxes import Box

Mask = NDArray[np.bool_]

_TEXT = 0.5  # the detector's probability from which a block counts as text
# An edge: so much contrast to the next pixel, in grey levels and as part of the strongest edges.
_LEAST_EDGE, _PART_OF_STRONGEST = 10.0, 0.22
# Slopes that are tried, rise over run: lines lean up to 10 degrees.
_SLOPES = (-0.17, -0.12, -0.08, -0.05, -0.025, 0.0, 0.025, 0.05, 0.08, 0.12, 0.17)
# A row between two lines has at most so many edges, as part of what rows full of text have.
_WHITE = 0.1
_BUSY_ROWS = 90  # percentile
# Of a line's height: a gap from which on what follows is another line, the margin of its box on top
# and below, at the ends, and the height below which a strip belongs to the line beside it.
_GAP, _MARGIN, _ENDS, _STRIP = 1.1, 0.12, 0.25, 0.3
_LOWEST, _NARROWEST = 5, 3  # pixels of a line
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
        return (corners + np.array([self.left, self.top])).astype(np.float32)


def find_lines(pixels: NDArray[np.uint8], levels: Sequence[TextPlanes]) -> list[Box]:
    """Return the lines of text in a picture, upright or leaning a little.

    Args:
        pixels: (H, W, 3) uint8.
        levels: What the detector says of the picture at its own size and, for letters above some
            90 pixels, at smaller ones.

    Returns:
        (4, 2) float32 each, x and y in pixels: top left, top right, bottom right, bottom left. In
        no order; they may reach past the picture by their margins.
    """
    height, width = pixels.shape[:2]
    sure = _text_blocks(levels)
    luma = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
    boxes: list[Box] = []
    for blocks in _groups(grown(sure)):
        rows, columns = np.nonzero(blocks)
        top, left = (int(axis.min()) * Y_STRIDE for axis in (rows, columns))
        bottom = min(height, (int(rows.max()) + 1) * Y_STRIDE)
        right = min(width, (int(columns.max()) + 1) * Y_STRIDE)
        inside = _on_pixels(blocks, height, width)[top:bottom, left:right]
        group = _sheared(left, top, _edges(luma[top:bottom, left:right], inside))
        boxes += [
            box
            for box in (group.box(strip) for strip in _lines(group.edges))
            if _sure_of(sure, box) >= _SURE
        ]
    return boxes


def _text_blocks(levels: Sequence[TextPlanes]) -> Mask:
    """Return which blocks of the first level show text there or at a smaller size."""
    finest = levels[0]
    text = finest.probability >= _TEXT
    for level in levels[1:]:
        ratio = level.scale / finest.scale
        rows, columns = (
            np.minimum(((np.arange(n) + 0.5) * ratio).astype(int), limit - 1)
            for n, limit in zip(text.shape, level.probability.shape, strict=True)
        )
        text = text | (level.probability >= _TEXT)[rows[:, None], columns]
    return np.asarray(text)


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
    """Return the pixels that differ clearly from the next one."""
    contrast = np.zeros_like(luma)
    contrast[:, 1:] = np.abs(np.diff(luma, axis=1))
    contrast[1:] = np.maximum(contrast[1:], np.abs(np.diff(luma, axis=0)))
    contrast[~inside] = 0
    strongest = np.percentile(contrast[inside], 98)
    return np.asarray(contrast > max(_LEAST_EDGE, _PART_OF_STRONGEST * strongest))


def _sheared(left: int, top: int, edges: Mask) -> _Group:
    """Return a group whose lines run along its rows: at the slope whose rows differ most."""
    height, width = edges.shape
    y, x = np.nonzero(edges)
    lifts = {slope: int(np.ceil(max(0.0, slope) * width)) for slope in _SLOPES}

    def rows_at(slope: float) -> NDArray[np.intp]:
        return np.rint(y - slope * x).astype(np.intp) + lifts[slope]

    def unevenness(slope: float) -> float:
        return float(np.square(np.diff(np.bincount(rows_at(slope)))).sum()) if y.size else 0.0

    straight = unevenness(0.0)
    best = max(_SLOPES, key=unevenness)
    slope = best if unevenness(best) > 1.1 * straight else 0.0
    rows = rows_at(slope)
    made = np.zeros((max(height, int(rows.max(initial=0)) + 1), width), np.bool_)
    made[rows, x] = True
    return _Group(left, top, made, slope, lifts[slope])


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
        parts = _joined(_runs(columns), _GAP * band.height)
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
    busy = np.percentile(profile[profile > 0], _BUSY_ROWS)
    bands = _runs(profile > _WHITE * busy)
    tallest = max(bottom - top for top, bottom in bands)
    made: list[tuple[int, int]] = []
    for top, bottom in bands:
        low = min(bottom - top, made[-1][1] - made[-1][0]) if made else tallest
        if made and top - made[-1][1] <= _STRIP * tallest and low <= _STRIP * tallest:
            made[-1] = (made[-1][0], bottom)
        else:
            made.append((top, bottom))
    return made


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

"""Parts of a picture of several tiles each, which a graph computes at once for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from tcsdk.codec.tiles import Box, TileGrid

Made = TypeVar("Made")


class Spans(Generic[Made]):
    """What a graph makes of each span: once, when the first of its tiles is asked for.

    A tile sees 128 pixels around it: 2.25 times its area at a side of 512. Around a span of 4 x 4
    tiles that is 1.27 times. One span is computed at a time; the graph's threads share it.

    Args:
        grid: The picture's tiles.
        area: The part of the picture that is wanted, whole tiles.
        side: Of a span, pixels.
        make: Computes a span.
    """

    def __init__(self, grid: TileGrid, area: Box, side: int, make: Callable[[Box], Made]) -> None:
        self._grid, self._area, self._make = grid, area, make
        self._tiles = max(1, side // grid.side)  # of a span's side
        self._made: dict[tuple[int, int], tuple[Made, Box]] = {}
        self._taken: Counter[tuple[int, int]] = Counter()
        self._lock = Lock()

    def of(self, index: int) -> tuple[Made, Box]:
        """Return what was made of a tile's span, and the span; once for each tile.

        What was made is let go with the last of its tiles.
        """
        row, column = divmod(index, self._grid.columns)
        place = row // self._tiles, column // self._tiles
        with self._lock:
            if place not in self._made:
                box = self._box(*place)
                self._made[place] = self._make(box), box
            made = self._made[place]
            self._taken[place] += 1
            if self._taken[place] == sum(1 for _ in self._grid.touching(made[1])):
                del self._made[place]
        return made

    def _box(self, row: int, column: int) -> Box:
        side = self._tiles * self._grid.side
        return Box(column * side, row * side, side, side).overlap(self._area)

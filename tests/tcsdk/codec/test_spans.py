"""Spans: each computed once, cut to the part that is wanted, let go with its last tile."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

from tcsdk.codec.spans import Spans
from tcsdk.codec.tiles import Box, TileGrid

GRID = TileGrid(700, 500, 64)  # 11 x 8 tiles, the last ones cut


class Made:
    """What a graph makes."""


def spans_of(grid: TileGrid, area: Box, side: int) -> tuple[Spans[Made], list[Box]]:
    asked: list[Box] = []

    def make(box: Box) -> Made:
        asked.append(box)
        return Made()

    return Spans(grid, area, side, make), asked


def test_every_tile_lies_in_its_span_and_every_span_is_made_once():
    spans, asked = spans_of(GRID, GRID.picture, 256)
    with ThreadPoolExecutor(4) as pool:
        boxes = [box for _, box in pool.map(spans.of, range(len(GRID)))]
    for index, box in enumerate(boxes):
        assert GRID[index].overlap(box) == GRID[index]
    assert len(asked) == len({(box.x, box.y) for box in boxes}) == 3 * 2
    assert sum(box.width * box.height for box in asked) == GRID.width * GRID.height


def test_a_region_makes_no_more_than_its_tiles():
    area = GRID.covering(Box(130, 70, 30, 200))
    spans, asked = spans_of(GRID, area, 2048)
    for index in GRID.touching(area):
        assert spans.of(index)[1] == area
    assert asked == [area]


def test_a_side_below_a_tiles_is_a_tile():
    spans, asked = spans_of(GRID, GRID.picture, 1)
    assert spans.of(13)[1] == GRID[13]
    assert asked == [GRID[13]]


def test_what_was_made_goes_with_the_last_tile():
    spans, _ = spans_of(GRID, GRID.picture, 128)
    kept = [weakref.ref(spans.of(index)[0]) for index in (0, 1, 11)]
    gc.collect()
    assert all(one() is not None for one in kept)
    last = weakref.ref(spans.of(12)[0])
    gc.collect()
    assert last() is None
    assert spans.of(2)[1] == Box(128, 0, 128, 128)

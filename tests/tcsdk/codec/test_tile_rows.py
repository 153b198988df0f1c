"""Rows of tiles: each made once, in order, let go with its last tile; the same pixels as whole."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

import tcsdk
from tcsdk.codec.tile import TileDecoder, TileEncoder
from tcsdk.codec.tile_rows import TileRows, analysed_rows, synthesised_rows
from tcsdk.codec.tiles import Box, TileGrid
from tcsdk.codec.windows import Decoded, crop_analysis
from tcsdk.engines import RowsGraph
from tcsdk.engines.select import select_engine
from tcsdk.model.find import find_model

GRID = TileGrid(700, 500, 64)  # 11 x 8 tiles, the last ones cut


class Made:
    """What a graph makes of a row."""

    def __init__(self, box: Box) -> None:
        self.box = box


def rows_of(area: Box) -> tuple[TileRows[Made], list[Box]]:
    asked: list[Box] = []

    def made() -> Iterator[Made]:
        for box in GRID.rows(area):
            asked.append(box)
            yield Made(box)

    return TileRows(GRID, area, made()), asked


def test_every_tile_lies_in_its_row_and_every_row_is_made_once_and_in_order():
    rows, asked = rows_of(GRID.picture)
    with ThreadPoolExecutor(4) as pool:
        boxes = [made.box for made in pool.map(rows.of, range(len(GRID)))]
    for index, box in enumerate(boxes):
        assert GRID[index].overlap(box) == GRID[index]
    assert asked == list(GRID.rows(GRID.picture))
    assert [box.height for box in asked] == [64] * 7 + [52]


def test_a_region_makes_no_more_than_its_tiles():
    area = GRID.covering(Box(130, 70, 30, 200))
    rows, asked = rows_of(area)
    boxes = {rows.of(index).box for index in GRID.touching(area)}
    assert boxes == set(asked) == set(GRID.rows(area))
    assert sum(box.width * box.height for box in asked) == area.width * area.height


def test_rows_that_nobody_asked_for_are_made_on_the_way():
    rows, asked = rows_of(GRID.picture)
    assert rows.of(3 * 11 + 5).box == Box(0, 192, 700, 64)
    assert len(asked) == 4


def test_what_was_made_goes_with_the_last_tile():
    rows, _ = rows_of(GRID.picture)
    kept = [weakref.ref(rows.of(index)) for index in range(10)]
    gc.collect()
    assert all(one() is not None for one in kept)
    last = weakref.ref(rows.of(10))
    gc.collect()
    assert last() is None


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    rng = np.random.default_rng(8)
    rows, columns = np.mgrid[:1100, :620]
    planes = [(rows * 2 + columns * 3 + 50 * c) % 256 for c in range(3)]
    return (np.stack(planes, 2) + rng.integers(0, 30, (1100, 620, 3))).clip(0, 255).astype(np.uint8)


def test_rows_of_tiles_give_what_the_whole_picture_gives(picture):
    """Steps of 128 rows: the same bits as one run, to encode and to decode."""
    (model, _), engine = find_model("tfic"), select_engine("libtcs", 2)
    coder = TileEncoder.load(model, "packed", engine)
    decoder = TileDecoder.load(model, "packed", engine)
    assert isinstance(coder.analysis, RowsGraph)
    assert isinstance(decoder.synthesis, RowsGraph)
    grid = TileGrid(picture.shape[1], picture.shape[0], 128)
    whole, window = coder.analyse(picture, grid.picture, 1, concurrent=False)
    tiles = {}
    rows = analysed_rows(coder, coder.analysis, picture, grid, 1, concurrent=False)
    made = TileRows(grid, grid.picture, rows)
    for index in range(len(grid)):
        said = crop_analysis(*_seen(made.of(index), grid[index]))
        expected = crop_analysis(whole, grid[index], window)
        np.testing.assert_array_equal(said.residual, expected.residual)
        np.testing.assert_array_equal(said.z_hat, expected.z_hat)
        np.testing.assert_array_equal(said.asked, expected.asked)
        r = np.rint(said.residual).astype(np.int16)
        gains = np.ones(r.shape if index % 2 else (len(r), 1, 1), np.float32)
        tiles[index] = Decoded(said.z_hat, r, bool(index % 2), partial(np.copy, gains))
    at_once = decoder.synthesise(grid.picture, grid, tiles, 24, grid.picture, concurrent=False)
    area = grid.picture
    parts = synthesised_rows(decoder, decoder.synthesis, area, grid, tiles, 24, concurrent=False)
    shown = np.concatenate([pixels for pixels, _ in parts])
    np.testing.assert_array_equal(shown[: area.height, : area.width], at_once)


def _seen(made, box):
    outputs, window = made
    return outputs, box, window


def test_a_region_shows_the_rows_that_it_is_of(picture):
    encoder = tcsdk.Encoder("tfic", device="libtcs", precision="packed")
    decoder = tcsdk.Decoder("libtcs", precision="packed")
    stream = encoder.encode(picture, quality=24, scale=1.0)
    whole = np.asarray(decoder.decode(stream)).astype(int)
    part = np.asarray(decoder.decode(stream, region=(100, 600, 300, 450))).astype(int)
    apart = np.abs(part - whole[600:1050, 100:400])
    assert apart.max() <= 8
    assert apart.mean() < 0.1

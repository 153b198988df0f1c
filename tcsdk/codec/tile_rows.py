"""Rows of tiles, which a graph makes one after the other on its way down a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.tile import TileDecoder, TileEncoder
from tcsdk.codec.tiles import Box, TileGrid
from tcsdk.codec.windows import Decoded
from tcsdk.engines.base import AnyArrays, RowsGraph
from tcsdk.model.graphs import X
from tcsdk.model.grids import Z_STRIDE

Made = TypeVar("Made")


class TileRows(Generic[Made]):
    """What a graph makes of each row of tiles: once, when the first tile of it is asked for.

    A tile by itself sees 128 pixels around it: 2.25 times its area at a side of 512. A graph that
    goes down the picture computes each pixel once. One row is computed at a time; the graph's
    threads share it.

    Args:
        grid: The picture's tiles.
        area: The part of the picture that is wanted, whole tiles.
        made: Of each row of tiles that the area touches, from the top.
    """

    def __init__(self, grid: TileGrid, area: Box, made: Iterator[Made]) -> None:
        self._grid, self._iterator = grid, made
        columns = grid.touching(Box(area.x, area.y, area.width, 1))
        self._tiles = sum(1 for _ in columns)  # of a row
        self._next = area.y // grid.side
        self._made: dict[int, Made] = {}
        self._taken: Counter[int] = Counter()
        self._lock = Lock()

    def of(self, index: int) -> Made:
        """Return what was made of a tile's row; once for each tile.

        What was made is let go with the last of its tiles.
        """
        row = index // self._grid.columns
        with self._lock:
            while self._next <= row:
                self._made[self._next] = next(self._iterator)
                self._next += 1
            made = self._made[row]
            self._taken[row] += 1
            if self._taken[row] == self._tiles:
                del self._made[row]
        return made


def analysed_rows(
    codec: TileEncoder,
    graph: RowsGraph,
    pixels: NDArray[np.uint8],
    grid: TileGrid,
    z_level: int,
    *,
    concurrent: bool,
) -> Iterator[tuple[Mapping[str, NDArray[np.float32]], Box]]:
    """Analyse a picture, a row of tiles at a time.

    Args:
        codec: Tables, and what is promised of the graph.
        graph: The analysis graph.
        pixels: (H, W, 3) uint8, the whole picture.
        grid: Its tiles.
        z_level: How finely z is quantised.
        concurrent: Other pictures are analysed at the same time.

    Yields:
        What `crop_analysis` takes of each row of tiles.
    """
    inputs: AnyArrays = {X: pixels, **codec.analysis_inputs(z_level)}
    rows = list(grid.rows(grid.picture))
    analysed = graph.analysed(inputs, map(_units, rows), concurrent=concurrent)
    for row, said in zip(rows, analysed, strict=True):
        yield codec.checked(said), row


def synthesised_rows(
    codec: TileDecoder,
    graph: RowsGraph,
    area: Box,
    grid: TileGrid,
    tiles: Mapping[int, Decoded],
    quality: int,
    *,
    concurrent: bool,
) -> Iterator[tuple[NDArray[np.uint8], Box]]:
    """Make the pixels of whole tiles, a row of them at a time.

    Args:
        codec: Tables.
        graph: The synthesis graph.
        area: The tiles; the graph sees as much around them as around one.
        grid: The picture's tiles.
        tiles: Those of the area and their neighbours.
        quality: 0..63.
        concurrent: Other pictures are synthesised at the same time.

    Yields:
        What `crop_synthesis` takes of each row of tiles.
    """
    window = area.grown(codec.halo, grid.picture)

    def latents(first: int, last: int) -> AnyArrays:
        y, height = window.y + Z_STRIDE * first, Z_STRIDE * (last - first)
        part = Box(window.x, y, window.width, height).overlap(window)
        return codec.latents(part, grid, tiles, quality, 0)[0]

    above = Box(window.x, window.y, window.width, area.y - window.y)
    steps = [row for row in (above, *grid.rows(area)) if row.height]
    shape, units = (window.height, window.width), map(_units, steps)
    made = graph.synthesised(shape, units, latents, concurrent=concurrent)
    for row, pixels in zip(steps, made, strict=True):
        if row is not above:
            yield pixels, Box(window.x, row.y, pixels.shape[1], pixels.shape[0])


def _units(row: Box) -> int:
    return row.on_grid(Z_STRIDE).height

"""A picture, and what the analysis graph says of all its tiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.captioning import CaptionStates
from tcsdk.codec.context import Surroundings
from tcsdk.codec.text_size import TextPlanes
from tcsdk.codec.tile import TileEncoder
from tcsdk.codec.tile_rows import TileRows, analysed_rows
from tcsdk.codec.tiles import Box, TileGrid
from tcsdk.codec.windows import Analysed, crop_analysis
from tcsdk.engines.base import RowsGraph
from tcsdk.many.parallel import Work, ordered_map
from tcsdk.model.graphs import ANALYSIS
from tcsdk.model.grids import Y_STRIDE
from tcsdk.timings import Stopwatch

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class PictureAnalysis:
    """A picture, its tiles, and what the analysis graph says of them.

    Attributes:
        codec: Graph and tables.
        pixels: (H, W, 3) uint8.
        grid: The picture's tiles.
        work: How many tiles at once, and whether other pictures are in work too.
        watch: Adds up the time per stage.
        caption: What the picture shows, for a model that is told; None for no caption.
    """

    codec: TileEncoder
    pixels: NDArray[np.uint8]
    grid: TileGrid
    work: Work
    watch: Stopwatch
    caption: CaptionStates | None = None
    _kept: dict[int, list[Analysed]] = field(default_factory=dict, repr=False)

    def predicted(self, tile: Analysed, quality: int, around: Surroundings) -> Analysed:
        """Return what the graphs say of a tile, with r where the model has a context."""
        with self.watch.stage(ANALYSIS):
            return self.codec.predicted(tile, quality, around, concurrent=self.work.concurrent)

    def kept(self, quality: int) -> list[Analysed]:
        """Return all tiles: the graph runs once per z level only."""
        level = self._z_level(quality)
        if level not in self._kept:
            self._kept[level] = self.each(lambda index, tile: tile, quality)
        return self._kept[level]

    def each(self, function: Callable[[int, Analysed], Result], quality: int) -> list[Result]:
        """Run the graph on the picture, and call a function with each tile, several at once."""
        level, rows = self._z_level(quality), None
        graph = self.codec.analysis
        if isinstance(graph, RowsGraph):
            beside = self.work.pictures_beside
            said = analysed_rows(
                self.codec, graph, self.pixels, self.grid, level, concurrent=beside
            )
            rows = TileRows(self.grid, self.grid.picture, said)

        def tile(index: int) -> Result:
            box = self.grid[index]
            with self.watch.stage(ANALYSIS):
                outputs, window = rows.of(index) if rows else self._said(box, level)
                analysed = crop_analysis(outputs, box, window)
            return function(index, analysed)

        return self.on_tiles(tile)

    def _said(self, box: Box, level: int) -> tuple[Mapping[str, NDArray[np.float32]], Box]:
        return self.codec.analyse(
            self.pixels, box, level, concurrent=self.work.concurrent, caption=self.caption
        )

    def text_planes(self, scale: float, quality: int) -> TextPlanes | None:
        """Return what the detector says; None where the model has none that says how much finer.

        Args:
            scale: At which the picture is, for the planes.
            quality: Of the streams that are made of the same analysis.
        """
        if not self.codec.adaptive:
            return None
        blocks = self.grid.picture.on_grid(Y_STRIDE)
        planes = np.zeros((2, blocks.height, blocks.width), np.float32)
        kept = next(iter(self._kept.values()), None) or self.kept(quality)
        for index, tile in enumerate(kept):
            at = self.grid[index].on_grid(Y_STRIDE)
            planes[:, at.y : at.bottom, at.x : at.right] = tile.probability, tile.asked
        return TextPlanes(scale, *planes)

    def on_tiles(self, function: Callable[[int], Result]) -> list[Result]:
        """Call a function for each tile, several at once."""
        return list(ordered_map(function, range(len(self.grid)), self.work.workers))

    def _z_level(self, quality: int) -> int:
        return int(self.codec.bundle.z_level_of_quality[quality])

"""One picture on its way through graph and kernel to a stream."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import Header
from tcsdk.codec import TileEncoder
from tcsdk.parallel import Work, ordered_map
from tcsdk.stream import join_stream
from tcsdk.target import best_that_fits
from tcsdk.tiles import TileGrid
from tcsdk.timings import Stopwatch
from tcsdk.windows import Analysed


@dataclass(frozen=True)
class Encoding:
    """A picture, its tiles, and what encodes them.

    Attributes:
        codec: Graph and tables.
        pixels: (H, W, 3) uint8.
        grid: The picture's tiles.
        maps: Tile index -> (h, w) int8 quality offsets.
        ancillary: Metadata chunks.
        header: Quality -> header.
        work: How many tiles at once, and whether other pictures are in work too.
        watch: Adds up the time per stage.
    """

    codec: TileEncoder
    pixels: NDArray[np.uint8]
    grid: TileGrid
    maps: Mapping[int, NDArray[np.int8]]
    ancillary: Sequence[tuple[int, bytes]]
    header: Callable[[int], Header]
    work: Work
    watch: Stopwatch

    def at_quality(self, quality: int) -> bytes:
        """Make one stream, each tile straight through: only payloads are kept."""
        z_level = self._z_level(quality)
        payloads = ordered_map(
            lambda index: self._code(index, self._analyse(index, z_level), quality),
            range(len(self.grid)),
            self.work.workers,
        )
        return self._join(quality, list(payloads))

    def within(self, max_bytes: int, highest: int) -> bytes:
        """Make the finest stream that fits: the graph runs once per z level, its outputs stay.

        Raises:
            TargetTooSmallError: None fits.
        """
        tiles = range(len(self.grid))

        @cache
        def analysed(z_level: int) -> list[Analysed]:
            return list(
                ordered_map(lambda index: self._analyse(index, z_level), tiles, self.work.workers)
            )

        def make(quality: int) -> bytes:
            parts = analysed(self._z_level(quality))
            payloads = ordered_map(
                lambda index: self._code(index, parts[index], quality), tiles, self.work.workers
            )
            return self._join(quality, list(payloads))

        return best_that_fits(make, max_bytes, highest)

    def _z_level(self, quality: int) -> int:
        return int(self.codec.bundle.z_level_of_quality[quality])

    def _analyse(self, index: int, z_level: int) -> Analysed:
        with self.watch.stage("analysis"):
            return self.codec.analyse(
                self.pixels, self.grid[index], z_level, concurrent=self.work.concurrent
            )

    def _code(self, index: int, tile: Analysed, quality: int) -> bytes:
        with self.watch.stage("kernel"):
            return self.codec.code(tile, quality, self.maps.get(index))

    def _join(self, quality: int, payloads: list[bytes]) -> bytes:
        with self.watch.stage("write"):
            return join_stream(self.header(quality), self.ancillary, payloads, self.maps)

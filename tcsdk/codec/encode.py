"""One picture on its way through graph and kernel to a stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import Header, Layer
from tcsdk.codec.blending import find_threshold
from tcsdk.codec.container import PackedTile, join_stream
from tcsdk.codec.quality_map import Offsets, tile_offsets
from tcsdk.codec.rate_search import best_that_fits
from tcsdk.codec.tile import TileEncoder
from tcsdk.codec.tiles import TileGrid
from tcsdk.codec.windows import Analysed
from tcsdk.many.parallel import Work, ordered_map
from tcsdk.model.graphs import ANALYSIS
from tcsdk.timings import Stopwatch

Result = TypeVar("Result")


@dataclass(frozen=True)
class LayerEncoding:
    """A picture, its tiles, and what encodes them as one layer.

    Attributes:
        codec: Graph and tables.
        pixels: (H, W, 3) uint8.
        grid: The picture's tiles.
        asked: Quality offsets of the picture, or None.
        text_boost: Further steps for blocks that show text.
        adaptive: Whether blocks get the steps that the model asks for.
        work: How many tiles at once, and whether other pictures are in work too.
        watch: Adds up the time per stage.
    """

    codec: TileEncoder
    pixels: NDArray[np.uint8]
    grid: TileGrid
    asked: Offsets | None
    text_boost: int
    adaptive: bool
    work: Work
    watch: Stopwatch

    @property
    def adapts(self) -> bool:
        """Whether the model has a say in the quality of blocks."""
        return self.adaptive and self.codec.adaptive

    def straight(self, quality: int) -> list[PackedTile]:
        """Make the tiles once, each straight through: only payloads are kept."""
        level = self._z_level(quality)
        return self._on_tiles(lambda i: self._code(i, self._analyse(i, level), quality))

    def kept(self) -> Callable[[int], list[PackedTile]]:
        """Return what makes the tiles of a quality: the graph runs once per z level only."""

        @cache
        def analysed(level: int) -> list[Analysed]:
            return self._on_tiles(lambda i: self._analyse(i, level))

        def make(quality: int) -> list[PackedTile]:
            parts = analysed(self._z_level(quality))
            return self._on_tiles(lambda i: self._code(i, parts[i], quality))

        return make

    def threshold(self, tiles: Sequence[PackedTile], quality: int) -> int:
        """Return what parts this layer's blocks of text from the others, for blending."""
        with self.watch.stage("kernel"):
            activity = self._on_tiles(
                lambda i: self.codec.coded_activity(tiles[i], self.grid[i], quality)
            )
            return find_threshold(self.grid, activity)

    def _on_tiles(self, function: Callable[[int], Result]) -> list[Result]:
        return list(ordered_map(function, range(len(self.grid)), self.work.workers))

    def _z_level(self, quality: int) -> int:
        return int(self.codec.bundle.z_level_of_quality[quality])

    def _analyse(self, index: int, z_level: int) -> Analysed:
        with self.watch.stage(ANALYSIS):
            return self.codec.analyse(
                self.pixels, self.grid[index], z_level, concurrent=self.work.concurrent
            )

    def _code(self, index: int, tile: Analysed, quality: int) -> PackedTile:
        with self.watch.stage("kernel"):
            own = tile.offsets if self.adapts else None
            box = self.grid[index]
            offsets = tile_offsets(self.asked, box, self.text_boost, tile.text, own)
            return PackedTile(self.codec.code(tile, quality, offsets), offsets)


@dataclass(frozen=True)
class BaseLayer:
    """What makes the second layer.

    Attributes:
        codec: Graph and tables.
        quality: 0..63.
        wire_id: Number of its model.
        bundle_hash: Short hash of its entropy bundle.
    """

    codec: TileEncoder
    quality: int
    wire_id: int
    bundle_hash: int


@dataclass(frozen=True)
class Encoding:
    """A picture on its way to a stream of one or two layers.

    Attributes:
        first: The first layer, whose quality is asked for.
        base: The second layer at its own quality, or None.
        ancillary: Metadata chunks.
        header: Quality -> header.
    """

    first: LayerEncoding
    base: BaseLayer | None
    ancillary: Sequence[tuple[int, bytes]]
    header: Callable[[int], Header]

    def at_quality(self, quality: int) -> bytes:
        """Make one stream."""
        return self._join(quality, self.first.straight(quality))

    def kept(self) -> Callable[[int], bytes]:
        """Return what makes the stream of a quality: graphs run no more often than needed."""
        make = self.first.kept()
        return cache(lambda quality: self._join(quality, make(quality)))

    def within(self, max_bytes: int, highest: int) -> bytes:
        """Make the finest stream that fits.

        Raises:
            TargetTooSmallError: None fits.
        """
        return best_that_fits(self.kept(), max_bytes, highest)

    @cached_property
    def _base_tiles(self) -> list[PackedTile]:
        first, base = self.first, self.base
        if base is None:
            return []
        layer = LayerEncoding(
            base.codec, first.pixels, first.grid, None, 0, False, first.work, first.watch
        )
        return layer.straight(base.quality)

    def _join(self, quality: int, tiles: list[PackedTile]) -> bytes:
        base = None
        if self.base is not None:
            layer = Layer(
                quality=self.base.quality,
                wire_id=self.base.wire_id,
                bundle_hash=self.base.bundle_hash,
                threshold=self.first.threshold(tiles, quality),
            )
            base = layer, self._base_tiles
        with self.first.watch.stage("write"):
            return join_stream(self.header(quality), self.ancillary, tiles, base)

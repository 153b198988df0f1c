"""A picture with one graph call each way, and the kernel over a pool of threads.

On a GPU one call for the whole picture costs less than twelve windows with their surroundings; the
entropy tiles stay as they are, so any decoder reads these streams.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import Header
from tcsdk.codec.container import split_stream
from tcsdk.codec.joining import PackedTile, join_stream
from tcsdk.codec.tile import TileDecoder, TileEncoder
from tcsdk.codec.tiles import Box, TileGrid
from tcsdk.codec.windows import (
    Analysed,
    Decoded,
    crop_analysis,
    crop_synthesis,
)
from tcsdk.engines import Graph
from tcsdk.many.parallel import ordered_map
from tcsdk.model.folder import ModelFolder
from tcsdk.model.graphs import X_HAT
from tcsdk.model.grids import DEFAULT_TILE

Pixels = NDArray[np.uint8]
# No tile is further away than this.
_EVERYWHERE = 1 << 16


@dataclass(frozen=True)
class WholeCodec:
    """Both halves of a model, each with one graph call a picture.

    Attributes:
        encoder: Tables and analysis graph.
        decoder: Tables and synthesis graph.
        wire_id, bundle_hash: Of the model.
        threads: Of the pool.
    """

    encoder: TileEncoder
    decoder: TileDecoder
    wire_id: int
    bundle_hash: int
    threads: int

    @classmethod
    def of(cls, model: ModelFolder, analysis: Graph, synthesis: Graph, threads: int) -> WholeCodec:
        """Join a model's tables with loaded graphs."""
        bundle = model.load_bundle()
        return cls(
            TileEncoder(bundle, analysis, 0, model.detects_text, model.adaptive),
            TileDecoder(bundle, synthesis, _EVERYWHERE),
            model.wire_id,
            model.bundle_hash,
            threads,
        )

    def analyse(self, pixels: Pixels, quality: int) -> tuple[TileGrid, list[Analysed]]:
        """Picture -> what the graph says, tile by tile."""
        grid = TileGrid(pixels.shape[1], pixels.shape[0], DEFAULT_TILE)
        level = int(self.encoder.bundle.z_level_of_quality[quality])
        outputs, window = self.encoder.analyse(pixels, grid.picture, level, concurrent=False)
        return grid, [crop_analysis(outputs, tile, window) for tile in _boxes(grid)]

    def encode(self, pixels: Pixels, quality: int) -> bytes:
        """Picture -> stream."""
        grid, tiles = self.analyse(pixels, quality)
        header = Header(
            width=grid.width,
            height=grid.height,
            quality=quality,
            wire_id=self.wire_id,
            bundle_hash=self.bundle_hash,
            tile=grid.side,
        )

        def code(tile: Analysed) -> PackedTile:
            return PackedTile(self.encoder.code(tile, quality, None), None)

        return join_stream(header, (), list(ordered_map(code, tiles, self.threads)))

    def unpack(self, data: bytes) -> tuple[TileGrid, int, dict[int, Decoded]]:
        """Stream -> tiles, quality, latents of each tile."""
        stream = split_stream(data)
        grid, layer = stream.grid, stream.first

        def unpack(index: int) -> Decoded:
            payload = layer.tiles[index].payload
            return self.decoder.unpack(payload, grid[index], layer.quality, None)

        latents = ordered_map(unpack, range(len(grid)), self.threads)
        return grid, layer.quality, dict(enumerate(latents))

    def decode(self, data: bytes) -> Pixels:
        """Stream -> picture."""
        grid, quality, latents = self.unpack(data)
        taken, window = self.decoder.latents(grid[0], grid, latents, quality, _EVERYWHERE)
        inputs = {name: array.astype(np.float32) for name, array in taken.items()}
        x_hat = self.decoder.synthesis.run(inputs)[X_HAT]
        return crop_synthesis(x_hat, grid.picture, window)


def _boxes(grid: TileGrid) -> list[Box]:
    return [grid[index] for index in range(len(grid))]

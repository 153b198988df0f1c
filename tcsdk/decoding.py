"""One stream on its way through kernel and graph to a picture."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec import TileDecoder
from tcsdk.conceal import DamagedTile, fill_lost_tiles
from tcsdk.errors import BitstreamError, CorruptStreamError
from tcsdk.parallel import Work, ordered_map
from tcsdk.stream import Stream, read_quality_map
from tcsdk.tiles import Y_STRIDE, Box
from tcsdk.timings import Stopwatch
from tcsdk.windows import Decoded

logger = logging.getLogger("tcsdk")


@dataclass(frozen=True)
class Decoding:
    """A stream taken apart and what decodes it.

    Attributes:
        codec: Tables and graph.
        stream: Header and tiles.
        conceal: Whether damaged tiles are filled in.
        work: How many tiles at once, and whether other pictures are in work too.
        watch: Adds up the time per stage.
    """

    codec: TileDecoder
    stream: Stream
    conceal: bool
    work: Work
    watch: Stopwatch

    def pixels_of(self, area: Box) -> tuple[NDArray[np.uint8], tuple[DamagedTile, ...]]:
        """Decode a part of the picture.

        Args:
            area: The part; a region decodes the tiles that it touches and their neighbours.

        Returns:
            (area.height, area.width, 3) uint8 RGB, and the tiles that were filled in.

        Raises:
            BitstreamError: A tile that is needed is damaged (with `conceal`: all tiles are).
        """
        grid, workers = self.stream.grid, self.work.workers
        shown = list(grid.touching(area))
        needed = sorted({i for tile in shown for i in grid.around(tile, self.codec.halo)})
        unpacked = dict(zip(needed, ordered_map(self._unpack, needed, workers), strict=True))
        sound = {index: tile for index, tile in unpacked.items() if isinstance(tile, Decoded)}
        lost = {index: tile for index, tile in unpacked.items() if isinstance(tile, str)}
        if lost and not sound:
            sound = self._any_sound_tile()
        tiles, damage = fill_lost_tiles(sound, grid, lost)
        for item in damage:
            logger.warning("concealed: %s", item.reason)
        out = np.empty((area.height, area.width, 3), np.uint8)
        for part, pixels in ordered_map(
            lambda index: self._synthesise(index, tiles, area), shown, workers
        ):
            top, left = part.y - area.y, part.x - area.x
            out[top : top + part.height, left : left + part.width] = pixels
        return out, damage

    def _any_sound_tile(self) -> dict[int, Decoded]:
        """Return the first tile of the picture that is sound, if any, to conceal from."""
        for index in range(len(self.stream.grid)):
            tile = self._unpack(index)
            if isinstance(tile, Decoded):
                return {index: tile}
        return {}

    def _synthesise(
        self, index: int, tiles: Mapping[int, Decoded], area: Box
    ) -> tuple[Box, NDArray[np.uint8]]:
        """Return a tile's part of the area and its pixels."""
        grid, quality = self.stream.grid, self.stream.header.quality
        part = grid[index].overlap(area)
        with self.watch.stage("synthesis"):
            pixels = self.codec.synthesise(
                index, grid, tiles, quality, part, concurrent=self.work.concurrent
            )
        return part, pixels

    def _unpack(self, index: int) -> Decoded | str:
        """Decode a tile's latents, or say what is wrong with it if that is to be concealed."""
        with self.watch.stage("kernel"):
            try:
                return self._decoded(index)
            except BitstreamError as error:
                if not self.conceal:
                    raise
                return str(error)

    def _decoded(self, index: int) -> Decoded:
        coded = self.stream.tiles[index]
        if coded.damage:
            raise CorruptStreamError(coded.damage)
        box, quality = self.stream.grid[index], self.stream.header.quality
        size = box.on_grid(Y_STRIDE)
        try:
            roi = read_quality_map(coded, size.height, size.width)
            return self.codec.unpack(coded.payload, box, quality, roi)
        except BitstreamError as error:
            raise type(error)(f"tile {index}: {error}") from error

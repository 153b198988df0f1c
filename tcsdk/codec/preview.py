"""What a receiver will see of a picture that is being encoded, where somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.guidance import Guidance
from tcsdk.codec.joining import PackedTile
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.tile import TileDecoder
from tcsdk.codec.tiles import Box, TileGrid
from tcsdk.codec.windows import Decoded
from tcsdk.model.grids import Z_STRIDE


@dataclass(frozen=True, eq=False)
class Preview:
    """Parts of a picture as they will be decoded, each from a window of its own.

    Windows are smaller than tiles, so float sums may move a pixel by a level: what must be known of
    a stream is read from the stream.

    Attributes:
        codec: Graph and tables.
        grid: The picture's tiles.
        sizes: Of the picture.
        concurrent: Whether other pictures are in work too.
        guidance: Text that is sent with the picture, or None.
    """

    codec: TileDecoder
    grid: TileGrid
    sizes: Sizes
    concurrent: bool
    guidance: Guidance | None = None
    _known: dict[int, tuple[PackedTile, Decoded]] = field(default_factory=dict, repr=False)

    def parts(
        self, tiles: Sequence[PackedTile], quality: int, areas: Sequence[Box]
    ) -> list[NDArray[np.uint8]]:
        """Return parts of the picture.

        Args:
            tiles: The first layer's, all of them.
            quality: Of that layer.
            areas: The parts, in pixels of the picture as shown.

        Returns:
            (area.height, area.width, 3) uint8 RGB each.
        """
        needed = [self.sizes.needed(area) for area in areas]
        shown: dict[int, NDArray[np.uint8]] = {}
        for window in _windows(needed, self.grid.picture, self.codec.halo):
            pixels = self._synthesised(tiles, quality, window)
            for k, part in enumerate(needed):
                if k not in shown and part.overlap(window) == part:
                    top, left = part.y - window.y, part.x - window.x
                    inside = pixels[top : top + part.height, left : left + part.width]
                    shown[k] = self.sizes.enlarged(inside, areas[k])
        return [shown[k] for k in range(len(areas))]

    def _synthesised(
        self, tiles: Sequence[PackedTile], quality: int, window: Box
    ) -> NDArray[np.uint8]:
        around = window.grown(self.codec.halo, self.grid.picture)
        latents = {k: self._latents(k, tiles[k], quality) for k in self.grid.touching(around)}
        return self.codec.synthesise(
            window,
            self.grid,
            latents,
            quality,
            window,
            concurrent=self.concurrent,
            guidance=self.guidance,
        )

    def _latents(self, index: int, tile: PackedTile, quality: int) -> Decoded:
        known = self._known.get(index)
        if known is None or known[0] is not tile:
            payload = memoryview(tile.payload)
            decoded = self.codec.unpack(payload, self.grid[index], quality, tile.offsets)
            known = self._known[index] = tile, decoded
        return known[1]


def _windows(areas: Sequence[Box], picture: Box, halo: int) -> list[Box]:
    """Return windows that hold all areas, joined where one costs no more than two.

    Args:
        areas: Parts of the picture.
        picture: All of it.
        halo: Pixels around a window that the graph sees too.
    """
    windows: list[Box] = []
    for area in areas:
        window, joined = _aligned(area, picture), True
        while joined:
            joined = False
            for k, other in enumerate(windows):
                both = _aligned(_around(window, other), picture)
                apart = _cost(window, picture, halo) + _cost(other, picture, halo)
                if _cost(both, picture, halo) <= apart:
                    del windows[k]
                    window, joined = both, True
                    break
        windows.append(window)
    return windows


def _aligned(area: Box, picture: Box) -> Box:
    left, top = area.x // Z_STRIDE * Z_STRIDE, area.y // Z_STRIDE * Z_STRIDE
    return Box(left, top, area.right - left, area.bottom - top).overlap(picture)


def _around(one: Box, other: Box) -> Box:
    x, y = min(one.x, other.x), min(one.y, other.y)
    return Box(x, y, max(one.right, other.right) - x, max(one.bottom, other.bottom) - y)


def _cost(window: Box, picture: Box, halo: int) -> int:
    seen = window.grown(halo, picture)
    return seen.width * seen.height

"""Two layers shown as one picture: the first layer where text is, the base layer elsewhere.

Where text is follows from the streams alone. A text codec spends its numbers on text: in a block
of 16x16 pixels that shows some, many elements of r are not 0, elsewhere hardly any. That count is
the block's activity. The encoder finds the threshold that parts active blocks from idle ones best
(Otsu 1979) and sends it in the layer chunk, so that a decoder of any region needs nothing but the
blocks around it. docs/use/layers.md has the rule and pictures of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.quality_map import grown
from tcsdk.codec.tiles import Box, TileGrid
from tcsdk.model.grids import Y_STRIDE

# Pixels around an area whose blocks have a say in it: one for the sum, one for interpolation.
REACH = 2 * Y_STRIDE
# A threshold counts in units of this many non-zero elements over 3x3 blocks.
_UNIT = 4
# Fewer than these in 3x3 blocks are never text: a flat picture has some by chance.
_LEAST = 3


def activity(r: NDArray[np.int16]) -> NDArray[np.int32]:
    """Count the elements of r (M, h, w) that are not 0 in each block: (h, w) int32."""
    return np.asarray(np.count_nonzero(r, axis=0), np.int32)


def find_threshold(grid: TileGrid, tiles: Iterable[NDArray[np.int32]]) -> int:
    """Return the threshold that parts a picture's blocks of text from the others.

    Args:
        grid: The picture's tiles.
        tiles: Activity of each, in raster order.

    Returns:
        Otsu's threshold of the activity's 3x3 sums, in units of 4: 3..255.
    """
    picture = grid.picture.on_grid(Y_STRIDE)
    sums = _sums(_gathered(grid, picture, dict(enumerate(tiles))))
    counts = np.bincount(sums.ravel() // _UNIT, minlength=2).astype(np.float64)
    below = np.cumsum(counts)[:-1]
    mass_below = np.cumsum(counts * np.arange(len(counts)))
    above, mass_above = counts.sum() - below, mass_below[-1] - mass_below[:-1]
    apart = mass_below[:-1] / np.maximum(below, 1) - mass_above / np.maximum(above, 1)
    best = int(np.argmax(below * above * apart**2)) + 1
    return min(max(best, _LEAST), 255)


class BlendMask:
    """How much of the first layer each pixel of an area shows.

    A block whose 3x3 sum of activity is half the threshold or less shows the base layer, one of
    three halves or more the first layer, and what is between a mixture; pixels are interpolated
    between the centres of blocks. Lost tiles show the other layer, up to their borders.

    Args:
        grid: The picture's tiles.
        area: The part of the picture.
        tiles: Activity of the first layer's tiles within `REACH` of the area.
        threshold: From the layer chunk.
        lost_first: Tiles that the first layer has lost.
        lost_base: Tiles that the base layer has lost; these show the first layer in any case.
    """

    def __init__(
        self,
        grid: TileGrid,
        area: Box,
        tiles: Mapping[int, NDArray[np.int32]],
        threshold: int,
        lost_first: Iterable[int],
        lost_base: Iterable[int],
    ) -> None:
        around = grid.covering(area).grown(REACH, grid.picture)
        self._at = around.on_grid(Y_STRIDE)
        sums = _sums(_gathered(grid, self._at, tiles)).astype(np.float32)
        weights = np.zeros_like(sums)
        if threshold:
            weights = np.clip(sums / np.float32(_UNIT * threshold) - np.float32(0.5), 0, 1)
        weights[grown(self._marked(grid, lost_first))] = 0
        weights[grown(self._marked(grid, lost_base))] = 1
        # One more row and column, for the pixels beyond the last centres.
        self._weights = np.pad(weights, ((0, 1), (0, 1)), mode="edge")

    def of(self, part: Box) -> NDArray[np.float32]:
        """Return the share of the first layer in a part of the area.

        Returns:
            (part.height, part.width) float32, 0..1.
        """
        rows, row_share = _between(part.y, part.height, self._at.y, self._at.height)
        columns, column_share = _between(part.x, part.width, self._at.x, self._at.width)
        lines = _mixed(self._weights[rows], self._weights[rows + 1], row_share[:, None])
        return _mixed(lines[:, columns], lines[:, columns + 1], column_share)

    def _marked(self, grid: TileGrid, tiles: Iterable[int]) -> NDArray[np.bool_]:
        """Return which blocks belong to the tiles."""
        shape = (self._at.height, self._at.width)
        ones = {i: np.ones((b.height, b.width), np.int32) for i, b in _blocks(grid, tiles)}
        return _gathered(grid, self._at, ones).astype(bool) if ones else np.zeros(shape, bool)


def blend(
    first: NDArray[np.uint8], base: NDArray[np.uint8], share: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Mix two pictures.

    Args:
        first: (H, W, 3) uint8, shown where the share is 1.
        base: (H, W, 3) uint8, shown where it is 0.
        share: (H, W) float32, 0..1.

    Returns:
        (H, W, 3) uint8.
    """
    mixed = _mixed(base.astype(np.float32), first.astype(np.float32), share[:, :, None])
    levels: NDArray[np.float32] = np.rint(mixed)
    return levels.astype(np.uint8)


def _blocks(grid: TileGrid, tiles: Iterable[int]) -> list[tuple[int, Box]]:
    return [(index, grid[index].on_grid(Y_STRIDE)) for index in tiles]


def _gathered(
    grid: TileGrid, area: Box, tiles: Mapping[int, NDArray[np.int32]]
) -> NDArray[np.int32]:
    """Put the blocks of tiles together to those of an area; 0 where no tile is given."""
    out = np.zeros((area.height, area.width), np.int32)
    for index, at in _blocks(grid, tiles):
        common = at.overlap(area)
        if common.width and common.height:
            part = tiles[index][common.y - at.y :, common.x - at.x :]
            top, left = common.y - area.y, common.x - area.x
            out[top : top + common.height, left : left + common.width] = part[
                : common.height, : common.width
            ]
    return out


def _sums(blocks: NDArray[np.int32]) -> NDArray[np.int32]:
    """Add up each block and its eight neighbours; beyond the edges the last ones are repeated."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(blocks, 1, mode="edge"), (3, 3))
    return np.asarray(windows.sum(axis=(2, 3)), np.int32)


def _between(
    start: int, length: int, first: int, count: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return for each pixel of a line the block whose centre lies before it, and how far it is.

    Args:
        start: First pixel.
        length: Pixels.
        first: First block at hand.
        count: Blocks at hand.
    """
    centres = (np.arange(start, start + length) + 0.5) / Y_STRIDE - 0.5 - first
    centres = np.clip(centres, 0, count - 1)
    before = centres.astype(np.intp)
    return before, (centres - before).astype(np.float32)


def _mixed(
    low: NDArray[np.float32], high: NDArray[np.float32], share: NDArray[np.float32]
) -> NDArray[np.float32]:
    return low + (high - low) * share

"""What stands in for the tiles of a picture that a damaged stream has lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tcsdk.errors import CorruptStreamError
from tcsdk.tiles import Y_STRIDE, Z_STRIDE, Box, TileGrid
from tcsdk.windows import Decoded


@dataclass(frozen=True)
class DamagedTile:
    """A tile that could not be decoded and was filled in.

    Attributes:
        index: In raster order.
        box: (x, y, width, height) in pixels of the picture.
        reason: What is wrong with it.
    """

    index: int
    box: tuple[int, int, int, int]
    reason: str


def fill_lost_tiles(
    tiles: Mapping[int, Decoded], grid: TileGrid, lost: Mapping[int, str]
) -> tuple[dict[int, Decoded], tuple[DamagedTile, ...]]:
    """Give lost tiles the nearest hyper-latents of a sound tile, and zeros for r.

    Such a tile shows a smooth continuation of its neighbour's edge: nothing that could be taken
    for text.

    Args:
        tiles: The sound tiles.
        grid: The picture's tiles.
        lost: Index -> reason of the others.

    Returns:
        All tiles, and what was filled in.

    Raises:
        CorruptStreamError: There is no sound tile to start from.
    """
    if not lost:
        return dict(tiles), ()
    if not tiles:
        raise CorruptStreamError(f"no tile is sound, nothing can be concealed: "
                                 f"{next(iter(lost.values()))}")  # fmt: skip
    filled = {index: _filled(index, tiles, grid) for index in lost}
    damage = [
        DamagedTile(index, (box.x, box.y, box.width, box.height), reason)
        for index, reason in sorted(lost.items())
        for box in [grid[index]]
    ]
    return {**tiles, **filled}, tuple(damage)


def _filled(index: int, tiles: Mapping[int, Decoded], grid: TileGrid) -> Decoded:
    box = grid[index]
    source = min(tiles, key=lambda other: _distance(box, grid[other]))
    near, own = grid[source].on_grid(Z_STRIDE), box.on_grid(Z_STRIDE)
    rows = np.clip(np.arange(own.y, own.bottom), near.y, near.bottom - 1) - near.y
    columns = np.clip(np.arange(own.x, own.right), near.x, near.right - 1) - near.x
    like = tiles[source]
    size = box.on_grid(Y_STRIDE)
    r = np.zeros((like.r.shape[0], size.height, size.width), np.int16)
    # Any gain will do: r is zero.
    return Decoded(like.z_hat[:, rows][:, :, columns], r, like.inverse_gain[:, :1, :1])


def _distance(a: Box, b: Box) -> tuple[int, int]:
    """Order tiles by rings around a tile, straight neighbours before diagonal ones."""
    across, down = abs(a.x - b.x), abs(a.y - b.y)
    return max(across, down), across + down

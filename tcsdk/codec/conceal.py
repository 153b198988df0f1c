"""What is said of a damaged stream, and what stands in for the tiles that it has lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from tcsdk.codec.tiles import Box, TileGrid
from tcsdk.codec.windows import Decoded
from tcsdk.model.grids import Y_STRIDE, Z_STRIDE


@dataclass(frozen=True)
class DamagedTile:
    """A tile that could not be decoded and was filled in.

    Attributes:
        index: In raster order.
        box: (x, y, width, height) in pixels of the picture as shown.
        reason: What is wrong with it.
        layer: 0 for the first layer, 1 for the base layer behind it.
    """

    index: int
    box: tuple[int, int, int, int]
    reason: str
    layer: int = 0


@dataclass(frozen=True)
class DamagedChunk:
    """A part of a stream that was left out, or was not where it should be; no tile is lost by it.

    Attributes:
        reason: Which chunk, and what is wrong with it.
    """

    reason: str


Damage: TypeAlias = DamagedTile | DamagedChunk


def fill_lost_tiles(
    tiles: Mapping[int, Decoded], grid: TileGrid, lost: Iterable[int]
) -> dict[int, Decoded]:
    """Give lost tiles the nearest hyper-latents of a sound tile, and zeros for r.

    Such a tile shows a smooth continuation of its neighbour's edge: nothing that could be taken
    for text.

    Args:
        tiles: The sound tiles, at least one.
        grid: The picture's tiles.
        lost: The others.

    Returns:
        All tiles.
    """
    return {**tiles, **{index: _filled(index, tiles, grid) for index in lost}}


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
    z_hat = like.z_hat[:, rows][:, :, columns]
    return Decoded(z_hat, r, False, lambda: like.inverse_gain()[:, :1, :1])


def _distance(a: Box, b: Box) -> tuple[int, int]:
    """Order tiles by rings around a tile, straight neighbours before diagonal ones."""
    across, down = abs(a.x - b.x), abs(a.y - b.y)
    return max(across, down), across + down

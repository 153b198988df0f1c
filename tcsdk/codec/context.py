"""Codecs with a context, on the encoder's side: which elements are coded, and r of a third graph.

encode:  picture -> [analysis graph] -> z_hat, y -> [kernel] -> coded -> [residual graph] -> r

Means depend on what is decoded before, so r comes group by group, inside one graph. Which elements
are coded depends on z_hat, quality and map alone, in integers: a decoder knows it before it has r,
and knows all of r before it asks for a mean. A float that differs from machine to machine moves a
mean a little, there as here; it never moves a symbol that was sent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import Bundle
from tcsdk.codec.quality_map import HIGHEST, LOWEST, Offsets
from tcsdk.codec.tiles import Box, TileGrid
from tcsdk.engines import Graph
from tcsdk.errors import EngineError
from tcsdk.model.graphs import (
    CODED,
    GAIN,
    RESIDUAL,
    Z_HAT,
    Z_INVERSE_GAIN,
    R,
    Y,
    checked_outputs,
)
from tcsdk.model.grids import Y_STRIDE, Z_STRIDE

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Seen:
    """What the analysis graph of a model with a context says of a tile and all around it.

    Attributes:
        window: The part of the picture.
        y: (1, M, h, w) float32 of the window, to multiples of 64 pixels.
        z_hat: (1, C_z, h/4, w/4) float32, whole numbers.
        text: (ceil(H/16), ceil(W/16)) bool, blocks of the window that show text; None without a
            detector.
        own: The same shape, int8 steps that blocks want to be coded finer; None where the graph
            does not say.
    """

    window: Box
    y: Floats
    z_hat: Floats
    text: NDArray[np.bool_] | None
    own: Offsets | None


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What of a picture shapes r beside its pixels.

    Attributes:
        grid: Its tiles.
        tile: The one that is coded.
        offsets: (ceil(H/16), ceil(W/16)) steps of the blocks of `Seen.window`, or None.
    """

    grid: TileGrid
    tile: Box
    offsets: Offsets | None


def coded_elements(
    bundle: Bundle, z_hat: NDArray[np.int8], quality: int, offsets: Offsets | None
) -> NDArray[np.bool_]:
    """Return which elements of r a stream holds: (M, h, w), as the kernel chooses them.

    Args:
        bundle: Tables of the entropy path.
        z_hat: (C_z, ceil(h/4), ceil(w/4)) int8 of a tile.
        quality: 0..63.
        offsets: (h, w) steps of blocks, or None; the elements are then those of the whole z grid,
            h and w multiples of 4.
    """
    index = bundle.scale_indexes(z_hat, int(bundle.z_level_of_quality[quality]))
    if offsets is not None:
        index = index[:, : offsets.shape[0], : offsets.shape[1]]
    rows = np.maximum(index.astype(np.int32) + _steps(bundle, quality, offsets), 0)
    return np.asarray(rows >= bundle.skip)


def _steps(bundle: Bundle, quality: int, offsets: Offsets | None) -> NDArray[np.int32]:
    """Steps of elements, (M, 1, 1) or (M, h, w)."""
    steps = bundle.steps[quality].astype(np.int32)[:, None, None]
    return steps if offsets is None else np.asarray(np.clip(steps + offsets, LOWEST, HIGHEST))


def predicted(
    bundle: Bundle,
    graph: Graph,
    seen: Seen,
    around: Surroundings,
    quality: int,
    *,
    concurrent: bool,
) -> NDArray[np.int16]:
    """Return r of a tile, (M, ceil(h/16), ceil(w/16)).

    The graph sees the window that a decoder's synthesis will see, in which neighbours stand as this
    window's own analysis has them: theirs differ a little (docs/decisions/context-windows.md).

    Args:
        bundle: Tables of the entropy path.
        graph: Of the role `residual`.
        seen: What the analysis graph says.
        around: The picture's tiles and offsets.
        quality: 0..63.
        concurrent: Other tiles are predicted at the same time.

    Raises:
        EngineError: The runtime failed, or the graph gave NaN or infinity.
    """
    level = int(bundle.z_level_of_quality[quality])
    inputs = {
        Y: seen.y,
        Z_HAT: seen.z_hat,
        Z_INVERSE_GAIN: bundle.z_inverse_gain[level].reshape(1, -1, 1, 1),
        GAIN: _gain(bundle, seen, around, quality),
        CODED: _coded(bundle, seen, around, quality),
    }
    r = checked_outputs(RESIDUAL, graph.run(inputs, concurrent=concurrent))[R]
    at = _blocks(around.tile, seen.window)
    own = r[0, :, at.y : at.bottom, at.x : at.right]
    if not np.isfinite(own).all():
        raise EngineError("the residual graph gave NaN or infinity: the model is damaged")
    limits = np.iinfo(np.int16)
    return np.ascontiguousarray(np.clip(np.rint(own), -limits.max, limits.max).astype(np.int16))


def _blocks(part: Box, window: Box) -> Box:
    """Where a part of a window lies in it, in blocks of 16x16 pixels."""
    moved = Box(part.x - window.x, part.y - window.y, part.width, part.height)
    return moved.on_grid(Y_STRIDE)


def _gain(bundle: Bundle, seen: Seen, around: Surroundings, quality: int) -> Floats:
    steps = _steps(bundle, quality, around.offsets)
    gains: Floats = bundle.gain_of_step[steps + 128]
    if around.offsets is None:
        return gains[None]
    whole = np.ones(seen.y.shape, np.float32)
    whole[0, :, : gains.shape[1], : gains.shape[2]] = gains
    return whole


def _coded(bundle: Bundle, seen: Seen, around: Surroundings, quality: int) -> Floats:
    """1 where an element is coded, (1, M, h, w): tile by tile, as each is coded by itself."""
    coded = np.zeros(seen.y.shape, np.float32)
    z_hat = seen.z_hat[0].astype(np.int8)
    for index in around.grid.touching(seen.window):
        part = around.grid[index].overlap(seen.window)
        at = _blocks(part, seen.window)
        coarse = Box(at.x // 4, at.y // 4, *_z_size(part))
        offsets = around.offsets
        own = None if offsets is None else offsets[at.y : at.bottom, at.x : at.right]
        z = np.ascontiguousarray(z_hat[:, coarse.y : coarse.bottom, coarse.x : coarse.right])
        found = coded_elements(bundle, z, quality, own)[:, : at.height, : at.width]
        coded[0, :, at.y : at.bottom, at.x : at.right] = found
    return coded


def _z_size(part: Box) -> tuple[int, int]:
    grid = Box(0, 0, part.width, part.height).on_grid(Z_STRIDE)
    return grid.width, grid.height

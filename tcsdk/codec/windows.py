"""The graphs' inputs and outputs for one tile: cut out with their surroundings, and cropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.context import Seen
from tcsdk.codec.quality_map import Offsets, rounded_offsets, text_blocks
from tcsdk.codec.tiles import Box, TileGrid
from tcsdk.model.graphs import (
    ANALYSIS,
    INV_GAIN,
    OFFSETS,
    PROBABILITY,
    TEXT,
    Z_HAT,
    D,
    R,
    Y,
    planes_of,
)
from tcsdk.model.grids import Y_STRIDE, Z_STRIDE, ceil_div

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Analysed:
    """What the analysis graph says of a tile.

    Attributes:
        z_hat: (C_z, ceil(h/64), ceil(w/64)) int8.
        residual: (M, ceil(h/16), ceil(w/16)), what is coded: float32, y minus its means; of a model
            with a context int16, r, once `TileEncoder.predicted` has made it, and y before.
        text: (ceil(h/16), ceil(w/16)) bool, the blocks that show text; None where the graph has
            no detector.
        probability: The same shape, float32, that each block shows text; None likewise.
        asked: The same shape, float32, steps by which blocks want to be coded finer; None where
            the graph does not say.
        seen: The same and more of all that the graph saw; None without a context.
    """

    z_hat: NDArray[np.int8]
    residual: Floats | NDArray[np.int16]
    text: NDArray[np.bool_] | None
    probability: Floats | None
    asked: Floats | None
    seen: Seen | None = None

    @property
    def offsets(self) -> Offsets | None:
        """What blocks ask for in whole steps, (ceil(h/16), ceil(w/16)) int8, or None."""
        return None if self.asked is None else rounded_offsets(self.asked)


@dataclass(frozen=True)
class Decoded:
    """What the kernel decoded of a tile.

    Attributes:
        z_hat: (C_z, ceil(h/64), ceil(w/64)) int8.
        r: (M, ceil(h/16), ceil(w/16)) int16.
        mapped: Whether there is a quality map.
        inverse_gain: Returns (M, 1, 1) float32, or (M, ceil(h/16), ceil(w/16)) where there is a
            map: twice as large as r, and so made where it is wanted.
    """

    z_hat: NDArray[np.int8]
    r: NDArray[np.int16]
    mapped: bool
    inverse_gain: Callable[[], Floats]


def analysis_window(pixels: NDArray[np.uint8], tile: Box, halo: int) -> tuple[Floats, Box]:
    """Cut out a tile with the real pixels around it, as the analysis graph takes it.

    Args:
        pixels: (H, W, 3) uint8, the whole picture.
        tile: The tile.
        halo: Pixels around it, a multiple of 64.

    Returns:
        (1, 3, h, w) float32 in 0..1, padded at the right and at the bottom to multiples of 64 by
        repeating the last column and row, and the part of the picture that it shows.
    """
    window = tile.grown(halo, Box(0, 0, pixels.shape[1], pixels.shape[0]))
    width, height = window.width, window.height
    shape = (1, 3, Z_STRIDE * ceil_div(height, Z_STRIDE), Z_STRIDE * ceil_div(width, Z_STRIDE))
    x = np.empty(shape, np.float32)
    part = pixels[window.y : window.bottom, window.x : window.right]
    np.multiply(part.transpose(2, 0, 1), np.float32(1 / 255), out=x[0, :, :height, :width])
    x[0, :, height:, :width] = x[0, :, height - 1 : height, :width]
    x[0, :, :, width:] = x[0, :, :, width - 1 : width]
    return x, window


def crop_analysis(outputs: Mapping[str, Floats], tile: Box, window: Box) -> Analysed:
    """Keep a tile's own part of the analysis graph's outputs.

    Args:
        outputs: By name, float32: z_hat (1, C_z, h/64, w/64), whole numbers; d, or y of a model
            with a context, (1, M, h/16, w/16); where there is a detector its planes (1, 1 or 2,
            h/16, w/16).
        tile: The tile.
        window: What the graph saw.
    """
    at = Box(tile.x - window.x, tile.y - window.y, tile.width, tile.height)
    blocks = at.on_grid(Y_STRIDE)
    planes = planes_of(ANALYSIS, TEXT, outputs)
    text = probability = asked = None
    if PROBABILITY in planes:
        (text,) = _crop(text_blocks(planes[PROBABILITY][0])[None], blocks)
        (probability,) = _crop(planes[PROBABILITY], blocks)
    if OFFSETS in planes:
        (asked,) = _crop(planes[OFFSETS], blocks)
    return Analysed(
        np.ascontiguousarray(_crop(outputs[Z_HAT][0], at.on_grid(Z_STRIDE)).astype(np.int8)),
        np.ascontiguousarray(_crop(outputs[Y if Y in outputs else D][0], blocks)),
        text,
        probability,
        asked,
        _seen(outputs, planes, window) if Y in outputs else None,
    )


def _seen(outputs: Mapping[str, Floats], planes: Mapping[str, Floats], window: Box) -> Seen:
    blocks = Box(0, 0, window.width, window.height).on_grid(Y_STRIDE)
    text = own = None
    if PROBABILITY in planes:
        (text,) = _crop(text_blocks(planes[PROBABILITY][0])[None], blocks)
    if OFFSETS in planes:
        own = rounded_offsets(_crop(planes[OFFSETS], blocks)[0])
    return Seen(window, outputs[Y], outputs[Z_HAT], text, own)


def synthesis_window(
    area: Box, grid: TileGrid, halo: int, tiles: Mapping[int, Decoded]
) -> tuple[dict[str, NDArray[Any]], Box]:
    """Put an area's latents and those around it together.

    Args:
        area: A part of the picture, of a tile or of several; x and y multiples of 64.
        grid: The picture's tiles.
        halo: Pixels around the area, a multiple of 64.
        tiles: All that have pixels in the area or within the halo.

    Returns:
        By name z_hat (1, C_z, h, w) int8, r (1, M, 4h, 4w) int16, inv_gain (1, M, 1 | 4h, 1 | 4w)
        float32; r is 0 beyond the picture. And the part of the picture that they make, to multiples
        of 64.
    """
    around = area.grown(halo, grid.picture)
    window = around.on_grid(Z_STRIDE)
    fine = Box(4 * window.x, 4 * window.y, 4 * window.width, 4 * window.height)
    parts = [(grid[i], tiles[i]) for i in grid.touching(around)]
    any_ = parts[0][1]
    z_hat = np.zeros((1, any_.z_hat.shape[0], window.height, window.width), np.int8)
    r = np.zeros((1, any_.r.shape[0], fine.height, fine.width), np.int16)
    mapped = any(part.mapped for _, part in parts)
    inverse_gain = np.ones(r.shape, np.float32) if mapped else any_.inverse_gain()[None]
    for box, part in parts:
        _paste(z_hat[0], window, part.z_hat, box.on_grid(Z_STRIDE))
        _paste(r[0], fine, part.r, box.on_grid(Y_STRIDE))
        if mapped:
            gains = np.broadcast_to(part.inverse_gain(), part.r.shape)
            _paste(inverse_gain[0], fine, gains, box.on_grid(Y_STRIDE))
    shown = Box(*(Z_STRIDE * side for side in (window.x, window.y, window.width, window.height)))
    return {Z_HAT: z_hat, R: r, INV_GAIN: inverse_gain}, shown


def crop_synthesis(x_hat: Floats | NDArray[np.uint8], part: Box, window: Box) -> NDArray[np.uint8]:
    """Keep a part of the synthesis graph's output, rounded to 8 bits.

    Args:
        x_hat: (1, 3, h, w) float32 in 0..1, or (h, w, 3) uint8.
        part: What to keep, within the window.
        window: What the graph made.

    Returns:
        (part.height, part.width, 3) uint8.
    """
    at = Box(part.x - window.x, part.y - window.y, part.width, part.height)
    if x_hat.dtype == np.uint8:
        return cast(NDArray[np.uint8], x_hat[at.y : at.bottom, at.x : at.right])
    levels: Floats = np.rint(_crop(x_hat[0], at) * np.float32(255))
    return np.moveaxis(levels.astype(np.uint8), 0, 2)


def _crop(planes: NDArray[Any], at: Box) -> NDArray[Any]:
    return planes[:, at.y : at.bottom, at.x : at.right]


def _paste(target: NDArray[Any], target_at: Box, source: NDArray[Any], source_at: Box) -> None:
    """Copy the common part of two sets of planes (C, h, w) that lie on the same grid."""
    common = target_at.overlap(source_at)
    into = Box(common.x - target_at.x, common.y - target_at.y, common.width, common.height)
    out_of = Box(common.x - source_at.x, common.y - source_at.y, common.width, common.height)
    _crop(target, into)[...] = _crop(source, out_of)

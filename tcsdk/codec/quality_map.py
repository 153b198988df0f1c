"""Quality offsets of a picture: one number of steps for each block of 16x16 pixels.

They come from what a model says of each block (small and faint text wants finer steps), its text
detector (`text_boost`), an array (`qmap`) and rectangles (`regions`). A step is about 13 % of the
quantiser; positive is finer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.resampling import Sizes
from tcsdk.codec.tiles import Box
from tcsdk.errors import RegionError
from tcsdk.model.grids import Y_STRIDE, ceil_div

Offsets: TypeAlias = NDArray[np.int8]
Region: TypeAlias = tuple[int, int, int, int, int]

LOWEST, HIGHEST = -128, 127
# The parts of a region, in order.
REGION = ("x", "y", "width", "height", "boost")
# The detector's probability from which a block counts as text.
_TEXT = 0.5
# Pixels from a line's edge to the middles of blocks that still count as its own: half a block.
_BESIDE = Y_STRIDE / 2
# What a model asks for is rounded to few values: long runs keep maps short.
WHOLE_STEPS, MOST_STEPS = 4, 20
# Blocks of which so much is text that is sent and drawn are coded so much coarser, and nothing the
# model asks for counts there: strokes that the codec leaves would show beside those drawn
# (docs/decisions/drawn-text.md).
DRAWN_SHARE, DRAWN_STEPS = 0.25, -20


def asked_offsets(
    sizes: Sizes, qmap: NDArray[np.integer] | None, regions: Iterable[Region]
) -> Offsets | None:
    """Return the offsets that a caller asks for, of a whole picture.

    Args:
        sizes: Of the picture.
        qmap: (ceil(H/16), ceil(W/16)) of any integer dtype, -128..127, or None; of the picture as
            coded.
        regions: (x, y, width, height, boost) in pixels of the picture as shown and steps: every
            block that the rectangle touches gets the boost; where several touch a block, the last
            one counts. Not read where there is a qmap.

    Returns:
        (ceil(H/16), ceil(W/16)) int8, or None where nothing is asked for.

    Raises:
        TypeError: Not an integer array.
        RegionError: Wrong shape, or a region that leaves the picture.
        ValueError: Numbers beyond -128..127.
    """
    if qmap is not None:
        return _checked(sizes.coded, np.asarray(qmap))
    regions = tuple(regions)
    return _drawn(sizes, regions) if regions else None


def tile_offsets(
    asked: Iterable[Offsets | None],
    tile: Box,
    boost: int,
    text: NDArray[np.bool_] | None,
    own: Offsets | None = None,
    drawn: NDArray[np.bool_] | None = None,
) -> Offsets | None:
    """Return the offsets of one tile: what callers and the model ask for, `boost` more in text.

    In blocks whose text is sent and drawn the model asks for nothing, and DRAWN_STEPS are added.

    The sum is clipped to -128..127.

    Args:
        asked: Of the whole picture each, or None.
        tile: Where the tile lies.
        boost: Steps to add in blocks of text.
        text: (ceil(h/16), ceil(w/16)), the blocks of the tile that show text; None for boost 0.
        own: The same shape, what the model asks for, or None.
        drawn: Of the whole picture, blocks whose text is sent and drawn, or None.

    Returns:
        (ceil(h/16), ceil(w/16)) int8, or None where all are 0.
    """
    at = tile.on_grid(Y_STRIDE)
    total = np.zeros((at.height, at.width), np.int16)
    for offsets in asked:
        if offsets is not None:
            total += offsets[at.y : at.bottom, at.x : at.right]
    free = np.ones(total.shape, np.bool_)
    if drawn is not None:
        free = ~drawn[at.y : at.bottom, at.x : at.right]
        total += np.where(free, 0, DRAWN_STEPS).astype(np.int16)
    if boost and text is not None:
        total += np.where(text & free, boost, 0).astype(np.int16)
    if own is not None:
        total += np.where(free, own, 0).astype(np.int16)
    return np.clip(total, LOWEST, HIGHEST).astype(np.int8) if total.any() else None


def text_blocks(probability: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Say which blocks show text or touch one that does.

    Two values in long runs cost few bytes in a quality map, and the block around a line holds its
    ascenders and the pixels that the synthesis mixes into it.

    Args:
        probability: (h, w) float32, the detector's output.

    Returns:
        (h, w) bool: probability of at least 0.5 in the block or in one of its eight neighbours.
    """
    return grown(probability >= _TEXT)


def rounded_offsets(asked: NDArray[np.float32]) -> Offsets:
    """Round the offsets that a model asks for.

    Args:
        asked: (h, w) float32, steps, as the graph gives them.

    Returns:
        (h, w) int8: multiples of 4 from 0 to 20.
    """
    steps = np.rint(asked / np.float32(WHOLE_STEPS)) * WHOLE_STEPS
    return np.asarray(np.clip(steps, 0, MOST_STEPS), np.int8)


def line_blocks(polygon: NDArray[np.float32], sizes: Sizes) -> NDArray[np.float32]:
    """Say which blocks show a line of text, slanted ones too, and the half of a block around it.

    Args:
        polygon: (4, 2) float32, corners x, y in pixels of the picture as shown; the first side runs
            along the line.
        sizes: Of the picture.

    Returns:
        (ceil(H/16), ceil(W/16)) float32, of the picture as coded: where along the line the middle
        of each block lies, 0..1; NaN in blocks beside it.
    """
    whole = sizes.coded.on_grid(Y_STRIDE)
    ratio = sizes.coded.width / sizes.shown.width, sizes.coded.height / sizes.shown.height
    corners = polygon * np.array(ratio, np.float32)
    along = corners[1] + corners[2] - corners[0] - corners[3]
    along = along / max(float(np.hypot(*along)), 1e-6)
    down, right = (np.mgrid[: whole.height, : whole.width] + 0.5) * Y_STRIDE
    inside = np.ones((whole.height, whole.width), np.bool_)
    for x, y in ((-along[1], along[0]), along):
        covered, place = corners @ (x, y), right * x + down * y
        inside &= (place >= covered.min() - _BESIDE) & (place <= covered.max() + _BESIDE)
    # The last axis was the one along the line.
    part = (place - covered.min()) / max(float(np.ptp(covered)), 1e-6)
    return np.asarray(np.where(inside, np.clip(part, 0, 1), np.nan), np.float32)


def grown(blocks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the blocks (h, w) that are set or have one of their eight neighbours set."""
    around = np.pad(blocks, 1)
    windows = np.lib.stride_tricks.sliding_window_view(around, (3, 3))
    return np.asarray(windows.any(axis=(2, 3)), np.bool_)


def _drawn(sizes: Sizes, regions: tuple[Region, ...]) -> Offsets:
    whole = sizes.coded.on_grid(Y_STRIDE)
    offsets = np.zeros((whole.height, whole.width), np.int8)
    for region in regions:
        x, y, width, height, boost = region
        box = Box(x, y, width, height)
        inside = x >= 0 and y >= 0 and width >= 1 and height >= 1
        if not inside or box.overlap(sizes.shown) != box:
            raise RegionError(
                f"expected a region within {sizes.shown.width}x{sizes.shown.height} "
                f"pixels, got {region}"
            )
        box = sizes.to_coded(box)
        rows = slice(box.y // Y_STRIDE, ceil_div(box.bottom, Y_STRIDE))
        columns = slice(box.x // Y_STRIDE, ceil_div(box.right, Y_STRIDE))
        offsets[rows, columns] = boost
    return offsets


def _checked(coded: Box, qmap: NDArray[np.integer]) -> Offsets:
    if qmap.dtype.kind not in "iu":
        raise TypeError(f"expected qmap as an integer array, got {qmap.dtype}")
    whole = coded.on_grid(Y_STRIDE)
    if qmap.shape != (whole.height, whole.width):
        raise RegionError(
            f"expected qmap of shape {(whole.height, whole.width)}, one offset for "
            f"each block of 16x16 pixels, got {qmap.shape}"
        )
    if qmap.min() < LOWEST or qmap.max() > HIGHEST:
        raise ValueError(f"expected qmap in {LOWEST}..{HIGHEST}, got {qmap.min()}..{qmap.max()}")
    return qmap.astype(np.int8)

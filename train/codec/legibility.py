"""How much errors in text matter, and how much finer it is to be coded so that all matter alike."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tcsdk.codec.quality_map import MOST_STEPS
from tcsdk.refining.worth import (
    CELL,
    CELLS,
    CONTRAST,
    CONTRAST_FLOOR,
    HEIGHT_POWER,
    LEAST_HEIGHT_WEIGHT,
    LEAST_WEIGHT,
    LEGIBLE,
    LUMA,
    MOST_HEIGHT_WEIGHT,
    MOST_WEIGHT,
)

# The weights themselves are tcsdk.refining.worth's. Errors in text are measured against the text
# before noise, blur and other codecs got at it, on which no bit should be spent.
# What blocks of text want in steps of the quantiser (13 % each): so many per halving of the height
# and of the contrast, from the height on at which they want none (docs/decisions/adaptive.md).
STEPS_PER_HEIGHT, STEPS_PER_CONTRAST, TALL = 10.0, 6.0, 20.0
LEAST_SHARE = 0.06  # of a block's area: with less text it wants nothing
BLOCK = 16  # pixels a side: what one element of y stands for


def luma(pictures: Tensor) -> Tensor:
    """(N, 3, H, W) -> (N, 1, H, W)."""
    weights = pictures.new_tensor(LUMA)[:, None, None]
    return (pictures * weights).sum(1, keepdim=True)


def local_variance(pictures: Tensor, counted: Tensor | None = None) -> Tensor:
    """Variance of luma around each cell, not below a floor: (N, 3, H, W) -> (N, 1, H/8, W/8).

    Args:
        pictures: (N, 3, H, W) in 0..1.
        counted: (N, 1, H, W), 1 for pixels that count; None for all.
    """
    y = luma(pictures) * 255.0
    weight = torch.ones_like(y) if counted is None else counted
    cells = nn.functional.avg_pool2d(torch.cat([weight, weight * y, weight * y.square()], 1), CELL)
    options = {"stride": 1, "padding": CELLS // 2, "count_include_pad": False}
    share, mean, square = nn.functional.avg_pool2d(cells, CELLS, **options).split(1, 1)
    share = share.clamp(min=1e-6)
    return (square / share - (mean / share).square()).clamp(min=0.0) + CONTRAST_FLOOR**2


def on_pixels(cells: Tensor) -> Tensor:
    """(N, 1, H/8, W/8) -> (N, 1, H, W)."""
    return nn.functional.interpolate(cells, scale_factor=float(CELL), mode="nearest")


def contrast_weight(pictures: Tensor) -> Tensor:
    """How much an error in text matters there, (N, 1, H, W), of pictures (N, 3, H, W) in 0..1."""
    weight = CONTRAST**2 / local_variance(pictures)
    return on_pixels(weight.clamp(LEAST_WEIGHT, MOST_WEIGHT))


def height_weight(text_heights: Tensor) -> Tensor:
    """How much an error in text of these heights in pixels matters, of the same shape."""
    weight = (LEGIBLE / text_heights.clamp(min=1.0)) ** HEIGHT_POWER
    return weight.clamp(LEAST_HEIGHT_WEIGHT, MOST_HEIGHT_WEIGHT)


def wanted_offsets(pictures: Tensor, text_heights: Tensor) -> Tensor:
    """By how many steps each block wants to be coded finer than others: small and faint text.

    Args:
        pictures: (N, 3, H, W) in 0..1.
        text_heights: (N, 1, H, W), pixels; 0 where no text is.

    Returns:
        (N, 1, H/16, W/16) in 0..20: the most that a pixel of the block asks for; 0 where less than
        LEAST_SHARE of it is text.
    """
    text = (text_heights > 0).float()
    height = STEPS_PER_HEIGHT * torch.log2(TALL / text_heights.clamp(min=1.0))
    deviation = local_variance(pictures, text).sqrt()
    steps = height + on_pixels(STEPS_PER_CONTRAST * torch.log2(CONTRAST / deviation))
    steps = torch.where(text_heights > 0, steps, 0.0).clamp(0.0, MOST_STEPS)
    shown = nn.functional.avg_pool2d(text, BLOCK) >= LEAST_SHARE
    return nn.functional.max_pool2d(steps, BLOCK) * shown

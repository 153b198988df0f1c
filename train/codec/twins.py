"""Pictures that differ in look-alikes alone, and the margin that is kept when they are decoded.

A codec that draws a 0 where an O was has drawn both alike. So a picture is drawn twice, the second
time with look-alikes in the place of its characters (`train/render/lookalikes.py`), both are coded
at one quality, and what is decoded has to differ as the originals do.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tcsdk.train.codec.legibility import BLOCK, luma

# Of the difference of two originals, so much has to be found in that of the decoded pictures.
MARGIN = 0.6
# Levels of luma by which the originals differ in a block, root mean square, to be counted.
LEAST_DIFFERENCE = 12.0


@dataclass(frozen=True)
class Kept:
    """How far twins are kept apart.

    Attributes:
        missing: (P,) what blocks lack of the margin, as parts of it, added up.
        share: Of blocks that differ, the part that keeps the margin, a mean over all; nan where
            there are none.
    """

    missing: Tensor
    share: Tensor


def kept_apart(decoded: Tensor, clean: Tensor, twins: Tensor) -> Kept:
    """Measure how far decoded twins differ as their originals do.

    The measure of a block is the projection of the decoded difference on that of the originals:
    1 where both differ alike, 0 where both are decoded alike, whatever they are decoded as.

    Args:
        decoded: (N, 3, H, W) in 0..1.
        clean: (N, 3, H, W), what they should look like.
        twins: (P, 2) int64, pictures that differ in look-alikes.
    """
    first, second = twins.unbind(1)
    wanted = 255.0 * luma(clean[first] - clean[second])
    found = 255.0 * luma(decoded[first] - decoded[second])
    energy = nn.functional.avg_pool2d(wanted.square(), BLOCK)
    along = nn.functional.avg_pool2d(wanted * found, BLOCK) / energy.clamp(min=1.0)
    counted = energy >= LEAST_DIFFERENCE**2
    missing = torch.where(counted, (1.0 - along / MARGIN).clamp(min=0.0), 0.0)
    whole = (counted & (missing == 0.0)).sum() / counted.sum()
    return Kept(missing.sum((1, 2, 3)), whole)

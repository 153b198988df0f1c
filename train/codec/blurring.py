"""Text that is too small to be read at a quality is wanted blurred, not sharp and another."""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Of the blur, pixels: strokes of the smallest lines are a pixel wide, and merge.
DEVIATION = 1.6
REACH = 4


def blurred(pictures: Tensor) -> Tensor:
    """Blur pictures (N, 3, H, W) by a Gaussian of `DEVIATION` pixels; borders are repeated."""
    offsets = torch.arange(-REACH, REACH + 1, device=pictures.device, dtype=pictures.dtype)
    kernel = torch.exp(-offsets.square() / (2 * DEVIATION**2))
    kernel = (kernel / kernel.sum()).expand(pictures.shape[1], 1, 1, -1)
    padded = nn.functional.pad(pictures, (REACH,) * 4, mode="replicate")
    across = nn.functional.conv2d(padded, kernel, groups=pictures.shape[1])
    return nn.functional.conv2d(across, kernel.transpose(2, 3), groups=pictures.shape[1])


def legible_target(clean: Tensor, text_heights: Tensor, least: Tensor) -> Tensor:
    """Return what decoded pictures should look like: text below its least height blurred.

    Args:
        clean: (N, 3, H, W) in 0..1.
        text_heights: (N, 1, H, W) pixels, 0 where no text is.
        least: (N,) pixels.
    """
    small = (text_heights > 0) & (text_heights < least[:, None, None, None])
    if not small.any():
        return clean
    return torch.where(small, blurred(clean), clean)

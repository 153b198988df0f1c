"""The attention module of Cheng et al. (2020): surroundings say how much of a place counts."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def narrowed(channels: int) -> nn.Sequential:
    """Build 1x1, ReLU, 3x3, ReLU, 1x1, the middle at half width, (N, C, H, W) to the same."""
    half = channels // 2
    return nn.Sequential(
        nn.Conv2d(channels, half, 1),
        nn.ReLU(),
        nn.Conv2d(half, half, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(half, channels, 1),
    )


class AttentionUnit(nn.Module):
    """ReLU(x + 1x1, ReLU, 3x3, ReLU, 1x1 at half width): the residual unit of Cheng et al.

    Args:
        channels: C of input and output, (N, C, H, W).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = narrowed(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, H, W) of x (N, C, H, W)."""
        return torch.relu(x + self.layers(x))


class SimplifiedAttention(nn.Module):
    """x + a * sigmoid(b), a of three units, b of three units and a 1x1 convolution.

    Cheng et al., "Learned image compression with discretized Gaussian mixture likelihoods and
    attention modules" (2020), Figure 5, without its non-local block.

    Args:
        channels: C of input and output, (N, C, H, W).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.trunk = nn.Sequential(*(AttentionUnit(channels) for _ in range(3)))
        units = (AttentionUnit(channels) for _ in range(3))
        self.mask = nn.Sequential(*units, nn.Conv2d(channels, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, H, W) of x (N, C, H, W)."""
        return x + self.trunk(x) * torch.sigmoid(self.mask(x))

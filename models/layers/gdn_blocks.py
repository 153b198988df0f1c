"""Residual blocks with generalised divisive normalisation, which halve and double planes.

Ballé et al., "Density modeling of images using a generalized normalization transformation" (2016);
the blocks are Cheng et al.'s (2020), as LIC-TCM has them.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from typing_extensions import Self

from tcsdk.models.layers.bounds import bound

SLOPE = 0.01  # of LeakyReLU
LEAST_BETA = 1e-6


class DivisiveNorm(nn.Module):
    """x / sqrt(beta + gamma * x^2), or times it: channels of an image made alike in strength.

    beta and gamma may not be negative. In training they are read as if they were within bounds, and
    gradients lead back; a net that is put into evaluation mode has them there.

    Args:
        channels: C of (N, C, H, W).
        inverse: multiply, as a synthesis does.
    """

    def __init__(self, channels: int, inverse: bool = False) -> None:
        super().__init__()
        self.inverse = inverse
        self.beta = nn.Parameter(torch.ones(channels))
        self.gamma = nn.Parameter(0.1 * torch.eye(channels)[:, :, None, None])

    def train(self, mode: bool = True) -> Self:
        """Set the mode; for evaluation the parameters themselves come within bounds."""
        if not mode:
            with torch.no_grad():
                self.beta.clamp_(min=LEAST_BETA)
                self.gamma.clamp_(min=0.0)
        return super().train(mode)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, H, W) of x (N, C, H, W)."""
        beta, gamma = self.beta, self.gamma
        if self.training:
            beta, gamma = bound(beta, LEAST_BETA, math.inf), bound(gamma, 0.0, math.inf)
        norm = torch.sqrt(nn.functional.conv2d(x * x, gamma, beta))
        return x * norm if self.inverse else x / norm


def conv3(narrow: int, wide: int, stride: int = 1) -> nn.Conv2d:
    """Convolve by 3x3."""
    return nn.Conv2d(narrow, wide, 3, stride=stride, padding=1)


def doubled(wide: int, narrow: int) -> nn.Sequential:
    """Double a plane by a 3x3 convolution and depth-to-space."""
    return nn.Sequential(conv3(wide, 4 * narrow), nn.PixelShuffle(2))


class HalvingBlock(nn.Module):
    """3x3 by two, LeakyReLU, 3x3, divisive normalisation; beside it 1x1 by two.

    Args:
        narrow: channels of (N, C, H, W).
        wide: channels of what it gives, (N, C, H/2, W/2).
    """

    def __init__(self, narrow: int, wide: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            conv3(narrow, wide, 2), nn.LeakyReLU(SLOPE), conv3(wide, wide), DivisiveNorm(wide)
        )
        self.skip = nn.Conv2d(narrow, wide, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, H/2, W/2) of x (N, C, H, W)."""
        # 1x1 by two as a plain 1x1 of every second pixel: of a strided one of few channels torch's
        # backward pass on a CPU (2.13, oneDNN) writes beyond its memory and kills the training.
        return self.layers(x) + self.skip(x[:, :, ::2, ::2])


class DoublingBlock(nn.Module):
    """3x3 to twice the size, LeakyReLU, 3x3, inverse normalisation; beside it 3x3 to twice.

    Args:
        wide: channels of (N, C, H, W).
        narrow: channels of what it gives, (N, C, 2H, 2W).
    """

    def __init__(self, wide: int, narrow: int) -> None:
        super().__init__()
        norm = DivisiveNorm(narrow, inverse=True)
        self.layers = nn.Sequential(
            doubled(wide, narrow), nn.LeakyReLU(SLOPE), conv3(narrow, narrow), norm
        )
        self.skip = doubled(wide, narrow)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, 2H, 2W) of x (N, C, H, W)."""
        return self.layers(x) + self.skip(x)

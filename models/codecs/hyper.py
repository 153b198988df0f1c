"""The hyper networks: h_a, the means network and the float shadow of the integer scale network."""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Activations of the integer network are int16 in units of 1/ACTIVATION_UNIT, clamped at zero.
ACTIVATION_UNIT = 256
ACTIVATION_MAX = 32767 / ACTIVATION_UNIT


class HyperAnalysis(nn.Module):
    """h_a: y (N, M, H/16, W/16) -> z (N, C_z, H/64, W/64), before its gain and rounding."""

    def __init__(self, latent: int, hyper: int, width: int = 96) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(latent, width, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, hyper, 1),
        )

    def forward(self, y: Tensor) -> Tensor:
        """Return z (N, C_z, h/4, w/4) of y (N, M, h, w)."""
        return self.layers(y)


class MeansNetwork(nn.Module):
    """mu (N, M, H/16, W/16) from dequantised z (N, C_z, H/64, W/64)."""

    def __init__(self, hyper: int, latent: int, width: int = 48) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(hyper, 4 * width, 3, padding=1),
            nn.ReLU(),
            nn.PixelShuffle(2),
            nn.Conv2d(width, 4 * width, 3, padding=1),
            nn.ReLU(),
            nn.PixelShuffle(2),
            nn.Conv2d(width, latent, 3, padding=1),
        )

    def forward(self, z: Tensor) -> Tensor:
        """Return mu (N, M, 4h, 4w) of dequantised z (N, C_z, h, w)."""
        return self.layers(z)


class ScaleNetwork(nn.Module):
    """Scale indexes (real-valued) of r from dequantised z; trained in float, shipped in integers.

    3x3 C_z->96, depth-to-space, 3x3 24->128, depth-to-space, 3x3 32->32, 1x1 32->M with ReLU
    between: 93 MAC per picture pixel at C_z = 32, M = 192. ReLU saturates where int16 would.
    """

    # (output channels or None for M, kernel, depth-to-space factor after it)
    LAYERS = ((96, 3, 2), (128, 3, 2), (32, 3, 1), (None, 1, 1))

    def __init__(self, hyper: int, latent: int) -> None:
        super().__init__()
        convs, width = [], hyper
        for out, kernel, factor in self.LAYERS:
            out = out or latent
            convs.append(nn.Conv2d(width, out, kernel, padding=kernel // 2))
            width = out // factor**2
        self.convs = nn.ModuleList(convs)
        nn.init.constant_(self.convs[-1].bias, 20.0)  # scale 0.11 * 1.131^20 = 1.3

    def forward(self, z: Tensor) -> Tensor:
        """Return indexes (N, M, 4h, 4w), not clamped to 0..63, of dequantised z (N, C_z, h, w)."""
        *hidden, last = self.convs
        for conv, (_, _, factor) in zip(hidden, self.LAYERS[:-1], strict=True):
            z = torch.clamp(conv(z), 0.0, ACTIVATION_MAX)
            z = nn.functional.pixel_shuffle(z, factor) if factor > 1 else z
        return last(z)

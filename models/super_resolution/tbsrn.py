"""TBSRN (Chen et al., Scene Text Telescope, 2021): convolutions and attention over the plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from tcsdk.models.layers.thin_plate import PUBLISHED, Rectifier, RectifierConfig
from tcsdk.models.layers.thin_plate import SMALL as SMALL_RECTIFIER
from tcsdk.models.layers.transformer import AttentionBlock, plane_positions

HEADS = 4


@dataclass(frozen=True)
class TbsrnConfig:
    """Width and depth; the defaults are the published size.

    Attributes:
        width: channels, a multiple of 4.
        blocks: sequential-residual blocks.
        attention: of each pixel over the "plane" as published, or over its row and then its
            column, which costs H + W keys a pixel in place of H * W.
        rectifier: of the spatial transformer in front.
    """

    width: int = 64
    blocks: int = 5
    attention: Literal["plane", "axes"] = "plane"
    rectifier: RectifierConfig = PUBLISHED


# `tbsrn-s`: what is trained and shipped.
SMALL = TbsrnConfig(width=48, blocks=3, attention="axes", rectifier=SMALL_RECTIFIER)


class PlaneAttention(nn.Module):
    """Attention of each pixel over all of them; its place is appended to its features.

    Args:
        width: C of the features.
        over: "plane", "rows" or "columns".
    """

    def __init__(self, width: int, over: str) -> None:
        super().__init__()
        self.over = over
        self.block = AttentionBlock(2 * width, HEADS, 2 * width)
        self.project = nn.Linear(2 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, H, W) of x (N, C, H, W)."""
        n, channels, height, width = x.shape
        places = plane_positions(height, width, channels, x.device).to(x.dtype)
        pixels = torch.cat([x, places.expand(n, -1, -1, -1)], 1).permute(0, 2, 3, 1)
        rows = self._sequences(pixels)
        done = self.project(self.block(rows, rows))
        if self.over == "columns":
            return done.reshape(n, width, height, channels).permute(0, 3, 2, 1)
        return done.reshape(n, height, width, channels).permute(0, 3, 1, 2)

    def _sequences(self, pixels: Tensor) -> Tensor:
        """(N, H, W, C) to the sequences (L, T, C) that attend within themselves."""
        if self.over == "plane":
            return pixels.flatten(1, 2)
        if self.over == "columns":
            pixels = pixels.transpose(1, 2)
        return pixels.flatten(0, 1)


class SequentialResidualBlock(nn.Module):
    """x + attention(norm(conv(mish(norm(conv(x)))))), (N, C, H, W)."""

    def __init__(self, config: TbsrnConfig) -> None:
        super().__init__()
        width = config.width
        over = ("plane",) if config.attention == "plane" else ("rows", "columns")
        self.convolve = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1),
            nn.BatchNorm2d(width),
            nn.Mish(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.BatchNorm2d(width),
        )
        self.attend = nn.Sequential(*(PlaneAttention(width, which) for which in over))

    def forward(self, x: Tensor) -> Tensor:
        """Return x plus the branch."""
        return x + self.attend(self.convolve(x))


class Tbsrn(nn.Module):
    """Crops in RGB, 0..1, to crops of twice the size; the result is not clipped.

    The published code ends in tanh, which bounds it to -1..1, and leaves the transformer out where
    it does not train; here it is in front always, as its paper says.

    | size | parameters | GMAC for 16 x 64 |
    |---|---|---|
    | published, the default | 3.24 M | 2.55 |
    | `SMALL`, tbsrn-s | 1.10 M | 0.71 |
    """

    def __init__(self, config: TbsrnConfig | None = None) -> None:
        super().__init__()
        c = config or TbsrnConfig()
        self.config = c
        self.rectify = Rectifier(c.rectifier)
        self.head = nn.Sequential(nn.Conv2d(3, c.width, 9, padding=4), nn.PReLU())
        self.body = nn.Sequential(
            *(SequentialResidualBlock(c) for _ in range(c.blocks)),
            nn.Conv2d(c.width, c.width, 3, padding=1),
            nn.BatchNorm2d(c.width),
        )
        self.widen = nn.Conv2d(c.width, 4 * c.width, 3, padding=1)
        self.tail = nn.Conv2d(c.width, 3, 9, padding=4)

    def forward(self, crops: Tensor, share: Tensor | None = None) -> Tensor:
        """Return (N, 3, 2H, 2W) of crops (N, 3, H, W) float32; share as of `Rectifier`."""
        x = self.head(self.rectify(crops, share))
        x = functional.mish(functional.pixel_shuffle(self.widen(x + self.body(x)), 2))
        return self.tail(x)

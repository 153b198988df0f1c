"""LIC-TCM (Liu et al., 2023): convolutions and Swin attention side by side, in every block.

The transforms are theirs, as published in code; the hyper networks are tcsdk's, which code scales
from z alone: of the published context only its mean half is here (`tcm_context.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tcsdk.models.codecs.base import Codec, Part
from tcsdk.models.codecs.context import Context
from tcsdk.models.codecs.grouped import GroupedContext, refined_groups
from tcsdk.models.codecs.tcm_context import TcmNetwork
from tcsdk.models.layers.window_attention import WindowLayer

WINDOW = 8  # at 1/2, 1/4 and 1/8
SLOPE = 0.01  # of the leaky ReLU


@dataclass(frozen=True)
class TcmConfig:
    """Widths of LIC-TCM; the defaults are the published small size.

    Attributes:
        half: N, channels of each half of a block; a block has twice as many.
        latent: M, channels of y.
        slices: of y, equally wide.
        heads: channels per head at 1/2, 1/4 and 1/8.
        depths: blocks there.
        hyper: C_z.
        adaptive: as EdgeConfig's.
        guided: the same.
    """

    half: int = 64
    latent: int = 320
    slices: int = 5
    heads: tuple[int, int, int] = (8, 16, 32)
    depths: tuple[int, int, int] = (2, 2, 2)
    hyper: int = 64
    adaptive: bool = False
    guided: bool = False


# `tcm-s`: what can be trained here, with the edge net's latents, so that `base` can teach it.
SMALL = TcmConfig(half=24, latent=192, slices=4, heads=(8, 8, 8), hyper=32)


class Gdn(nn.Module):
    """x / sqrt(beta + gamma x^2), or times it (Ballé et al., 2016).

    Args:
        channels: C.
        inverse: multiply.
    """

    def __init__(self, channels: int, inverse: bool = False) -> None:
        super().__init__()
        self.inverse = inverse
        self.beta = nn.Parameter(torch.ones(channels))
        self.gamma = nn.Parameter(0.1 * torch.eye(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, H, W) of x (N, C, H, W)."""
        gamma = self.gamma.clamp(min=0.0)[:, :, None, None]
        norm = torch.sqrt(nn.functional.conv2d(x * x, gamma, self.beta.clamp(min=1e-6)))
        return x * norm if self.inverse else x / norm


class Strided(nn.Module):
    """Halve a plane: 3x3, leaky ReLU, 3x3, GDN, beside a 1x1 convolution."""

    def __init__(self, narrow: int, wide: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(narrow, wide, 3, stride=2, padding=1),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(wide, wide, 3, padding=1),
            Gdn(wide),
        )
        self.skip = nn.Conv2d(narrow, wide, 1, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C_out, H/2, W/2) of x (N, C_in, H, W)."""
        return self.layers(x) + self.skip(x)


def enlarged(wide: int, narrow: int) -> nn.Sequential:
    """3x3 to four times the channels, then depth-to-space."""
    return nn.Sequential(nn.Conv2d(wide, 4 * narrow, 3, padding=1), nn.PixelShuffle(2))


class Upsampled(nn.Module):
    """Double a plane: sub-pixel 3x3, leaky ReLU, 3x3, inverse GDN, beside a sub-pixel 3x3."""

    def __init__(self, wide: int, narrow: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            enlarged(wide, narrow),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(narrow, narrow, 3, padding=1),
            Gdn(narrow, inverse=True),
        )
        self.skip = enlarged(wide, narrow)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C_out, 2H, 2W) of x (N, C_in, H, W)."""
        return self.layers(x) + self.skip(x)


class MixedBlock(nn.Module):
    """x + 1x1(convolutions of one half of 1x1(x), Swin attention of the other).

    Args:
        half: N; x has twice as many channels.
        head: channels per head.
        shifted: whether the attention's windows are.
    """

    def __init__(self, half: int, head: int, shifted: bool) -> None:
        super().__init__()
        self.half = half
        self.enter, self.leave = (nn.Conv2d(2 * half, 2 * half, 1) for _ in range(2))
        self.convolutions = nn.Sequential(
            nn.Conv2d(half, half, 3, padding=1),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(half, half, 3, padding=1),
            nn.LeakyReLU(SLOPE),
        )
        self.attention = WindowLayer(half, WINDOW, shifted, head)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, 2 N, H, W) of the same, H and W multiples of WINDOW."""
        local, wide = self.enter(x).split(self.half, 1)
        # The published residual block within a residual: its input counts twice.
        local = self.convolutions(local) + 2 * local
        wide = self.attention(wide.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return x + self.leave(torch.cat([local, wide], 1))


class TcmCodec(Codec):
    """The codec on LIC-TCM's transforms (arXiv 2303.14978, Figure 2), five slices of context."""

    config: TcmConfig

    def __init__(self, config: TcmConfig | None = None) -> None:
        c = config or TcmConfig()
        wide, rows = 2 * c.half, list(zip(c.heads, c.depths, strict=True))

        def stage(head: int, depth: int) -> list[nn.Module]:
            return [MixedBlock(c.half, head, bool(k % 2)) for k in range(depth)]

        g_a: list[nn.Module] = [Strided(3, wide), *stage(*rows[0]), Strided(wide, wide)]
        g_a += [*stage(*rows[1]), Strided(wide, wide), *stage(*rows[2])]
        g_a += [nn.Conv2d(wide, c.latent, 3, stride=2, padding=1)]
        g_s: list[nn.Module] = [Upsampled(c.latent, wide), *stage(*rows[2]), Upsampled(wide, wide)]
        g_s += [*stage(*rows[1]), Upsampled(wide, wide), *stage(*rows[0]), *enlarged(wide, 3)]
        super().__init__(
            c, nn.Sequential(*g_a), nn.Sequential(*g_s), feature_layers=len(g_a), features=c.latent
        )
        self.grouped = TcmNetwork(c.latent, c.slices)

    def context(self, part: Part | None = None) -> Context:
        """Return what predicts y: slice by slice.

        Args:
            part: runs a part of the net by its name; None for the net's own.
        """
        means = self.means if part is None else lambda z: part("means", z)
        return GroupedContext(means, self.grouped)

    def refine(self, y_hat: Tensor, z: Tensor) -> Tensor:
        """Return y_hat with what is predicted of the quantiser's error, slice by slice."""
        return refined_groups(self.grouped, self.means(z).float(), y_hat)

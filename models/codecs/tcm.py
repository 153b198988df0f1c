"""LIC-TCM (Liu et al., 2023): convolutions and Swin attention side by side, a context of slices.

The transforms are theirs, as published in code (jmliu206/LIC_TCM, models/tcm.py); the hyper
networks are tcsdk's, which code scales from z alone: of the published context only its mean half
is here (`tcm_context.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tcsdk.models.codecs.grouped import GroupedCodec
from tcsdk.models.codecs.tcm_context import TcmNetwork
from tcsdk.models.layers.gdn_blocks import SLOPE, DoublingBlock, HalvingBlock, conv3, doubled
from tcsdk.models.layers.window_attention import SwinLayer

WINDOW = 8


@dataclass(frozen=True)
class TcmConfig:
    """Widths of LIC-TCM; the defaults are the published ones of its smallest size.

    Attributes:
        half: N, channels of a block's convolutions, and as many of its attention.
        blocks: in a stage; every second one has shifted windows.
        heads: channels of a head at 1/2, 1/4 and 1/8, in g_a; g_s has them backwards.
        latent: M, channels of y.
        groups: channels of each slice of y, in the order in which they are known.
        context: widths of the context's two hidden layers.
        inner: channels of its attention.
        hyper: C_z.
        adaptive: as EdgeConfig's.
        guided: the same.
        frame: the same.
    """

    half: int = 64
    blocks: int = 2
    heads: tuple[int, int, int] = (8, 16, 32)
    latent: int = 320
    groups: tuple[int, ...] = (64, 64, 64, 64, 64)
    context: tuple[int, int] = (224, 128)
    inner: int = 128
    hyper: int = 64
    adaptive: bool = False
    guided: bool = False
    frame: bool = False


# `tcm-s`: what can be trained here, with the edge net's latents, so that `base` can teach it. 192
# channels do not make five even slices of whole eights.
SMALL = TcmConfig(
    half=32, latent=192, groups=(32, 40, 40, 40, 40), context=(112, 64), inner=64, hyper=32
)


class ResidualPair(nn.Module):
    """x + 3x3, LeakyReLU, 3x3, LeakyReLU.

    Args:
        channels: of input and output, (N, C, H, W).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            conv3(channels, channels),
            nn.LeakyReLU(SLOPE),
            conv3(channels, channels),
            nn.LeakyReLU(SLOPE),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, H, W) of x (N, C, H, W)."""
        return x + self.layers(x)


class MixedBlock(nn.Module):
    """x + a mixture: half of the channels go through convolutions, half through Swin attention.

    Args:
        half: N; input and output have 2 N channels, (N, C, H, W).
        head: channels of a head.
        shifted: whether the attention's windows are shifted.
    """

    def __init__(self, half: int, head: int, shifted: bool) -> None:
        super().__init__()
        self.half = half
        self.part = nn.Conv2d(2 * half, 2 * half, 1)
        self.convolutions = ResidualPair(half)
        self.attention = SwinLayer(half, head, WINDOW, shifted)
        self.join = nn.Conv2d(2 * half, 2 * half, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, H, W) of x (N, C, H, W)."""
        near, far = self.part(x).split(self.half, 1)
        near = near + self.convolutions(near)
        far = self.attention(far.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return x + self.join(torch.cat([near, far], 1))


class TcmCodec(GroupedCodec):
    """The codec on LIC-TCM's transforms (arXiv 2303.14978, Figure 2), and its context for means.

    With the hyper networks and the scales' half of the context that are not here, the published
    size has 45.18 M parameters; g_a has 2.14 M, g_s 6.77 M, the context 17.26 M. `SMALL`: 0.56 M,
    1.85 M and 4.84 M.
    """

    config: TcmConfig

    def __init__(self, config: TcmConfig | None = None) -> None:
        c = config or TcmConfig()
        wide = 2 * c.half
        g_a: list[nn.Module] = [HalvingBlock(3, wide)]
        g_s: list[nn.Module] = [DoublingBlock(c.latent, wide)]
        for stage, (head, back) in enumerate(zip(c.heads, reversed(c.heads), strict=True)):
            last = stage == len(c.heads) - 1
            g_a += [MixedBlock(c.half, head, bool(i % 2)) for i in range(c.blocks)]
            g_a.append(conv3(wide, c.latent, 2) if last else HalvingBlock(wide, wide))
            g_s += [MixedBlock(c.half, back, bool(i % 2)) for i in range(c.blocks)]
            g_s.append(doubled(wide, 3) if last else DoublingBlock(wide, wide))
        grouped = TcmNetwork(c.latent, c.groups, c.context, c.inner)
        super().__init__(c, nn.Sequential(*g_a), nn.Sequential(*g_s), grouped)

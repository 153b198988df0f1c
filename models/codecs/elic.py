"""ELIC (He et al., 2022): strided convolutions, bottlenecks and attention, and a context of groups.

The transforms are theirs, as published in code; the hyper networks are tcsdk's, which code scales
from z alone: of the published context only its mean half is here (`elic_context.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor, nn

from tcsdk.codec.caption import CAPTION_PIECES
from tcsdk.models.codecs.elic_context import ElicNetwork
from tcsdk.models.codecs.grouped import GroupedCodec
from tcsdk.models.codecs.text_adapter import AdapterConfig
from tcsdk.models.codecs.told import Places, ToldCodec
from tcsdk.models.layers.local_attention import SimplifiedAttention, narrowed

BOTTLENECKS = 3  # behind each strided convolution


@dataclass(frozen=True)
class ElicConfig:
    """Widths of ELIC; the defaults are the published ones.

    Attributes:
        width: N, of the transforms.
        latent: M, channels of y.
        groups: channels of each group of y, in the order in which they are known.
        context: widths of the context's two hidden layers.
        hyper: C_z.
        adaptive: as EdgeConfig's.
        guided: the same.
        frame: the same.
        adapter: of captions that the encoder takes; None for none.
        text: as EdgeConfig's.
        caption_tokens: the same.
    """

    width: int = 192
    latent: int = 320
    groups: tuple[int, ...] = (16, 16, 32, 64, 192)
    context: tuple[int, int] = (224, 128)
    hyper: int = 64
    adaptive: bool = False
    guided: bool = False
    frame: bool = False
    adapter: AdapterConfig | None = None
    text: str = "pieces"
    caption_tokens: int = CAPTION_PIECES


# `elic-s`: what can be trained here, with the edge net's latents, so that `base` can teach it. Its
# context is half as wide as published: 15 of 48 kMAC per pixel to encode, in place of 30 of 62.
SMALL = ElicConfig(width=64, latent=192, groups=(8, 8, 16, 32, 128), context=(112, 64), hyper=32)
# TACO as published: its adapter, and CLIP's tokens.
CAPTIONED = ElicConfig(adapter=AdapterConfig(), text="clip")
# `elic-s` told captions, through the edge net's text encoder; heads of 16 channels like its.
SMALL_CAPTIONED = replace(SMALL, adapter=AdapterConfig(64, 64, 64, heads=4))
# As in TACO's code: behind the bottlenecks at 1/4 and before its attention; behind those at 1/8.
PLACES = Places(8, 13)


class Bottleneck(nn.Module):
    """x + 1x1, ReLU, 3x3, ReLU, 1x1 at half width.

    Args:
        channels: of input and output, (N, C, H, W).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = narrowed(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, H, W) of x (N, C, H, W)."""
        return x + self.layers(x)


def down(narrow: int, wide: int) -> nn.Conv2d:
    """Halve a plane by a 5x5 convolution."""
    return nn.Conv2d(narrow, wide, 5, stride=2, padding=2)


def up(wide: int, narrow: int) -> nn.ConvTranspose2d:
    """Double a plane by a transposed 5x5 convolution."""
    return nn.ConvTranspose2d(wide, narrow, 5, stride=2, padding=2, output_padding=1)


class ElicCodec(ToldCodec, GroupedCodec):
    """The codec on ELIC's transforms (arXiv 2203.10886, Figure 2) with its context for the means.

    g_a has 7,337,792 parameters at the published size, g_s 7,337,475, TACO's adapter 1,647,360.
    """

    config: ElicConfig

    def __init__(self, config: ElicConfig | None = None) -> None:
        c = config or ElicConfig()
        n, m = c.width, c.latent

        def refined() -> list[nn.Module]:
            return [Bottleneck(n) for _ in range(BOTTLENECKS)]

        g_a = [down(3, n), *refined(), down(n, n), *refined(), SimplifiedAttention(n)]
        g_a += [down(n, n), *refined(), down(n, m), SimplifiedAttention(m)]
        g_s = [SimplifiedAttention(m), up(m, n), *refined(), up(n, n), SimplifiedAttention(n)]
        g_s += [*refined(), up(n, n), *refined(), up(n, 3)]
        grouped = ElicNetwork(m, c.groups, c.context)
        super().__init__(c, nn.Sequential(*g_a), nn.Sequential(*g_s), grouped)
        self.take_captions(PLACES)

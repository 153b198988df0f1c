"""TinyLIC (Lu et al., 2022): strided convolutions and neighbourhood attention, TFIC's backbone.

Only the transforms are theirs. Entropy coding is tcsdk's: scales from z alone, no context model.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from tcsdk.models.codecs.base import Codec
from tcsdk.models.layers.attention import ResidualAttention


@dataclass(frozen=True)
class TinylicConfig:
    """Widths and depths at 1/2, 1/4, 1/8 and 1/16; the defaults are the published size."""

    widths: tuple[int, int, int, int] = (128, 192, 256, 320)  # the last is M
    depths: tuple[int, int, int, int] = (2, 2, 6, 2)
    hyper: int = 32  # C_z
    adaptive: bool = False  # as EdgeConfig's
    guided: bool = False  # the same
    frame: bool = False  # the same

    @property
    def latent(self) -> int:
        """M, channels of y."""
        return self.widths[-1]


# `tinylic-s`: what is trained and shipped. Narrow where planes are large, yet wide enough for all
# components of 2x2 (12) and 4x4 pixels (48); the edge net's widths where they are small.
SMALL = TinylicConfig(widths=(16, 48, 128, 192))


class TinylicCodec(Codec):
    """The codec on TinyLIC's transforms (arXiv 2204.11448, Figure 2).

    Each step of g_a halves the plane by a convolution (5x5, then 3x3) and refines it by residual
    neighbourhood attention; g_s mirrors it with transposed convolutions.

    Parameters with the hyper networks; the published 28.34 M count a context model that is not
    here. kMAC per pixel as executed, on 100 keys a query; with the window's 49 alone in brackets.

    | size | parameters | kMAC/px to encode | to decode |
    |---|---|---|---|
    | published, the default | 14.95 M | 207.9 (196.2) | 207.5 (195.8) |
    | `SMALL`, tinylic-s | 4.02 M | 26.5 (23.7) | 26.3 (23.5) |
    """

    def __init__(self, config: TinylicConfig | None = None) -> None:
        c = config or TinylicConfig()
        widths = (3, *c.widths)
        g_a: list[nn.Module] = []
        g_s: list[nn.Module] = []
        for i, depth in enumerate(c.depths):
            kernel = 3 if i else 5
            narrow, wide = widths[i : i + 2]
            down = nn.Conv2d(narrow, wide, kernel, stride=2, padding=kernel // 2)
            up = nn.ConvTranspose2d(
                wide, narrow, kernel, stride=2, padding=kernel // 2, output_padding=1
            )
            g_a += [down, ResidualAttention(wide, depth)]
            g_s = [ResidualAttention(wide, depth), up, *g_s]
        super().__init__(
            c, nn.Sequential(*g_a), nn.Sequential(*g_s), feature_layers=len(g_a), features=c.latent
        )

"""EDSR (Lim et al., 2017): residual blocks without normalisation, then depth-to-space."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor, nn

from tcsdk.models.layers.thin_plate import PUBLISHED, Rectifier, RectifierConfig
from tcsdk.models.layers.thin_plate import SMALL as SMALL_RECTIFIER


@dataclass(frozen=True)
class EdsrConfig:
    """Width and depth; the defaults are the published size, which the seed paper uses.

    Attributes:
        width: channels.
        blocks: residual blocks.
        residual: factor of each block's branch (Lim et al., Section 3.3: 0.1 where it is wide).
        rectifier: of the spatial transformer in front, as papers on text put it; None for none.
    """

    width: int = 256
    blocks: int = 32
    residual: float = 0.1
    rectifier: RectifierConfig | None = PUBLISHED


# `edsr-s`: what is trained and shipped.
SMALL = EdsrConfig(width=48, blocks=8, residual=1.0, rectifier=SMALL_RECTIFIER)
# What is learned of natural pictures before: they have no text to set straight.
SMALL_PLAIN = replace(SMALL, rectifier=None)


class ResidualBlock(nn.Module):
    """x + factor * conv(ReLU(conv(x))), (N, C, H, W)."""

    def __init__(self, width: int, factor: float) -> None:
        super().__init__()
        self.factor = factor
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return x plus the branch."""
        branch = self.second(self.first(x).relu())
        return x + (branch if self.factor == 1 else branch * self.factor)


class Edsr(nn.Module):
    """Crops in RGB, 0..1, to crops of twice the size; the result is not clipped.

    Pictures are centred at mid-grey; the published net subtracts the mean colour of DIV2K.

    | size | parameters | of these in the transformer | GMAC for 16 x 64 |
    |---|---|---|---|
    | published, the default | 42.85 M | 2.12 M | 41.7 |
    | `SMALL`, edsr-s | 0.92 M | 0.48 M | 0.46 |
    """

    def __init__(self, config: EdsrConfig | None = None) -> None:
        super().__init__()
        c = config or EdsrConfig()
        self.config = c
        self.rectify = Rectifier(c.rectifier) if c.rectifier else nn.Identity()
        self.head = nn.Conv2d(3, c.width, 3, padding=1)
        self.body = nn.Sequential(
            *(ResidualBlock(c.width, c.residual) for _ in range(c.blocks)),
            nn.Conv2d(c.width, c.width, 3, padding=1),
        )
        self.tail = nn.Sequential(
            nn.Conv2d(c.width, 4 * c.width, 3, padding=1),
            nn.PixelShuffle(2),
            nn.Conv2d(c.width, 3, 3, padding=1),
        )

    def forward(self, crops: Tensor, share: Tensor | None = None) -> Tensor:
        """Return (N, 3, 2H, 2W) of crops (N, 3, H, W) float32; share as of `Rectifier`."""
        straight = self.rectify(crops, share) if self.config.rectifier else crops
        x = self.head(straight - 0.5)
        return self.tail(x + self.body(x)) + 0.5

"""A learned way of making pictures small (content-adaptive resampler, Sun and Chen, 2020).

A net looks at the large picture and says for each small pixel where to look and how much each place
counts. It is trained together with the net that makes the picture large again, whose teacher it is;
no device runs it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from tcsdk.models.super_resolution.edsr import ResidualBlock

SCALE = 2


class Resampler(nn.Module):
    """Pictures in RGB, 0..1, to pictures of half the size (Section III.B).

    Args:
        width: channels.
        blocks: residual blocks.
        taps: places that a small pixel is made of, a side; they lie on a grid that is `taps` large
            pixels wide, and each is moved by what the net says.
        reach: large pixels by which a place moves at most.
    """

    def __init__(self, width: int = 32, blocks: int = 3, taps: int = 6, reach: float = 1.0) -> None:
        super().__init__()
        self.taps, self.reach = taps, reach
        self.body = nn.Sequential(
            nn.Conv2d(3 * SCALE**2, width, 3, padding=1),
            *(ResidualBlock(width, 1.0) for _ in range(blocks)),
        )
        self.weights = nn.Conv2d(width, taps**2, 3, padding=1)
        self.moves = nn.Conv2d(width, 2 * taps**2, 3, padding=1)
        # At the start all places count alike and lie on their grid: a box filter.
        for layer in (self.weights, self.moves):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Make pictures small.

        Args:
            pictures: (N, 3, H, W) float32, sides multiples of two.

        Returns:
            (N, 3, H / 2, W / 2) float32; and the moves, (N, 2 * taps^2, H / 2, W / 2), in large
            pixels, for a loss that keeps them small.
        """
        asked = self.body(functional.pixel_unshuffle(pictures - 0.5, SCALE))
        shares = self.weights(asked).softmax(1)
        moves = self.reach * self.moves(asked).tanh()
        count, _, height, width = shares.shape
        # Centres of small pixels, in large ones.
        rows = SCALE * torch.arange(height, device=pictures.device) + (SCALE - 1) / 2
        columns = SCALE * torch.arange(width, device=pictures.device) + (SCALE - 1) / 2
        offsets = torch.arange(self.taps, device=pictures.device) - (self.taps - 1) / 2
        down, across = (
            o.reshape(1, -1, 1, 1) for o in torch.meshgrid(offsets, offsets, indexing="ij")
        )
        y = rows.reshape(1, 1, -1, 1) + down + moves[:, 0::2]
        x = columns.reshape(1, 1, 1, -1) + across + moves[:, 1::2]
        at = torch.stack(
            [(2 * x + 1) / (SCALE * width) - 1, (2 * y + 1) / (SCALE * height) - 1], -1
        )
        found = functional.grid_sample(
            pictures,
            at.reshape(count, -1, width, 2).to(pictures.dtype),
            mode="bilinear",
            padding_mode="border",
            align_corners=False,
        )
        found = found.reshape(count, 3, self.taps**2, height, width)
        return (found * shares[:, None]).sum(2), moves


def rounded(pictures: Tensor) -> Tensor:
    """Return pictures in 256 levels, as a file would hold them; gradients pass through."""
    levels = (pictures.clamp(0, 1) * 255).round() / 255
    return pictures + (levels - pictures).detach()

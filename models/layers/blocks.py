"""Building blocks of the edge backbone: depthwise/1x1 residual blocks with ReLU only."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class DepthwiseBlock(nn.Module):
    """x + 1x1(ReLU(1x1(depthwise k x k(x)))), the whole of the backbone's spatial mixing.

    Args:
        channels: width C of input and output, ``(N, C, H, W)``.
        kernel: side of the depthwise kernel, odd.
        expansion: hidden width over C.
        padding: what lies beyond the border, a mode of `torch.nn.Conv2d`.
    """

    def __init__(
        self, channels: int, kernel: int = 3, expansion: int = 2, padding: str = "zeros"
    ) -> None:
        super().__init__()
        hidden = channels * expansion
        self.depthwise = nn.Conv2d(
            channels, channels, kernel, padding=kernel // 2, groups=channels, padding_mode=padding
        )
        self.expand = nn.Conv2d(channels, hidden, 1)
        self.project = nn.Conv2d(hidden, channels, 1)
        with torch.no_grad():  # residual branches start small, so that depth costs no stability
            self.project.weight.mul_(0.3)
            self.project.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        """Return x plus the branch, (N, C, H, W)."""
        return x + self.project(torch.relu(self.expand(self.depthwise(x))))


def blocks(channels: int, depth: int, kernel: int = 3, padding: str = "zeros") -> nn.Sequential:
    """A stage: ``depth`` blocks of equal width."""
    return nn.Sequential(*(DepthwiseBlock(channels, kernel, padding=padding) for _ in range(depth)))


def upsample(channels_in: int, channels_out: int, kernel: int = 1) -> nn.Sequential:
    """Conv to 4 * C_out, then depth-to-space: (N, C_in, H, W) -> (N, C_out, 2H, 2W)."""
    return nn.Sequential(
        nn.Conv2d(channels_in, 4 * channels_out, kernel, padding=kernel // 2), nn.PixelShuffle(2)
    )

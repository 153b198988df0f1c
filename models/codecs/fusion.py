"""TextBoost's fusion block: sent text, drawn as white letters, guides what a decoder shows.

Wang et al., "TextBoost", Figure 4: letters take on the picture's colours by a product, the picture
is widened from 3 to 13 channels, both go through the attention module of Cheng et al. (2020) at 16
channels, and a 1x1 convolution makes a picture again. 5,335 weights and 224 biases, 5.3 kMAC per
pixel.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tcsdk.models.layers.local_attention import SimplifiedAttention

COLOURS = 3
CHANNELS = 16


class FusionBlock(nn.Module):
    """The block of Figure 4, shown where the sent text reaches or over the whole frame.

    An untrained one begins near the picture: its first three channels are the picture's, and the
    last convolution takes these.

    Args:
        frame: show what it paints everywhere, as published; else where the text reaches alone.
    """

    def __init__(self, frame: bool = False) -> None:
        super().__init__()
        self.frame = frame
        self.widen = nn.Conv2d(COLOURS, CHANNELS - COLOURS, 1)
        self.attention = SimplifiedAttention(CHANNELS)
        self.narrow = nn.Conv2d(CHANNELS, COLOURS, 1)
        with torch.no_grad():
            self.widen.weight[:COLOURS] = torch.eye(COLOURS)[:, :, None, None]
            self.widen.bias.zero_()
            self.narrow.weight.zero_()
            self.narrow.weight[:, :COLOURS] = torch.eye(COLOURS)[:, :, None, None]
            self.narrow.bias.zero_()

    def forward(self, x_hat: Tensor, letters: Tensor) -> Tensor:
        """Return what the block paints everywhere, (N, 3, H, W), not clipped.

        Args:
            x_hat: decoded pictures, (N, 3, H, W) in 0..1.
            letters: (N, 1, H, W) in 0..1, how much of a pixel is ink; alike for the three colours.
        """
        features = torch.cat([self.widen(x_hat), x_hat * letters], 1)
        return self.narrow(self.attention(features))

    def fuse(self, x_hat: Tensor, guidance: Tensor) -> Tensor:
        """Return pictures (N, 3, H, W): painted, or painted where the text reaches alone.

        Args:
            x_hat: (N, 3, H, W) in 0..1.
            guidance: (N, 2, H, W) in 0..1: letters, and how far what is painted is to show.
        """
        letters, reach = guidance[:, :1], guidance[:, 1:]
        if self.frame:
            return self(x_hat, letters)
        return x_hat + reach * (self(x_hat, letters) - x_hat)

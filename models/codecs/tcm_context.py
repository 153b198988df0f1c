"""LIC-TCM's context: even slices, each predicted through Swin attention, and its error after it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tcsdk.models.layers.local_attention import SimplifiedAttention
from tcsdk.models.layers.window_attention import WindowLayer

INNER = 128  # channels of the attention, as published
WIDTHS = (224, 128)
# Planes at 1/16 are multiples of 4; the published code pads them to windows of 8.
WINDOW = 4


class SwinAttention(nn.Module):
    """1x1, then Cheng's attention whose mask has seen two Swin layers, then 1x1 back.

    Args:
        channels: of input and output.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.enter, self.leave = nn.Conv2d(channels, INNER, 1), nn.Conv2d(INNER, channels, 1)
        self.look = nn.Sequential(
            *(WindowLayer(INNER, WINDOW, shifted) for shifted in (False, True))
        )
        self.attention = SimplifiedAttention(INNER)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, h, w) of x (N, C, h, w)."""
        x = self.enter(x)
        seen = self.look(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        trunk, mask = self.attention.trunk(x), self.attention.mask(seen)
        return self.leave(x + trunk * torch.sigmoid(mask))


def narrowing(taken: int, given: int) -> nn.Sequential:
    """Three 3x3 convolutions with GELU between; the last begins at zero."""
    wide, narrow = WIDTHS
    layers = nn.Sequential(
        nn.Conv2d(taken, wide, 3, padding=1),
        nn.GELU(),
        nn.Conv2d(wide, narrow, 3, padding=1),
        nn.GELU(),
        nn.Conv2d(narrow, given, 3, padding=1),
    )
    nn.init.zeros_(layers[-1].weight)
    nn.init.zeros_(layers[-1].bias)
    return layers


class TcmNetwork(nn.Module):
    """Means of each slice from z's and from the slices before; then 0.5 tanh of its error.

    Added to z's means, and beginning at zero: an untrained context changes nothing.

    Args:
        latent: M.
        slices: how many, equally wide.
    """

    steps = 1

    def __init__(self, latent: int, slices: int) -> None:
        super().__init__()
        width = latent // slices
        self.groups = (width,) * slices
        taken = [latent + k * width for k in range(slices)]
        self.attention = nn.ModuleList(SwinAttention(channels) for channels in taken)
        self.means = nn.ModuleList(narrowing(channels, width) for channels in taken)
        self.errors = nn.ModuleList(narrowing(channels + width, width) for channels in taken)

    def predict(self, index: int, step: int, hyper: Tensor, known: Tensor, own: Tensor) -> Tensor:
        """Return mu of a slice."""
        first = sum(self.groups[:index])
        seen = self.attention[index](torch.cat([hyper, known], 1))
        return hyper[:, first : first + self.groups[index]] + self.means[index](seen)

    def refine(self, index: int, hyper: Tensor, known: Tensor, own: Tensor) -> Tensor:
        """Return a decoded slice less what is predicted of its error."""
        seen = self.attention[index](torch.cat([hyper, known], 1))
        return own + 0.5 * torch.tanh(self.errors[index](torch.cat([seen, own], 1)))

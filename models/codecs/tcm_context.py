"""LIC-TCM's context: even slices of channels, Swin attention, and r's rounding predicted too."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor, nn

from tcsdk.models.layers.local_attention import AttentionUnit
from tcsdk.models.layers.window_attention import SwinLayer

HEAD, WINDOW = 16, 8  # of the attention over y
MOST = 0.5  # by which a refinement moves y: half of the published quantiser step


class SwinAttention(nn.Module):
    """1x1 to fewer channels, x + a * sigmoid(b) there, and 1x1 back: SWAtten of LIC-TCM.

    a is three residual units of x; b two Swin layers, three units and a 1x1 convolution of it.

    Args:
        channels: C of (N, C, H, W).
        inner: channels in between.
    """

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.enter = nn.Conv2d(channels, inner, 1)
        self.swin = nn.ModuleList(
            SwinLayer(inner, HEAD, WINDOW, shifted) for shifted in (False, True)
        )
        self.trunk = nn.Sequential(*(AttentionUnit(inner) for _ in range(3)))
        units = (AttentionUnit(inner) for _ in range(3))
        self.mask = nn.Sequential(*units, nn.Conv2d(inner, inner, 1))
        self.leave = nn.Conv2d(inner, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, H, W) of x (N, C, H, W)."""
        x = self.enter(x)
        pixels = x.permute(0, 2, 3, 1)
        for layer in self.swin:
            pixels = layer(pixels)
        seen = self.mask(pixels.permute(0, 3, 1, 2))
        return self.leave(x + self.trunk(x) * torch.sigmoid(seen))


class TcmNetwork(nn.Module):
    """LIC-TCM's context, its mean half: slice by slice, without neighbours of the same slice.

    Per slice as published in code: attention over what z says and all earlier slices, three 3x3
    convolutions with GELU (224, 128 and g channels wide) to the means, and as many, which also take
    y_hat of the slice, to what is added to it: half a tangent hyperbolic. Here the means are added
    to z's own, and both begin at zero.

    Args:
        latent: M.
        groups: channels of each slice.
        widths: of the hidden layers, 224 and 128 as published.
        inner: channels of the attention, 128 as published.
    """

    steps = 1

    def __init__(
        self, latent: int, groups: Sequence[int], widths: tuple[int, int], inner: int
    ) -> None:
        super().__init__()
        self.groups = tuple(groups)
        taken = [latent + known for known in accumulate((0, *self.groups[:-1]))]
        self.attention = nn.ModuleList(SwinAttention(width, inner) for width in taken)
        sizes = list(zip(taken, self.groups, strict=True))
        self.gather = nn.ModuleList(_narrowing(width, g, widths) for width, g in sizes)
        self.refine = nn.ModuleList(_narrowing(width + g, g, widths) for width, g in sizes)
        for layers in (*self.gather, *self.refine):
            nn.init.zeros_(layers[-1].weight)
            nn.init.zeros_(layers[-1].bias)

    def enter(self, index: int, hyper: Tensor, known: Tensor) -> TcmSlice:
        """Return a slice, as GroupNetwork says."""
        return TcmSlice(self, index, hyper, known)


class TcmSlice:
    """A slice of LIC-TCM's context."""

    def __init__(self, network: TcmNetwork, index: int, hyper: Tensor, known: Tensor) -> None:
        first = sum(network.groups[:index])
        self._own = hyper[:, first : first + network.groups[index]]
        self._gather, self._refine = network.gather[index], network.refine[index]
        self._support = network.attention[index](torch.cat([hyper, known], 1))

    def mean(self, step: int, own: Tensor) -> Tensor:
        """Return mu of all elements."""
        mu: Tensor = self._own + self._gather(self._support)
        return mu

    def refinement(self, own: Tensor) -> Tensor:
        """Return what is predicted of r's rounding, (N, g, h, w), within MOST."""
        return MOST * torch.tanh(self._refine(torch.cat([self._support, own], 1)))


def _narrowing(taken: int, given: int, widths: tuple[int, int]) -> nn.Sequential:
    wide, narrow = widths
    return nn.Sequential(
        nn.Conv2d(taken, wide, 3, padding=1),
        nn.GELU(),
        nn.Conv2d(wide, narrow, 3, padding=1),
        nn.GELU(),
        nn.Conv2d(narrow, given, 3, padding=1),
    )

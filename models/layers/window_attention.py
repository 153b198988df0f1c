"""Swin's attention: among the pixels of a window, and of windows shifted by half of one.

Liu et al., "Swin Transformer" (2021), Section 3.2, as LIC-TCM uses it: a relative bias, and the
cyclic shift of its Figure 4, after which pixels that were no neighbours are masked.

READ ME FIRST, borders: the published nets take planes of whole windows only. Here a plane is
continued to whole windows by its last row and column, and nothing looks at those: they are masked,
and dropped behind the attention.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from tcsdk.models.layers.attention import MASKED


class Windows(NamedTuple):
    """Where pixels of a plane (H, W) stand while windows attend; k is a window's side.

    Attributes:
        rows: (ceil(H/k) * k,) int64, which row stands at each place.
        columns: (ceil(W/k) * k,) int64, which column.
        back_rows: (H,) int64, at which place each row stands.
        back_columns: (W,) int64, at which each column.
        mask: (ceil(H/k), ceil(W/k), 1, k^2, k^2) float32, 0 where a pixel sees another and at most
            MASKED where it does not.
    """

    rows: Tensor
    columns: Tensor
    back_rows: Tensor
    back_columns: Tensor
    mask: Tensor


def _along(
    length: int, window: int, shift: int, device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """What stands where in one direction, where each stands, and the mask (L/k, k, k)."""
    whole = (length + window - 1) // window * window
    places, own = (torch.arange(n, device=device) for n in (whole, length))
    moved = places + shift
    stands = moved - whole * _reaches(moved, whole)
    # Behind the cut of the cyclic shift lies what was at the beginning; 2 and 3 are beyond all.
    beyond = _reaches(stands, length)
    side = _reaches(places, whole - shift) + 2 * beyond
    side = side.reshape(-1, window)
    apart = (side[:, :, None] - side[:, None, :]).abs() + _reaches(side[:, None, :], 2)
    back = own - shift + whole * (1 - _reaches(own, shift))
    rows = stands * (1 - beyond) + (length - 1) * beyond
    return rows, back, apart.clamp(max=1).float() * MASKED


def _reaches(numbers: Tensor, least: int) -> Tensor:
    """1 where a whole number is at least so much, else 0; plain arithmetic for every runtime."""
    return (numbers - least + 1).clamp(0, 1)


def windows(height: int, width: int, window: int, shift: int, device: torch.device) -> Windows:
    """Places and mask of a plane (height, width), for windows of k = `window`, shifted or not."""
    rows, back_rows, row_mask = _along(height, window, shift, device)
    columns, back_columns, column_mask = _along(width, window, shift, device)
    mask = row_mask[:, None, :, None, :, None] + column_mask[None, :, None, :, None, :]
    mask = mask.flatten(2, 3).flatten(3, 4)[:, :, None]
    return Windows(rows, columns, back_rows, back_columns, mask)


class WindowAttention(nn.Module):
    """Multi-head attention within windows of k x k pixels, with a relative bias.

    Args:
        channels: C, a multiple of `head`.
        head: channels of a head.
        window: k.
        shifted: whether the windows are shifted by k / 2.
    """

    def __init__(self, channels: int, head: int, window: int, shifted: bool) -> None:
        super().__init__()
        if channels % head:
            raise ValueError(f"expected channels a multiple of {head}, got {channels}")
        self.heads, self.head, self.window = channels // head, head, window
        self.shift = window // 2 if shifted else 0
        self.qkv = nn.Linear(channels, 3 * channels)
        self.project = nn.Linear(channels, channels)
        self.bias = nn.Parameter(torch.zeros(self.heads, (2 * window - 1) ** 2))
        nn.init.trunc_normal_(self.bias, std=0.02)
        self.register_buffer("offset", _offsets(window), persistent=False)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return (N, H, W, C) of pixels (N, H, W, C)."""
        height, width, channels = pixels.shape[1:]
        at = windows(height, width, self.window, self.shift, pixels.device)
        down, across = at.mask.shape[:2]
        side, shape = self.window, (-1, down, self.window, across, self.window)
        placed = pixels.index_select(1, at.rows).index_select(2, at.columns)
        qkv = self.qkv(placed.reshape(-1, channels))
        qkv = qkv.reshape(*shape, 3, self.heads, self.head)
        q, k, v = qkv.permute(5, 0, 1, 3, 6, 2, 4, 7).flatten(5, 6).unbind(0)
        logits = (q * self.head**-0.5) @ k.transpose(-1, -2)
        out = torch.softmax(logits + (self.bias[:, self.offset] + at.mask), -1) @ v
        out = out.unflatten(4, (side, side)).permute(0, 1, 4, 2, 5, 3, 6)
        out = self.project(out.reshape(-1, channels))
        out = out.reshape(-1, down * side, across * side, channels)
        return out.index_select(1, at.back_rows).index_select(2, at.back_columns)


def _offsets(window: int) -> Tensor:
    """Index of the relative bias for each query and key of a window, (k^2, k^2) int64."""
    place = torch.arange(window)
    along = place[:, None] - place + window - 1
    index = along[:, None, :, None] * (2 * window - 1) + along[None, :, None, :]
    return index.flatten(0, 1).flatten(1, 2)


class SwinLayer(nn.Module):
    """x + attention(norm(x)), then x + MLP(norm(x)), of pixels (N, H, W, C).

    Args:
        channels: C.
        head: channels of a head.
        window: side of a window.
        shifted: whether windows are shifted by half of one.
    """

    EXPANSION = 4

    def __init__(self, channels: int, head: int, window: int, shifted: bool) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(channels)
        self.attention = WindowAttention(channels, head, window, shifted)
        self.norm_mlp = nn.LayerNorm(channels)
        self.expand = nn.Linear(channels, self.EXPANSION * channels)
        self.contract = nn.Linear(self.EXPANSION * channels, channels)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return (N, H, W, C) of pixels (N, H, W, C)."""
        x = pixels + self.attention(self.norm_attention(pixels))
        rows = self.norm_mlp(x).reshape(-1, x.shape[-1])
        # As rows of a matrix, so that ONNX gets a Gemm with a weight as the checkpoint has it.
        hidden = nn.functional.gelu(self.expand(rows))
        return x + self.contract(hidden).reshape(x.shape)

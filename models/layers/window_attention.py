"""Attention within windows (Swin; Liu et al., 2021) in plain tensor operations."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tcsdk.models.layers.attention import HEAD, MASKED

EXPANSION = 4  # hidden width of the MLP over C


class WindowLayer(nn.Module):
    """x + attention within windows(norm(x)), then x + MLP(norm(x)).

    Args:
        channels: C, a multiple of the head size.
        window: side of a window; planes are multiples of it.
        shifted: whether windows lie half a window further, around the plane's edges.
        head: channels per head.
    """

    def __init__(self, channels: int, window: int, shifted: bool, head: int = HEAD) -> None:
        super().__init__()
        if channels % head or window % 2:
            raise ValueError(
                f"expected channels a multiple of {head} and an even window, got {channels} "
                f"channels and window {window}"
            )
        self.window, self.shifted, self.heads = window, shifted, channels // head
        self.norm_attention, self.norm_mlp = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.qkv, self.project = nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)
        self.expand = nn.Linear(channels, EXPANSION * channels)
        self.contract = nn.Linear(EXPANSION * channels, channels)
        self.bias = nn.Parameter(torch.zeros(self.heads, (2 * window - 1) ** 2))
        nn.init.trunc_normal_(self.bias, std=0.02)
        self.register_buffer("offset", _offsets(window), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, H, W, C) of x (N, H, W, C)."""
        x = x + self._attention(self.norm_attention(x))
        hidden = nn.functional.gelu(self.expand(self.norm_mlp(x)))
        return x + self.contract(hidden)

    def _attention(self, x: Tensor) -> Tensor:
        side, shift = self.window, self.window // 2
        if self.shifted:
            x = torch.roll(x, (-shift, -shift), (1, 2))
        down, across = x.shape[1] // side, x.shape[2] // side
        cells = x.reshape(-1, down, side, across, side, x.shape[3]).permute(0, 1, 3, 2, 4, 5)
        rows = cells.flatten(3, 4)  # (N, down, across, side^2, C)
        q, k, v = self.qkv(rows).unflatten(4, (3, self.heads, -1)).permute(4, 0, 1, 2, 5, 3, 6)
        logits = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2) + self.bias[:, self.offset]
        if self.shifted:
            logits = logits + self._apart(down, across, x)
        out = (torch.softmax(logits, -1) @ v).transpose(3, 4).flatten(4)
        out = self.project(out).unflatten(3, (side, side)).permute(0, 1, 3, 2, 4, 5)
        out = out.reshape(x.shape)
        return torch.roll(out, (shift, shift), (1, 2)) if self.shifted else out

    def _apart(self, down: int, across: int, like: Tensor) -> Tensor:
        """(down, across, 1, side^2, side^2): MASKED between what rolling put beside each other."""
        rows, columns = (_split(count, self.window, like) for count in (down, across))
        both = rows[:, None, :, None, :, None] + columns[None, :, None, :, None, :]
        return both.flatten(2, 3).flatten(3, 4)[:, :, None].clamp(max=1.0) * MASKED


def _split(count: int, window: int, like: Tensor) -> Tensor:
    """(count, window, window), 1 where two places of the last window are of different halves."""
    place = torch.arange(window, device=like.device) >= window // 2
    differ = (place[:, None] != place).to(like.dtype)
    last = (torch.arange(count, device=like.device) == count - 1).to(like.dtype)
    return last[:, None, None] * differ


def _offsets(window: int) -> Tensor:
    """Index of the relative bias of each query and key, (window^2, window^2) int64."""
    place = torch.arange(window)
    along = place - place[:, None] + window - 1
    index = along[:, None, :, None] * (2 * window - 1) + along[None, :, None, :]
    return index.flatten(0, 1).flatten(1, 2)

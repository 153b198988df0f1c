"""Attention over sequences (Vaswani et al., 2017) in plain tensor operations, and positions."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

# What a mask adds to the logits of keys that must not be seen; exp of it is 0, and FP16 holds it.
HIDDEN = -1e4


class MultiHeadAttention(nn.Module):
    """Scaled dot-product attention with several heads.

    Args:
        channels: C of queries and memory, a multiple of `heads`.
        heads: how many.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        if channels % heads:
            raise ValueError(f"expected channels a multiple of {heads} heads, got {channels}")
        self.heads = heads
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels)
        self.value = nn.Linear(channels, channels)
        self.project = nn.Linear(channels, channels)

    def weights(self, queries: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """Say how much each query takes of each element of memory.

        Args:
            queries: (N, T, C).
            memory: (N, S, C).
            mask: (T, S), 0 where a query may look and `HIDDEN` elsewhere; None hides nothing.

        Returns:
            (N, heads, T, S), of sum 1 over S.
        """
        q, k = self._split(self.query(queries)), self._split(self.key(memory))
        logits = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        return torch.softmax(logits if mask is None else logits + mask, -1)

    def forward(self, queries: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return what queries (N, T, C) take of memory (N, S, C): (N, T, C)."""
        taken = self.weights(queries, memory, mask) @ self._split(self.value(memory))
        return self.project(taken.transpose(1, 2).flatten(2))

    def _split(self, rows: Tensor) -> Tensor:
        """(N, T, C) -> (N, heads, T, C / heads)."""
        return rows.unflatten(2, (self.heads, -1)).transpose(1, 2)


class AttentionBlock(nn.Module):
    """norm(x + attention(x, memory)), then norm(x + feed-forward(x)): normalised behind the sum.

    Args:
        channels: C.
        heads: of the attention.
        hidden: width of the feed-forward part.
    """

    def __init__(self, channels: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(channels, heads)
        self.norm_attention = nn.LayerNorm(channels)
        self.expand = nn.Linear(channels, hidden)
        self.contract = nn.Linear(hidden, channels)
        self.norm_feed_forward = nn.LayerNorm(channels)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return (N, T, C) of x (N, T, C) that asks memory (N, S, C); mask as of the attention."""
        x = self.norm_attention(x + self.attention(x, memory, mask))
        return self.norm_feed_forward(x + self.contract(torch.relu(self.expand(x))))


def causal_mask(length: int, device: torch.device) -> Tensor:
    """Return (T, T), 0 at and before each query's own place and `HIDDEN` behind it."""
    return torch.full((length, length), HIDDEN, device=device).triu(1)


def positions(length: int, channels: int, device: torch.device | None = None) -> Tensor:
    """Return sines and cosines of a place, interleaved (Vaswani et al., Section 3.5): (T, C).

    The slowest wave is 10,000 times as long as the first, which has a length of 2 pi.
    """
    place = torch.arange(length, device=device, dtype=torch.float32)[:, None]
    even = torch.arange(0, channels, 2, device=device, dtype=torch.float32)
    angle = place * torch.exp(even * (-math.log(10_000.0) / channels))
    return torch.stack([angle.sin(), angle.cos()], -1).flatten(1)


def plane_positions(
    height: int, width: int, channels: int, device: torch.device | None = None
) -> Tensor:
    """Return the places of a plane: half of the channels say the column, half the row, (C, H, W).

    Args:
        height: H.
        width: W.
        channels: C, a multiple of 4.
        device: of the result.
    """
    if channels % 4:
        raise ValueError(f"expected channels a multiple of 4, got {channels}")
    half = channels // 2
    column = positions(width, half, device).T[:, None].expand(half, height, width)
    row = positions(height, half, device).T[:, :, None].expand(half, height, width)
    return torch.cat([column, row])

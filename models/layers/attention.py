"""Neighbourhood attention in plain tensor operations: every pixel attends to the k x k around it.

Queries are taken in blocks of 4x4, whose windows lie within one square of (4 + k - 1)^2 keys; keys
outside a query's own window are masked. For k = 7 that is 100 keys per query instead of 49, in
matrix products; one gathered copy per neighbour, as the definition reads, would be 49 of the plane.

READ ME FIRST, borders: near a border the window shifts inward, so that it still holds k x k real
pixels (Hassani et al., Neighborhood Attention Transformer, 2023, Section 3.1). Where the plane is
narrower than k, the window is the whole plane in that direction. Nothing is padded.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

BLOCK = 4
HEAD = 16  # channels per head
# Added to the logits of keys outside the window; exp of it is 0, and FP16 holds it.
MASKED = -1e4


class Neighbourhood(NamedTuple):
    """Where the keys of each block of queries lie; S = BLOCK + k - 1.

    Attributes:
        rows: (H / BLOCK * S,) int64, rows of keys, block after block.
        columns: (W / BLOCK * S,) int64.
        mask: (H / BLOCK, W / BLOCK, 1, BLOCK^2, S^2) float32, 0 within the query's window and at
            most MASKED outside.
    """

    rows: Tensor
    columns: Tensor
    mask: Tensor


def _along(length: int, window: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Positions of keys (L / BLOCK, S), and the mask of one direction (L / BLOCK, BLOCK, S)."""
    half, first = window // 2, torch.arange(length // BLOCK, device=device)[:, None] * BLOCK
    keys = first - half + torch.arange(BLOCK + window - 1, device=device)
    queries = first + torch.arange(BLOCK, device=device)
    begin = (queries - half).clamp(max=length - window).clamp(min=0)[:, :, None]
    end = (begin + window).clamp(max=length)
    unseen = (keys[:, None] < begin) | (keys[:, None] >= end)
    return keys.clamp(0, length - 1), unseen.float() * MASKED


def neighbourhood(height: int, width: int, window: int, device: torch.device) -> Neighbourhood:
    """Keys and mask of a plane (height, width), both multiples of BLOCK, for k = `window`."""
    rows, row_mask = _along(height, window, device)
    columns, column_mask = _along(width, window, device)
    mask = row_mask[:, None, :, None, :, None] + column_mask[None, :, None, :, None, :]
    mask = mask.flatten(2, 3).flatten(3, 4)[:, :, None]
    return Neighbourhood(rows.flatten(), columns.flatten(), mask)


class NeighbourhoodAttention(nn.Module):
    """Multi-head attention of each pixel to the k x k pixels around it, with a relative bias.

    Args:
        channels: C, a multiple of HEAD.
        window: k, odd.
    """

    def __init__(self, channels: int, window: int = 7) -> None:
        super().__init__()
        if channels % HEAD or window % 2 == 0:
            raise ValueError(
                f"expected channels a multiple of {HEAD} and an odd window, "
                f"got {channels} channels and window {window}"
            )
        self.heads, self.span = channels // HEAD, BLOCK + window - 1
        self.qkv = nn.Linear(channels, 3 * channels)
        self.project = nn.Linear(channels, channels)
        self.bias = nn.Parameter(torch.zeros(self.heads, (2 * window - 1) ** 2))
        nn.init.trunc_normal_(self.bias, std=0.02)
        self.register_buffer("offset", _offsets(window), persistent=False)

    def forward(self, x: Tensor, near: Neighbourhood) -> Tensor:
        """Return rows (N * H * W, C) of rows x; `near` is the neighbourhood of (H, W)."""
        down, across = near.mask.shape[:2]
        q, kv = self.qkv(x).split([x.shape[-1], 2 * x.shape[-1]], dim=-1)
        q = q.reshape(-1, down, BLOCK, across, BLOCK, self.heads, HEAD)
        q = q.permute(0, 1, 3, 5, 2, 4, 6).flatten(4, 5) * HEAD**-0.5
        kv = kv.reshape(-1, down * BLOCK, across * BLOCK, kv.shape[-1])
        kv = kv.index_select(1, near.rows).index_select(2, near.columns)
        kv = kv.reshape(-1, down, self.span, across, self.span, 2, self.heads, HEAD)
        k, v = kv.permute(5, 0, 1, 3, 6, 2, 4, 7).flatten(5, 6).unbind(0)
        logits = q @ k.transpose(-1, -2) + (self.bias[:, self.offset] + near.mask)
        out = torch.softmax(logits, -1) @ v
        out = out.unflatten(4, (BLOCK, BLOCK)).permute(0, 1, 4, 2, 5, 3, 6)
        return self.project(out.reshape(x.shape))


def _offsets(window: int) -> Tensor:
    """Index of the relative bias for each query and key of a block, (BLOCK^2, S^2) int64."""
    side = 2 * window - 1
    query, key = torch.arange(BLOCK), torch.arange(BLOCK + window - 1) - window // 2
    along = (key - query[:, None] + window - 1).clamp(0, side - 1)  # clamped ones are masked
    index = along[:, None, :, None] * side + along[None, :, None, :]
    return index.flatten(0, 1).flatten(1, 2)


class AttentionLayer(nn.Module):
    """x + attention(norm(x)), then x + MLP(norm(x)): one pre-norm transformer layer.

    Pixels are the rows of a matrix: so ONNX gets a Gemm that takes a weight as the checkpoint has
    it, where a MatMul of more dimensions would want it transposed.

    Args:
        channels: C.
        window: k of the attention.
        expansion: hidden width of the MLP over C.
    """

    def __init__(self, channels: int, window: int = 7, expansion: int = 2) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(channels)
        self.attention = NeighbourhoodAttention(channels, window)
        self.norm_mlp = nn.LayerNorm(channels)
        self.expand = nn.Linear(channels, expansion * channels)
        self.contract = nn.Linear(expansion * channels, channels)

    def forward(self, x: Tensor, near: Neighbourhood) -> Tensor:
        """Return rows (N * H * W, C) of rows x; `near` is the neighbourhood of (H, W)."""
        x = x + self.attention(self.norm_attention(x), near)
        hidden = nn.functional.gelu(self.expand(self.norm_mlp(x)))
        return x + self.contract(hidden)


class ResidualAttention(nn.Module):
    """x + layers(x), (N, C, H, W): TinyLIC's residual neighbourhood attention block.

    Args:
        channels: C.
        depth: number of layers.
        window: k of the attention.
    """

    def __init__(self, channels: int, depth: int, window: int = 7) -> None:
        super().__init__()
        self.window = window
        self.layers = nn.ModuleList(AttentionLayer(channels, window) for _ in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, H, W) of x (N, C, H, W), H and W multiples of BLOCK."""
        near = neighbourhood(x.shape[-2], x.shape[-1], self.window, x.device)
        pixels = x.permute(0, 2, 3, 1)
        rows = pixels.reshape(-1, pixels.shape[-1])
        for layer in self.layers:
            rows = layer(rows, near)
        return x + rows.reshape(pixels.shape).permute(0, 3, 1, 2)

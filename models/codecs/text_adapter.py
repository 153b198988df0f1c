"""TACO's text adapter: a caption and the encoder's features ask each other.

Lee et al., "Neural Image Compression with Text-guided Encoding", Section 3.2: cross-attention of
the picture's features over the caption's tokens, of the tokens over features that the encoder has
made of these, and of those features over the tokens that have seen them. Each adds to what asked,
times a gamma per channel that begins at zero: an untrained adapter changes nothing, bit for bit.
(Equation 5 adds to the normalised features; the authors' code, which we follow, to the features.)
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tcsdk.models.text.caption import Caption

# Added to the logits of tokens that are not there; exp of it is 0, and FP16 holds it.
MASKED = -1e4


@dataclass(frozen=True)
class AdapterConfig:
    """Widths of an adapter; the defaults are the published ones, on ELIC with CLIP's tokens.

    Attributes:
        fine: channels of the features that ask first.
        coarse: channels of those that are asked, and ask then.
        tokens: channels of a token.
        heads: of each attention.
        inner: channels of queries, keys and values; None for those of what asks.
    """

    fine: int = 192
    coarse: int = 192
    tokens: int = 512
    heads: int = 8
    inner: int | None = None


class CrossAttention(nn.Module):
    """What one sequence learns by asking another, times gamma.

    Args:
        asks: channels of the sequence that asks.
        told: channels of the one that is asked.
        heads: of the attention.
        inner: channels of queries, keys and values; None for those of what asks.
    """

    def __init__(self, asks: int, told: int, heads: int, inner: int | None = None) -> None:
        super().__init__()
        inner = inner or asks
        if inner % heads:
            raise ValueError(f"expected inner channels a multiple of {heads} heads, got {inner}")
        self.heads = heads
        self.match = nn.Linear(told, asks)
        self.norm_asks, self.norm_told = nn.LayerNorm(asks), nn.LayerNorm(asks)
        self.query, self.key, self.value = (nn.Linear(asks, inner) for _ in range(3))
        self.combine = nn.Linear(inner, asks)
        self.gamma = nn.Parameter(torch.zeros(asks))

    def forward(self, asks: Tensor, told: Tensor, bias: Tensor | None = None) -> Tensor:
        """Return what is to be added to what asks, (N, Q, C).

        Args:
            asks: (N, Q, C).
            told: (N, K, D).
            bias: (N, K), added to the logits of each that is asked.
        """
        queries, known = self.norm_asks(asks), self.norm_told(self.match(told))
        q, k, v = map(self._split, (self.query(queries), self.key(known), self.value(known)))
        logits = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        if bias is not None:
            logits = logits + bias[:, None, None]
        learnt = torch.softmax(logits, -1) @ v
        return self.gamma * self.combine(learnt.transpose(1, 2).flatten(2))

    def _split(self, rows: Tensor) -> Tensor:
        return rows.unflatten(2, (self.heads, -1)).transpose(1, 2)


class TextAdapter(nn.Module):
    """The three attentions between a caption and an encoder's features.

    Without a caption one token that is learnt stands for it.

    Args:
        config: widths.
    """

    def __init__(self, config: AdapterConfig) -> None:
        super().__init__()
        c = config
        self.config = c
        self.first = CrossAttention(c.fine, c.tokens, c.heads, c.inner)
        self.extractor = CrossAttention(c.tokens, c.coarse, c.heads, c.inner)
        self.second = CrossAttention(c.coarse, c.tokens, c.heads, c.inner)
        self.null = nn.Parameter(torch.randn(c.tokens) * 0.02)

    def filled(self, caption: Caption) -> Caption:
        """Return captions with the null token first where there is none.

        Args:
            caption: with at least one place, T >= 1.
        """
        none = 1.0 - caption.mask.amax(1, keepdim=True)
        first = (torch.arange(caption.mask.shape[1], device=caption.mask.device) == 0).float()
        missing = none * first
        tokens = caption.tokens * caption.mask[:, :, None] + missing[:, :, None] * self.null
        return Caption(tokens, caption.mask + missing)

    def inject(self, features: Tensor, caption: Caption) -> Tensor:
        """Return the fine features after asking the caption, (N, C, H, W).

        Args:
            features: (N, C, H, W), `config.fine` channels.
            caption: as `filled` gives it.
        """
        return features + _as_map(
            self.first(_as_rows(features), caption.tokens, _bias(caption)), features
        )

    def exchange(self, features: Tensor, caption: Caption) -> Tensor:
        """Return the coarse features after the caption has asked them, and they it, (N, C, H, W).

        Args:
            features: (N, C, H, W), `config.coarse` channels.
            caption: as `filled` gives it.
        """
        rows = _as_rows(features)
        tokens = caption.tokens + self.extractor(caption.tokens, rows)
        return features + _as_map(self.second(rows, tokens, _bias(caption)), features)


def no_caption(count: int, config: AdapterConfig) -> Caption:
    """Return what stands for captions of pictures that have none.

    Args:
        count: of pictures.
        config: of the adapter that takes them.
    """
    return Caption(torch.zeros(count, 1, config.tokens), torch.zeros(count, 1))


def _bias(caption: Caption) -> Tensor:
    return (1.0 - caption.mask) * MASKED


def _as_rows(features: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, H * W, C)."""
    return features.flatten(2).transpose(1, 2)


def _as_map(rows: Tensor, like: Tensor) -> Tensor:
    """(N, H * W, C) -> (N, C, H, W), the size of `like`."""
    return rows.transpose(1, 2).unflatten(2, like.shape[2:])

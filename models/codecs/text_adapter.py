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

from tcsdk.models.codecs.caption_taker import CaptionTaker, as_rows
from tcsdk.models.codecs.linformer import MASKED, FewTokens
from tcsdk.models.text.caption import Caption


@dataclass(frozen=True)
class AdapterConfig:
    """Widths of an adapter; the defaults are the published ones, on ELIC with CLIP's tokens.

    Attributes:
        fine: channels of the features that ask first.
        coarse: channels of those that are asked, and ask then.
        tokens: channels of a token.
        heads: of each attention.
        inner: channels of queries, keys and values; None for those of what asks.
        few: Linformer's k, and the tokens of a caption at most: how many keys and values a caption
            comes to where a picture asks it; None for one of each token.
    """

    fine: int = 192
    coarse: int = 192
    tokens: int = 512
    heads: int = 8
    inner: int | None = None
    few: tuple[int, int] | None = None


class CrossAttention(nn.Module):
    """What one sequence learns by asking another, times gamma.

    Args:
        asks: channels of the sequence that asks.
        told: channels of the one that is asked.
        heads: of the attention.
        inner: channels of queries, keys and values; None for those of what asks.
        few: as `AdapterConfig` says.
    """

    def __init__(
        self,
        asks: int,
        told: int,
        heads: int,
        inner: int | None = None,
        few: tuple[int, int] | None = None,
    ) -> None:
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
        self.few = FewTokens(*few) if few else None

    def forward(self, asks: Tensor, told: Tensor, bias: Tensor | None = None) -> Tensor:
        """Return what is to be added to what asks, (N, Q, C).

        Args:
            asks: (N, Q, C).
            told: (N, K, D).
            bias: (N, K), added to the logits of each that is asked.
        """
        return self.gamma * self.combine(self._learnt(asks, told, bias).transpose(1, 2))

    def of_map(self, features: Tensor, told: Tensor, bias: Tensor | None = None) -> Tensor:
        """Return the same of a map whose places ask, (N, C, H, W): no turning back into one."""
        learnt = self._learnt(as_rows(features), told, bias).unflatten(2, features.shape[2:])
        weight, gamma = self.combine.weight[:, :, None, None], self.gamma[:, None, None]
        return gamma * nn.functional.conv2d(learnt, weight, self.combine.bias)

    def _learnt(self, asks: Tensor, told: Tensor, bias: Tensor | None) -> Tensor:
        """Return what each takes of what is told, (N, inner, Q)."""
        queries, known = self.norm_asks(asks), self.norm_told(self.match(told))
        keys, values = self.key(known), self.value(known)
        if self.few is not None and bias is not None:
            keys, values, bias = self.few(keys, values, bias)
        # Of a plain matrix a runtime adds the bias as it goes.
        asked = self.query(queries.flatten(0, 1)).unflatten(0, queries.shape[:2])
        q, k, v = map(self._split, (asked, keys, values))
        logits = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        if bias is not None:
            logits = logits + bias[:, None, None]
        taken = v.transpose(-1, -2) @ torch.softmax(logits, -1).transpose(-1, -2)
        return taken.flatten(1, 2)

    def _split(self, rows: Tensor) -> Tensor:
        return rows.unflatten(2, (self.heads, -1)).transpose(1, 2)


class TextAdapter(CaptionTaker):
    """The three attentions between a caption and an encoder's features.

    Args:
        config: widths.
    """

    def __init__(self, config: AdapterConfig) -> None:
        super().__init__()
        c = config
        self.config = c
        self.first = CrossAttention(c.fine, c.tokens, c.heads, c.inner, c.few)
        self.extractor = CrossAttention(c.tokens, c.coarse, c.heads, c.inner)
        self.second = CrossAttention(c.coarse, c.tokens, c.heads, c.inner, c.few)
        self.null = nn.Parameter(torch.randn(c.tokens) * 0.02)

    def inject(self, features: Tensor, caption: Caption) -> Tensor:
        """Return the fine features after asking the caption."""
        return features + self.first.of_map(features, caption.tokens, _bias(caption))

    def exchange(self, features: Tensor, caption: Caption) -> Tensor:
        """Return the coarse features after the caption has asked them, and they it."""
        tokens = caption.tokens + self.extractor(caption.tokens, as_rows(features))
        return features + self.second.of_map(features, tokens, _bias(caption))


def _bias(caption: Caption) -> Tensor:
    """What is added to the logits of tokens: one that counts w times weighs as w of it would."""
    missing = (1.0 - caption.mask) * MASKED
    return missing if caption.weights is None else missing + caption.weights.log()

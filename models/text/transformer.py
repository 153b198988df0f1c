"""BERT and CLIP's text encoder as their papers describe them, for weights that others trained.

Devlin et al., "BERT", 2019: sums are normalised behind each part, every token sees every other.
Radford et al., "Learning Transferable Visual Models", 2021: parts take what is normalised, a token
sees those before it. A number is a token's id in the vocabulary plus 1; 0 is no token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from tcsdk.models.layers.transformer import HIDDEN, MultiHeadAttention, causal_mask
from tcsdk.models.text.caption import Caption


def quick_gelu(x: Tensor) -> Tensor:
    """CLIP's approximation of the GELU."""
    return x * torch.sigmoid(1.702 * x)


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": functional.gelu,
    "quick_gelu": quick_gelu,
}


@dataclass(frozen=True)
class TextConfig:
    """Widths of a text encoder.

    Attributes:
        vocabulary: ids of tokens.
        places: tokens that have a place, at most.
        channels: of a token.
        layers: blocks.
        heads: of each attention.
        hidden: width of the feed-forward parts.
        activation: of these, a key of ACTIVATIONS.
        epsilon: of the normalisations.
        causal: CLIP's kind of net, else BERT's.
    """

    vocabulary: int
    places: int
    channels: int
    layers: int
    heads: int
    hidden: int
    activation: str = "gelu"
    epsilon: float = 1e-12
    causal: bool = False


MINILM = TextConfig(30522, 512, 384, 6, 12, 1536)
CLIP = TextConfig(49408, 77, 512, 12, 8, 2048, "quick_gelu", 1e-5, causal=True)


class Block(nn.Module):
    """Attention and a feed-forward part, each added to what came in."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        c = config
        self.first, self.act = c.causal, ACTIVATIONS[c.activation]
        self.attention = MultiHeadAttention(c.channels, c.heads)
        self.norm_attention = nn.LayerNorm(c.channels, c.epsilon)
        self.expand = nn.Linear(c.channels, c.hidden)
        self.contract = nn.Linear(c.hidden, c.channels)
        self.norm_feed_forward = nn.LayerNorm(c.channels, c.epsilon)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return (N, T, C) of x (N, T, C) and what is added to the logits, (N or 1, 1, T, T)."""
        if self.first:
            asks = self.norm_attention(x)
            x = x + self.attention(asks, asks, mask)
            return x + self._feed_forward(self.norm_feed_forward(x))
        x = self.norm_attention(x + self.attention(x, x, mask))
        return self.norm_feed_forward(x + self._feed_forward(x))

    def _feed_forward(self, x: Tensor) -> Tensor:
        return self.contract(self.act(self.expand(x)))


class TransformerText(nn.Module):
    """Numbers of tokens to states.

    Args:
        config: of the net.
        length: tokens of a caption at most.

    Raises:
        ValueError: the net has fewer places.
    """

    def __init__(self, config: TextConfig, length: int) -> None:
        super().__init__()
        if length > config.places:
            raise ValueError(f"expected at most {config.places} tokens of a caption, got {length}")
        self.config, self.channels, self.length = config, config.channels, length
        self.parts, self.largest = 1, config.vocabulary
        self.tokens = nn.Embedding(config.vocabulary, config.channels)
        self.places = nn.Parameter(torch.zeros(length, config.channels))
        self.norm = nn.LayerNorm(config.channels, config.epsilon)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))

    def forward(self, numbers: Tensor) -> Caption:
        """Return the states of captions' tokens.

        Args:
            numbers: (N, T) int64, T at most `length`; 0 where no token is.
        """
        there = (numbers > 0).float()
        x = self.tokens((numbers - 1).clamp(min=0)) + self.places[: numbers.shape[1]]
        mask = ((1.0 - there) * HIDDEN)[:, None, None]
        if self.config.causal:
            mask = mask + causal_mask(numbers.shape[1], numbers.device)
        else:
            x = self.norm(x)
        for block in self.blocks:
            x = block(x, mask)
        return Caption(self.norm(x) if self.config.causal else x, there)

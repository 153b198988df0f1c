"""A caption in the encoder by convolutions, in place of TACO's attentions.

TACO's Figure 9 compares its adapter with the module of TGIC (Jiang et al., "Multi-modality deep
network for extreme learned image compression", 2023), which takes text in by several convolutional
layers. This is like it, not it: the mean of a caption's tokens is spread over the picture, and two
convolutions mix it with the features, at both places of TACO's adapter.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tcsdk.models.codecs.caption_taker import CaptionTaker
from tcsdk.models.text.caption import Caption


@dataclass(frozen=True)
class MixerConfig:
    """Widths of a mixer.

    Attributes:
        fine: channels of the features that are mixed first.
        coarse: channels of those that are mixed then.
        tokens: channels of a token.
        hidden: channels between the two convolutions.
    """

    fine: int
    coarse: int
    tokens: int
    hidden: int


class Mixing(nn.Module):
    """What features learn of one vector that is the same everywhere, times gamma.

    Args:
        asks: channels of the features.
        told: of the vector.
        hidden: between the two convolutions.
    """

    def __init__(self, asks: int, told: int, hidden: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(asks + told, hidden, 3, padding=1)
        self.combine = nn.Conv2d(hidden, asks, 3, padding=1)
        self.gamma = nn.Parameter(torch.zeros(asks))

    def forward(self, features: Tensor, said: Tensor) -> Tensor:
        """Return what is to be added to the features, (N, C, H, W).

        Args:
            features: (N, C, H, W).
            said: (N, D).
        """
        spread = said[:, :, None, None].expand(-1, -1, *features.shape[2:])
        mixed = torch.relu(self.mix(torch.cat([features, spread.to(features.dtype)], 1)))
        return self.gamma[:, None, None] * self.combine(mixed)


class TextMixer(CaptionTaker):
    """Both places where a caption is mixed into an encoder's features.

    Args:
        config: widths.
    """

    def __init__(self, config: MixerConfig) -> None:
        super().__init__()
        c = config
        self.config = c
        self.first = Mixing(c.fine, c.tokens, c.hidden)
        self.second = Mixing(c.coarse, c.tokens, c.hidden)
        self.null = nn.Parameter(torch.randn(c.tokens) * 0.02)

    def inject(self, features: Tensor, caption: Caption) -> Tensor:
        """Return the fine features with what the caption says."""
        return features + self.first(features, mean_token(caption))

    def exchange(self, features: Tensor, caption: Caption) -> Tensor:
        """Return the coarse features with what the caption says."""
        return features + self.second(features, mean_token(caption))


def mean_token(caption: Caption) -> Tensor:
    """Return the mean of each caption's tokens by their weights, (N, D).

    Args:
        caption: with a token at least.
    """
    counts = caption.mask if caption.weights is None else caption.mask * caption.weights
    return (caption.tokens * counts[:, :, None]).sum(1) / counts.sum(1, keepdim=True)

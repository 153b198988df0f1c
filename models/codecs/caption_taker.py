"""What an encoder's features learn from a caption through: its interface, and what stands for none.

Whatever takes captions adds to the features, times a gamma per channel that begins at zero: before
it is trained it changes nothing, bit for bit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

import torch
from torch import Tensor, nn

from tcsdk.models.text.caption import Caption


class TakesTokens(Protocol):
    """What the configuration of one says of captions."""

    @property
    def tokens(self) -> int:
        """Channels of a token."""


class CaptionTaker(nn.Module, ABC):
    """Takes captions into features. Without a caption one token that is learnt stands for it.

    Attributes:
        config: widths.
        null: (D,), the token that stands for a caption.
    """

    config: TakesTokens
    null: nn.Parameter

    def filled(self, caption: Caption) -> Caption:
        """Return captions with the null token first where there is none.

        Args:
            caption: with at least one place, T >= 1.
        """
        none = 1.0 - caption.mask.amax(1, keepdim=True)
        first = (torch.arange(caption.mask.shape[1], device=caption.mask.device) == 0).float()
        missing = none * first
        tokens = caption.tokens * caption.mask[:, :, None] + missing[:, :, None] * self.null
        return Caption(tokens, caption.mask + missing, caption.weights)

    @abstractmethod
    def inject(self, features: Tensor, caption: Caption) -> Tensor:
        """Return the fine features with what the caption says, (N, C, H, W).

        Args:
            features: (N, C, H, W), at 1/8 in the edge net.
            caption: as `filled` gives it.
        """

    @abstractmethod
    def exchange(self, features: Tensor, caption: Caption) -> Tensor:
        """Return the coarse features with what the caption says, (N, C, H, W).

        Args:
            features: (N, C, H, W), made of the fine ones, at 1/16 in the edge net.
            caption: as `filled` gives it.
        """


def no_caption(count: int, config: TakesTokens) -> Caption:
    """Return what stands for captions of pictures that have none.

    Args:
        count: of pictures.
        config: of what takes them.
    """
    return Caption(torch.zeros(count, 1, config.tokens), torch.zeros(count, 1))


def as_rows(features: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, H * W, C)."""
    return features.flatten(2).transpose(1, 2)

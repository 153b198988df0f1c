"""Captions in states of tokens: what text encoders give and adapters take."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Caption(NamedTuple):
    """Captions of N pictures as a net takes them.

    Attributes:
        tokens: (N, T, D) float32.
        mask: (N, T) float32, 1 where a token is; all 0 for a picture without a caption.
        weights: (N, T) float32, how many times a token counts where tokens are weighed with each
            other; None for once each.
    """

    tokens: Tensor
    mask: Tensor
    weights: Tensor | None = None

    def to(self, device: torch.device) -> Caption:
        """Return it on a device."""
        return Caption(*(None if part is None else part.to(device) for part in self))

"""Captions in states of tokens: what text encoders give and adapters take."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Caption(NamedTuple):
    """Captions of N pictures as a net takes them.

    Attributes:
        tokens: (N, T, D) float32.
        mask: (N, T) float32, 1 where a token is; all 0 for a picture without a caption.
    """

    tokens: Tensor
    mask: Tensor

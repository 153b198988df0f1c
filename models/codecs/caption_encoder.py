"""What a text encoder is, and our own: a learnt vector for each piece and one for its place."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from tcsdk.codec.caption import CAPTION_PIECES, NUM_PIECES
from tcsdk.models.codecs.text_adapter import Caption


class TextEncoder(Protocol):
    """What makes states of the tokens of a caption.

    Attributes:
        channels: of a token's states.
        length: tokens of a caption at most.
    """

    channels: int
    length: int

    def __call__(self, numbers: Tensor) -> Caption:
        """Return the states of captions' tokens.

        Args:
            numbers: (N, T) int64, T at most `length`; 0 where no token is.
        """


class PieceEmbedding(nn.Module):
    """Numbers of pieces to tokens. 264,704 weights at 64 channels.

    Args:
        channels: of a token.
        length: pieces of a caption at most.
    """

    def __init__(self, channels: int, length: int = CAPTION_PIECES) -> None:
        super().__init__()
        self.channels, self.length = channels, length
        self.pieces = nn.Embedding(NUM_PIECES, channels)
        self.places = nn.Parameter(torch.zeros(length, channels))
        self.norm = nn.LayerNorm(channels)

    def forward(self, numbers: Tensor) -> Caption:
        """Return the tokens of captions.

        Args:
            numbers: (N, T) int64 as `tcsdk.codec.caption.piece_numbers` gives them, T at most
                `length`.
        """
        tokens = self.norm(self.pieces(numbers) + self.places[: numbers.shape[1]])
        return Caption(tokens, (numbers > 0).float())

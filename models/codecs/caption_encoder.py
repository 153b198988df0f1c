"""The text encoders, a row each; ours is a learnt vector for each piece and one for its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from tcsdk.codec.caption import CAPTION_PIECES, NUM_PIECES
from tcsdk.models.text.caption import Caption
from tcsdk.models.text.transformer import CLIP, MINILM, TextConfig, TransformerText


class TextEncoder(Protocol):
    """What makes states of the tokens of a caption.

    Attributes:
        channels: of a token's states.
        length: tokens of a caption at most.
        largest: number of a token.
    """

    channels: int
    length: int
    largest: int

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
        self.channels, self.length, self.largest = channels, length, NUM_PIECES - 1
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


@dataclass(frozen=True)
class TextRow:
    """A text encoder that a net may have.

    Attributes:
        make: of a token's channels and the tokens of a caption.
        channels: of a token, where they are fixed.
        trained: whether others did, and their weights come from a folder of theirs
            (tcsdk.models.text.folders); they then cut captions by a vocabulary of their own.
    """

    make: Callable[[int, int], nn.Module]
    channels: int | None = None
    trained: bool = False


def _trained(config: TextConfig) -> TextRow:
    return TextRow(lambda _, length: TransformerText(config, length), config.channels, True)


# spaCy's vectors have no graph: docs/use/captions.md says why there is no row of theirs.
TEXT_ENCODERS: dict[str, TextRow] = {
    "pieces": TextRow(PieceEmbedding),
    "minilm": _trained(MINILM),
    "clip": _trained(CLIP),
}

"""The text encoders, a row each; ours is a learnt vector for each piece and one for its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from tcsdk.codec.caption import CAPTION_PIECES, NUM_PIECES
from tcsdk.model.tasks import SPACY, VOCABULARY
from tcsdk.models.text.caption import Caption
from tcsdk.models.text.folders import text_encoder_of, tokeniser_json
from tcsdk.models.text.spacy import SMALL, SpacyConfig, SpacyText
from tcsdk.models.text.spacy_folder import spacy_text_of
from tcsdk.models.text.spacy_rules import words_json
from tcsdk.models.text.transformer import CLIP, MINILM, TextConfig, TransformerText


class TextEncoder(Protocol):
    """What makes states of the tokens of a caption.

    Attributes:
        channels: of a token's states.
        length: tokens of a caption at most.
        parts: numbers of a token.
        largest: of these.
    """

    channels: int
    length: int
    parts: int
    largest: int

    def __call__(self, numbers: Tensor) -> Caption:
        """Return the states of captions' tokens.

        Args:
            numbers: (N, T * parts) int64, T at most `length`; 0 where no token is.
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
        self.parts, self.largest = 1, NUM_PIECES - 1
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
class Trained:
    """Where weights and tokenisers that others trained come from: a folder of a layout.

    Attributes:
        encoder: of a folder and the tokens of a caption: the text encoder.
        tokeniser: what cuts captions for it, one of tcsdk.model.tasks.TOKENISERS.
        file: name of the file that this needs.
        written: of a folder: that file's text.
    """

    encoder: Callable[[Path, int], TransformerText | SpacyText]
    tokeniser: str
    file: str
    written: Callable[[Path], str]


HUGGING_FACE = Trained(text_encoder_of, VOCABULARY, "tokenizer.json", tokeniser_json)
SPACY_FOLDER = Trained(spacy_text_of, SPACY, "words.json", words_json)


@dataclass(frozen=True)
class TextRow:
    """A text encoder that a net may have.

    Attributes:
        make: of a token's channels and the tokens of a caption.
        channels: of a token, where they are fixed.
        trained: where its weights come from, if others trained it.
    """

    make: Callable[[int, int], nn.Module]
    channels: int | None = None
    trained: Trained | None = None


def _transformer(config: TextConfig) -> TextRow:
    return TextRow(lambda _, length: TransformerText(config, length), config.channels, HUGGING_FACE)


def _spacy(config: SpacyConfig) -> TextRow:
    return TextRow(lambda _, length: SpacyText(config, length), config.channels, SPACY_FOLDER)


TEXT_ENCODERS: dict[str, TextRow] = {
    "pieces": TextRow(PieceEmbedding),
    "minilm": _transformer(MINILM),
    "clip": _transformer(CLIP),
    "spacy": _spacy(SMALL),
}

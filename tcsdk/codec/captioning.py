"""A caption on its way to the analysis graph: cut into tokens, and these made states by a graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.caption import Tokens, piece_tokens
from tcsdk.codec.spacy_tokeniser import spacy_tokeniser
from tcsdk.engines import ChosenEngine, Graph
from tcsdk.errors import EngineError
from tcsdk.model.captioned import CaptionedCodec, CaptionedFolder
from tcsdk.model.folder import CodecFolder
from tcsdk.model.graphs import (
    CAPTION,
    CAPTION_MASK,
    CAPTION_STATES,
    CAPTION_TOKENS,
    checked_outputs,
)
from tcsdk.model.tasks import PIECES, SPACY, VOCABULARY

Floats = NDArray[np.float32]


Tokeniser = Callable[[str], Tokens]


@dataclass(frozen=True)
class CaptionStates:
    """What the analysis graph takes of a caption.

    Attributes:
        states: (1, T * D, 1, 1) float32.
        mask: (1, T, 1, 1) float32, 1 where a token is.
        left_out: Tokens of the caption that there was no place for.
    """

    states: Floats
    mask: Floats
    left_out: int = 0

    @property
    def inputs(self) -> dict[str, Floats]:
        """The same by the names of the graph's inputs."""
        return {CAPTION_STATES: self.states, CAPTION_MASK: self.mask}


@dataclass(frozen=True)
class Captioner:
    """What makes states of captions.

    Attributes:
        tokenise: Cuts a caption.
        graph: The graph of the role `caption`.
        tokens: T, most tokens of a caption.
        channels: D, of a token's states.
    """

    tokenise: Tokeniser
    graph: Graph
    tokens: int
    channels: int

    @classmethod
    def load(cls, model: CodecFolder, precision: str, engine: ChosenEngine) -> Captioner | None:
        """Load what a model needs to be told what a picture shows; None for one that is not.

        Raises:
            MissingRuntimeError: Its tokeniser is a package that is not installed.
            ModelFileError, EngineError: As of a graph.
        """
        if not isinstance(model, CaptionedCodec):
            return None
        told = model.told
        graph = engine.load(model.graph_file(precision, CAPTION))
        return cls(TOKENISERS[told.tokeniser](told), graph, told.tokens, told.channels)

    def none(self) -> CaptionStates:
        """Return what stands for no caption."""
        shape = (1, self.tokens * self.channels, 1, 1)
        return CaptionStates(np.zeros(shape, np.float32), np.zeros((1, self.tokens, 1, 1), "f4"))

    def states(self, caption: str, *, concurrent: bool) -> CaptionStates:
        """Run the text encoder on one caption.

        Args:
            caption: As `tcsdk.given_caption.checked_caption` returns it.
            concurrent: Other pictures are in work at the same time.

        Raises:
            EngineError: The runtime failed, or the graph's outputs are not as they should be.
        """
        tokens = self.tokenise(caption)
        numbers = tokens.numbers.astype(np.float32).reshape(1, -1, 1, 1)
        there = tokens.numbers.reshape(self.tokens, -1)[:, :1] > 0
        mask = there.astype(np.float32).reshape(1, -1, 1, 1)
        inputs = {CAPTION_TOKENS: numbers, CAPTION_MASK: mask}
        states = checked_outputs(CAPTION, self.graph.run(inputs, concurrent=concurrent))[
            CAPTION_STATES
        ]
        if not np.isfinite(states).all():
            raise EngineError("the caption graph gave NaN or infinity: the model is damaged")
        return CaptionStates(states, mask, max(0, tokens.count - self.tokens))


def _pieces(model: CaptionedFolder) -> Tokeniser:
    """Our own tokeniser, which needs no file."""
    return partial(piece_tokens, length=model.tokens)


def _vocabulary(model: CaptionedFolder) -> Tokeniser:
    """That of a vocabulary in the model's folder; its package is imported when it is needed."""
    from tcsdk.codec.vocabulary import vocabulary_tokeniser

    return vocabulary_tokeniser(model)


TOKENISERS: dict[str, Callable[[CaptionedFolder], Tokeniser]] = {
    PIECES: _pieces,
    VOCABULARY: _vocabulary,
    SPACY: spacy_tokeniser,
}

"""An encoder that is told how many times words count, which no shipped caption graph takes.

Its caption's mask says it, 0 where no token is; torch runs the analysis in the place of a graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import tcsdk
from tcsdk.codec.captioning import Captioner, CaptionStates
from tcsdk.export.captioned import captioned_codec
from tcsdk.export.graphs.caption_graphs import CaptionedAnalysisGraph
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.graphs import (
    CAPTION_MASK,
    CAPTION_STATES,
    TEXT,
    Z_GAIN,
    Z_HAT,
    Z_INVERSE_GAIN,
    D,
    X,
)
from tcsdk.models.codecs.told import ToldCodec
from tcsdk.models.text.caption import Caption
from tcsdk.train.codec.key_words import KeyWords, piece_weights


class WeighedAnalysis(CaptionedAnalysisGraph):
    """x, gains, caption_states, caption_mask of weights -> what the analysis graph gives.

    Args:
        codec: A captioned net.
    """

    def __init__(self, codec: ToldCodec) -> None:
        super().__init__(codec)
        self.eval()

    def caption(self, caption_states: Tensor, caption_mask: Tensor) -> Caption:
        """Return the captions; the mask (N, T, 1, 1) says how many times each token counts."""
        plain = super().caption(caption_states, caption_mask)
        there = (plain.mask > 0).float()
        return Caption(plain.tokens, there, torch.where(plain.mask > 0, plain.mask, 1.0))

    def run(
        self, inputs: Mapping[str, NDArray[Any]], *, concurrent: bool = False
    ) -> dict[str, NDArray[Any]]:
        """Run it as an engine runs a graph."""
        names = (X, Z_GAIN, Z_INVERSE_GAIN, CAPTION_STATES, CAPTION_MASK)
        with torch.no_grad():
            made = self(*(torch.from_numpy(np.array(inputs[n])) for n in names))
        return dict(zip((Z_HAT, D, TEXT), (value.numpy() for value in made), strict=True))


@dataclass(frozen=True)
class WeighedCaptioner(Captioner):
    """What makes states of captions and says how many times each token counts.

    Attributes:
        key_words: Which words of a caption count more.
    """

    key_words: KeyWords

    def states(self, caption: str, *, concurrent: bool) -> CaptionStates:
        """Run the text encoder on one caption, and weigh its tokens."""
        plain = super().states(caption, concurrent=concurrent)
        weights = piece_weights(caption, self.key_words, self.tokens)
        return replace(plain, mask=plain.mask * weights.reshape(plain.mask.shape))


class WeighedEncoder(tcsdk.Encoder):
    """Encode with key words that count more.

    Args:
        folder: Of a captioned encoder, FP32, its codec beside it.
        key_words: Which words of a caption count more.
    """

    def __init__(self, folder: Path, key_words: KeyWords) -> None:
        super().__init__(folder, device="cpu", precision="fp32")
        codec, model = self._loaded.codec, self._folder
        plain = codec.captioner
        if plain is None or not isinstance(model, CaptionedCodec):
            raise ValueError(f"expected an encoder that takes captions at {folder}, got another")
        parts = plain.tokenise, plain.graph, plain.tokens, plain.channels
        captioner = WeighedCaptioner(*parts, key_words)
        net = captioned_codec(folder, model.decodes)
        codec = replace(codec, analysis=WeighedAnalysis(net), captioner=captioner)
        self._held = replace(self._loaded, codec=codec)

"""Graphs of an encoder that is told what a picture shows: torch modules, and ONNX models."""

from __future__ import annotations

import copy
from typing import cast

import onnx
import torch
from torch import Tensor, nn

from tcsdk.export.graphs.float_graphs import AnalysisGraph, analysis_inputs, to_onnx
from tcsdk.model.graphs import CAPTION, CAPTIONED_ANALYSIS
from tcsdk.model.grids import Z_STRIDE
from tcsdk.models.codecs.caption_encoder import TextEncoder
from tcsdk.models.codecs.edge import EdgeCodec, told
from tcsdk.models.codecs.text_adapter import TextAdapter
from tcsdk.models.text.caption import Caption


def text_encoder(codec: EdgeCodec) -> TextEncoder:
    """Return what makes states of captions.

    Raises:
        ValueError: the net takes none.
    """
    if codec.adapter is None or codec.captions is None:
        raise ValueError("expected a net with a text adapter, got one without")
    return cast("TextEncoder", codec.captions)


class CaptionGraph(nn.Module):
    """caption_tokens, caption_mask -> caption_states: zeros where no token is."""

    def __init__(self, codec: EdgeCodec) -> None:
        super().__init__()
        self.captions = copy.deepcopy(text_encoder(codec))

    def forward(self, caption_tokens: Tensor, caption_mask: Tensor) -> Tensor:
        """Return (N, T * D, 1, 1) of numbers of tokens (N, T, 1, 1) and their mask, the same."""
        numbers = caption_tokens.flatten(1).long()
        states = self.captions(numbers).tokens * caption_mask.flatten(2)
        return states.flatten(1)[:, :, None, None]


class CaptionedAnalysisGraph(AnalysisGraph):
    """x, z_gain, z_inverse_gain, caption_states, caption_mask -> what the analysis graph gives."""

    def __init__(self, codec: EdgeCodec) -> None:
        encoder = text_encoder(codec)
        super().__init__(codec)
        self.adapter = cast("TextAdapter", copy.deepcopy(codec.adapter))
        self.shape = encoder.length, encoder.channels

    def forward(  # type: ignore[override]  # a graph with more inputs
        self,
        x: Tensor,
        z_gain: Tensor,
        z_inverse_gain: Tensor,
        caption_states: Tensor,
        caption_mask: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Analyse x (N, 3, H, W) in 0..1; as `AnalysisGraph.forward`."""
        x = x - self.centre if self.centre else x
        states = caption_states.reshape(-1, *self.shape)
        caption = Caption(states, caption_mask.flatten(1))
        y, features = told(self.g_a, self.feature_layers, self.adapter, x, caption)
        return self.said(y, features, z_gain, z_inverse_gain)


def export_caption(codec: EdgeCodec) -> onnx.ModelProto:
    """Float ONNX of the graph that makes states of captions."""
    (length, _), n = _caption_shape(codec), torch.export.Dim("n")
    tokens = torch.ones(2, length, 1, 1)
    inputs = (tokens, torch.ones_like(tokens))
    return to_onnx(CAPTION, CaptionGraph(codec), inputs, ({0: n}, {0: n}))


def export_captioned_analysis(codec: EdgeCodec) -> onnx.ModelProto:
    """Float ONNX of the analysis graph that takes those states."""
    n, h, w = (torch.export.Dim(name) for name in ("n", "hz", "wz"))
    length, channels = _caption_shape(codec)
    states, mask = torch.rand(2, length * channels, 1, 1), torch.ones(2, length, 1, 1)
    inputs = (*analysis_inputs(codec.config.hyper), states, mask)
    dims = ({0: n, 2: Z_STRIDE * h, 3: Z_STRIDE * w}, *({0: n} for _ in range(4)))
    return to_onnx(CAPTIONED_ANALYSIS, CaptionedAnalysisGraph(codec), inputs, dims)


def _caption_shape(codec: EdgeCodec) -> tuple[int, int]:
    encoder = text_encoder(codec)
    return encoder.length, encoder.channels

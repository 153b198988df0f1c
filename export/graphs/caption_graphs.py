"""Graphs of an encoder that is told what a picture shows: torch modules, and ONNX models."""

from __future__ import annotations

import copy
from typing import cast

import onnx
import torch
from torch import Tensor, nn

from tcsdk.export.graphs.context_graphs import ContextAnalysisGraph
from tcsdk.export.graphs.float_graphs import AnalysisGraph, analysis_inputs, to_onnx
from tcsdk.export.graphs.token_places import with_names, without_empty_places
from tcsdk.model.graphs import CAPTION, CAPTIONED_ANALYSIS, CAPTIONED_CONTEXT_ANALYSIS
from tcsdk.model.grids import Z_STRIDE
from tcsdk.models.codecs.caption_encoder import TextEncoder
from tcsdk.models.codecs.caption_taker import CaptionTaker
from tcsdk.models.codecs.text_adapter import AdapterConfig
from tcsdk.models.codecs.told import ToldCodec, told
from tcsdk.models.text.caption import Caption


def text_encoder(codec: ToldCodec) -> TextEncoder:
    """Return what makes states of captions.

    Raises:
        ValueError: the net takes none.
    """
    if codec.adapter is None or codec.captions is None:
        raise ValueError("expected a net with a text adapter, got one without")
    return cast("TextEncoder", codec.captions)


class CaptionGraph(nn.Module):
    """caption_tokens, caption_mask -> caption_states: zeros where no token is."""

    def __init__(self, codec: ToldCodec) -> None:
        super().__init__()
        self.captions = copy.deepcopy(text_encoder(codec))

    def forward(self, caption_tokens: Tensor, caption_mask: Tensor) -> Tensor:
        """Return (N, T * D, 1, 1) of tokens' numbers (N, T * parts, 1, 1) and mask (N, T, 1, 1)."""
        numbers = caption_tokens.flatten(1).long()
        states = self.captions(numbers).tokens * caption_mask.flatten(2)
        return states.flatten(1)[:, :, None, None]


class Told(nn.Module):
    """What an analysis graph has that is told captions, beside a graph that is told none."""

    g_a: nn.Sequential
    feature_layers: int
    adapter: CaptionTaker

    def take(self, codec: ToldCodec) -> None:
        """Take from a net what asks captions.

        Raises:
            ValueError: it has none.
        """
        self.channels, self.places = text_encoder(codec).channels, codec.places
        self.adapter = cast("CaptionTaker", copy.deepcopy(codec.adapter))

    def caption(self, caption_states: Tensor, caption_mask: Tensor) -> Caption:
        """Return the captions, of T tokens states (N, T * D, 1, 1) and mask (N, T, 1, 1)."""
        states = torch.unflatten(caption_states.flatten(1), 1, (-1, self.channels))
        return Caption(states, caption_mask.flatten(1))

    def asked(self, x: Tensor, caption: Caption) -> tuple[Tensor, Tensor]:
        """Return y and the features that it is made of; x (N, 3, H, W) as g_a takes it."""
        return told(self.g_a, self.feature_layers, self.adapter, self.places, x, caption)


class CaptionedAnalysisGraph(Told, AnalysisGraph):
    """x, z_gain, z_inverse_gain, caption_states, caption_mask -> what the analysis graph gives."""

    def __init__(self, codec: ToldCodec) -> None:
        super().__init__(codec)
        self.take(codec)

    def forward(  # type: ignore[override]  # a graph with more inputs
        self,
        x: Tensor,
        z_gain: Tensor,
        z_inverse_gain: Tensor,
        caption_states: Tensor,
        caption_mask: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Analyse x (N, 3, H, W) in 0..1; as `AnalysisGraph.forward`, and `Told.caption`."""
        x = x - self.centre if self.centre else x
        y, features = self.asked(x, self.caption(caption_states, caption_mask))
        return self.said(y, features, z_gain, z_inverse_gain)


class CaptionedContextGraph(Told, ContextAnalysisGraph):
    """x, z_gain, caption_states, caption_mask -> what the analysis of a net with a context gives.

    Args:
        codec: a `GroupedCodec` too.
    """

    def __init__(self, codec: ToldCodec) -> None:
        super().__init__(codec)
        self.take(codec)

    def forward(  # type: ignore[override]  # a graph with more inputs
        self, x: Tensor, z_gain: Tensor, caption_states: Tensor, caption_mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Analyse x (N, 3, H, W) in 0..1; as `ContextAnalysisGraph.forward`, and `Told.caption`."""
        y, features = self.asked(x - 0.5, self.caption(caption_states, caption_mask))
        return self.said(y, features, z_gain)


def export_caption(codec: ToldCodec) -> onnx.ModelProto:
    """Float ONNX of the graph that makes states of captions."""
    (length, _), n = _caption_shape(codec), torch.export.Dim("n")
    tokens = torch.ones(2, length * text_encoder(codec).parts, 1, 1)
    inputs = (tokens, torch.ones(2, length, 1, 1))
    graph = CaptionGraph(codec)
    return with_names(to_onnx(CAPTION, graph, inputs, ({0: n}, {0: n})), graph)


def export_captioned_analysis(codec: ToldCodec) -> onnx.ModelProto:
    """Float ONNX of the analysis graph that takes those states."""
    inputs = analysis_inputs(codec.config.hyper)
    return _told_to_onnx(CAPTIONED_ANALYSIS, CaptionedAnalysisGraph(codec), inputs, codec)


def export_captioned_context(codec: ToldCodec) -> onnx.ModelProto:
    """Float ONNX of the same graph of a net with a context."""
    x, z_gain, _ = analysis_inputs(codec.config.hyper)
    graph = CaptionedContextGraph(codec)
    return _told_to_onnx(CAPTIONED_CONTEXT_ANALYSIS, graph, (x, z_gain), codec)


def _told_to_onnx(
    row: str, graph: Told, inputs: tuple[Tensor, ...], codec: ToldCodec
) -> onnx.ModelProto:
    """Export a graph that takes these inputs, and behind them states and mask of captions."""
    n, h, w = (torch.export.Dim(name) for name in ("n", "hz", "wz"))
    length, channels = _caption_shape(codec)
    given = torch.rand(2, length * channels, 1, 1), torch.ones(2, length, 1, 1)
    known = ({0: n, 2: Z_STRIDE * h, 3: Z_STRIDE * w}, *({0: n} for _ in inputs[1:]))
    config = graph.adapter.config
    if isinstance(config, AdapterConfig) and config.few:
        dims = (*known, {0: n}, {0: n})
        return with_names(to_onnx(row, graph, (*inputs, *given), dims), graph)
    t = torch.export.Dim("t", max=length)
    dims = (*known, {0: n, 1: channels * t}, {0: n, 1: t})
    model = with_names(to_onnx(row, graph, (*inputs, *given), dims), graph)
    return without_empty_places(model, length, channels)


def _caption_shape(codec: ToldCodec) -> tuple[int, int]:
    encoder = text_encoder(codec)
    return encoder.length, encoder.channels

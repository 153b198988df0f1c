"""Graphs of an encoder that is told what a picture shows: torch modules, and ONNX models."""

from __future__ import annotations

import copy
from typing import cast

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from tcsdk.export.graphs.float_graphs import AnalysisGraph, analysis_inputs, to_onnx
from tcsdk.model.graphs import CAPTION, CAPTION_MASK, CAPTION_STATES, CAPTIONED_ANALYSIS
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


class CaptionedAnalysisGraph(AnalysisGraph):
    """x, z_gain, z_inverse_gain, caption_states, caption_mask -> what the analysis graph gives."""

    def __init__(self, codec: ToldCodec) -> None:
        encoder = text_encoder(codec)
        super().__init__(codec)
        self.adapter = cast("CaptionTaker", copy.deepcopy(codec.adapter))
        self.channels, self.places = encoder.channels, codec.places

    def forward(  # type: ignore[override]  # a graph with more inputs
        self,
        x: Tensor,
        z_gain: Tensor,
        z_inverse_gain: Tensor,
        caption_states: Tensor,
        caption_mask: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Analyse x (N, 3, H, W) in 0..1; as `AnalysisGraph.forward`.

        Of T tokens: the states (N, T * D, 1, 1) and mask (N, T, 1, 1).
        """
        x = x - self.centre if self.centre else x
        states = torch.unflatten(caption_states.flatten(1), 1, (-1, self.channels))
        caption = Caption(states, caption_mask.flatten(1))
        y, features = told(self.g_a, self.feature_layers, self.adapter, self.places, x, caption)
        return self.said(y, features, z_gain, z_inverse_gain)


def with_names(model: onnx.ModelProto, module: nn.Module) -> onnx.ModelProto:
    """Return a graph whose linear layers' weights lie as the net has them, under its names.

    Export turns them over and gives them names of its own. Turned when a graph is loaded they can
    be shared with the checkpoint's.

    Args:
        model: changed in place.
        module: that it is of.
    """
    graph = model.graph
    turned = {
        (*value.T.shape, value.T.contiguous().numpy().tobytes()): name
        for name, value in module.state_dict().items()
        if value.ndim == 2
    }
    known = {tensor.name for tensor in graph.initializer}
    for tensor in list(graph.initializer):
        if len(tensor.dims) != 2 or tensor.data_type != onnx.TensorProto.FLOAT:
            continue
        value = numpy_helper.to_array(tensor)
        name = turned.get((*value.shape, value.tobytes()))
        if name is None or tensor.name in module.state_dict():
            continue
        graph.initializer.remove(tensor)
        if name not in known:
            known.add(name)
            graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value.T), name))
        node = helper.make_node("Transpose", [name], [tensor.name], perm=[1, 0])
        graph.node.insert(0, node)
    return model


def export_caption(codec: ToldCodec) -> onnx.ModelProto:
    """Float ONNX of the graph that makes states of captions."""
    (length, _), n = _caption_shape(codec), torch.export.Dim("n")
    tokens = torch.ones(2, length * text_encoder(codec).parts, 1, 1)
    inputs = (tokens, torch.ones(2, length, 1, 1))
    graph = CaptionGraph(codec)
    return with_names(to_onnx(CAPTION, graph, inputs, ({0: n}, {0: n})), graph)


def export_captioned_analysis(codec: ToldCodec) -> onnx.ModelProto:
    """Float ONNX of the analysis graph that takes those states."""
    n, h, w = (torch.export.Dim(name) for name in ("n", "hz", "wz"))
    length, channels = _caption_shape(codec)
    states, mask = torch.rand(2, length * channels, 1, 1), torch.ones(2, length, 1, 1)
    inputs = (*analysis_inputs(codec.config.hyper), states, mask)
    graph = CaptionedAnalysisGraph(codec)
    config = graph.adapter.config
    if isinstance(config, AdapterConfig) and config.few:
        dims = ({0: n, 2: Z_STRIDE * h, 3: Z_STRIDE * w}, *({0: n} for _ in range(4)))
        return with_names(to_onnx(CAPTIONED_ANALYSIS, graph, inputs, dims), graph)
    t = torch.export.Dim("t", max=length)
    told_dims = {0: n, 1: channels * t}, {0: n, 1: t}
    dims = ({0: n, 2: Z_STRIDE * h, 3: Z_STRIDE * w}, {0: n}, {0: n}, *told_dims)
    model = with_names(to_onnx(CAPTIONED_ANALYSIS, graph, inputs, dims), graph)
    return without_empty_places(model, length, channels)


def without_empty_places(model: onnx.ModelProto, length: int, channels: int) -> onnx.ModelProto:
    """Return a graph that is given captions at their longest and asks the tokens there are.

    The tokens of a caption come first. Of a batch, those of the longest are asked.

    Args:
        model: takes captions of any length; changed in place.
        length: T, tokens of a caption at most.
        channels: D, of a token's states.
    """
    graph = model.graph
    given = {value.name: value for value in graph.input}
    for node in graph.node:
        for index, name in enumerate(node.input):
            if name in (CAPTION_STATES, CAPTION_MASK):
                node.input[index] = f"{name}.there"
    for name, each in ((CAPTION_MASK, 1), (CAPTION_STATES, channels)):
        given[name].type.tensor_type.shape.dim[1].Clear()
        given[name].type.tensor_type.shape.dim[1].dim_value = length * each
    constants = {"one": [1], "zero": [0], "width": [channels]}
    graph.initializer.extend(
        numpy_helper.from_array(np.array(value, np.int64), f"caption.{name}")
        for name, value in constants.items()
    )
    make, one, zero = helper.make_node, "caption.one", "caption.zero"
    counting = [
        make("ReduceSum", [CAPTION_MASK, one], ["caption.each"], keepdims=0),
        make("ReduceMax", ["caption.each"], ["caption.longest"], keepdims=0),
        make("Cast", ["caption.longest"], ["caption.whole"], to=onnx.TensorProto.INT64),
        make("Max", ["caption.whole", one], ["caption.tokens"]),
        make("Mul", ["caption.tokens", "caption.width"], ["caption.values"]),
    ]
    cutting = [
        make("Slice", [name, zero, end, one], [f"{name}.there"])
        for name, end in ((CAPTION_MASK, "caption.tokens"), (CAPTION_STATES, "caption.values"))
    ]
    for index, node in enumerate([*counting, *cutting]):
        graph.node.insert(index, node)
    return model


def _caption_shape(codec: ToldCodec) -> tuple[int, int]:
    encoder = text_encoder(codec)
    return encoder.length, encoder.channels

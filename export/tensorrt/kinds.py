"""What differs between kinds of models when graphs for GPUs are made of theirs: a row for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import onnx
from torch import nn

from tcsdk.export.crops import load_crop_net
from tcsdk.export.folder import load_checkpoint
from tcsdk.export.graphs.constants import fold_constants
from tcsdk.export.graphs.still_shapes import still_shapes
from tcsdk.export.graphs.unrolled import unrolled
from tcsdk.export.tensorrt import examples
from tcsdk.export.tensorrt.exact import exact_nodes
from tcsdk.model.folder import ModelFolder
from tcsdk.model.graphs import (
    ANALYSIS,
    CONTEXT_ANALYSIS,
    RECOGNITION,
    SUPER_RESOLUTION,
    WORD_RECOGNITION,
)
from tcsdk.model.tasks import CAPTIONED, DRAWING
from tcsdk.quant.nets.graphs import float_nodes

Rewriting = Callable[[onnx.ModelProto], onnx.ModelProto]
# Precisions for GPUs, and those of the graphs that they are made of.
SOURCES = {"fp16": "fp32", "s8s8": "int8"}


@dataclass(frozen=True)
class Kind:
    """How graphs for GPUs are made of one kind of models.

    Attributes:
        net: The net of a model folder; its rules say what stays float32.
        exact: Names of the nodes of a float graph that stay float32, by those rules.
        examples: Inputs of golden vectors, beside what earlier graphs make of them.
        rewrite: What is done to a folded float graph before its types are changed.
        settle: What is done to every graph at the end.
        without: Precisions that are not made, and why.
    """

    net: Callable[[Path], nn.Module]
    exact: Callable[[onnx.ModelProto, tuple[str, ...]], list[str]]
    examples: Callable[[ModelFolder], examples.Arrays]
    rewrite: Rewriting = lambda model: model
    settle: Rewriting = lambda model: model
    without: Mapping[str, str] = field(default_factory=dict)


def _codec(folder: Path) -> nn.Module:
    return load_checkpoint(folder).codec


def _crop_net(folder: Path) -> nn.Module:
    return load_crop_net(folder).net


def _crops(inputs: Callable[[ModelFolder], examples.Arrays]) -> Kind:
    return Kind(_crop_net, exact_nodes, inputs, settle=still_shapes)


# By what a model's first graph takes and gives (tcsdk/model/graphs.py).
KINDS: dict[str, Kind] = {
    ANALYSIS: Kind(_codec, float_nodes, examples.pictures),
    CONTEXT_ANALYSIS: Kind(_codec, float_nodes, examples.pictures),
    SUPER_RESOLUTION: _crops(examples.small_crops),
    RECOGNITION: _crops(examples.lines),
    WORD_RECOGNITION: Kind(
        _crop_net,
        exact_nodes,
        examples.words,
        rewrite=lambda model: fold_constants(unrolled(model)),
        settle=still_shapes,
        without={
            "s8s8": "its rounds are products that stay floats beside INT8 convolutions, float32 "
            "ones in a strongly typed network: FP16 is faster in all of them"
        },
    ),
}
# What is no kind of its own, by its task, and where its graphs run.
REFUSED = {
    DRAWING: "what draws into another's pictures: add the graphs to that codec's folder; the net "
    "that draws runs in ONNX Runtime",
    CAPTIONED: "an encoder that is told captions: its graphs run in ONNX Runtime",
}

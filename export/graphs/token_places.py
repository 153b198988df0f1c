"""What is done to graphs that are told captions once torch has exported them."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper
from torch import nn

from tcsdk.model.graphs import CAPTION_MASK, CAPTION_STATES


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

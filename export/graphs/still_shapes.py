"""Shapes that a graph computes while it runs, as constants where all but one or the batch is known.

So that no part of a graph is left to the CPU: ONNX Runtime's CUDA computes shapes there.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from tcsdk.export.graphs.constants import drop_unused

Array = NDArray[np.generic]
Dims = list["int | str"]


def still_shapes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Give Reshape and Resize constants for what they compute, in place, where that says the same.

    Args:
        model: A graph whose sizes that differ from call to call have names, such as "n".
    """
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    dims = {v.name: _dims(v) for v in (*inferred.input, *inferred.value_info, *inferred.output)}
    graph, constants = model.graph, {tensor.name: tensor for tensor in model.graph.initializer}
    producer = {output: node for node in graph.node for output in node.output}
    for node in graph.node:
        came = dims.get(node.input[0]) if node.input else None
        if not came or node.input[-1] in constants:
            continue
        if node.op_type == "Reshape":
            _replace(graph, node, 1, _reshaping(came, dims.get(node.output[0], [])))
        elif node.op_type == "Resize" and len(node.input) == 4:
            _replace(graph, node, 2, _scaling(node, came, producer, constants))
    drop_unused(graph)
    return model


def _dims(value: onnx.ValueInfoProto) -> Dims:
    """Sizes, or names of sizes; "" where nothing is known."""
    return [d.dim_value or d.dim_param for d in value.type.tensor_type.shape.dim]


def _reshaping(came: Dims, goes: Dims) -> Array | None:
    """A Reshape's constant: 0 keeps a size, -1 is what is left."""
    shape = [
        size if isinstance(size, int) else 0 if size and came[k : k + 1] == [size] else -1
        for k, size in enumerate(goes)
    ]
    return np.array(shape, np.int64) if shape and shape.count(-1) <= 1 else None


def _scaling(
    node: onnx.NodeProto,
    came: Dims,
    producer: Mapping[str, onnx.NodeProto],
    constants: Mapping[str, onnx.TensorProto],
) -> Array | None:
    """A Resize's scales: its first sizes are its input's own, the others constants."""
    sizes = producer[node.input[3]]
    first = producer.get(sizes.input[0])
    if sizes.op_type != "Concat" or first is None or first.op_type != "Shape":
        return None
    if first.input[0] != node.input[0] or not constants.keys() >= {*sizes.input[1:]}:
        return None
    after = np.concatenate([numpy_helper.to_array(constants[name]) for name in sizes.input[1:]])
    before = came[-len(after) :]
    if not all(isinstance(size, int) for size in before):
        return None
    scales = [1.0] * (len(came) - len(after)) + list(after / np.array(before))
    return np.array(scales, np.float32)


def _replace(graph: onnx.GraphProto, node: onnx.NodeProto, place: int, value: Array | None) -> None:
    """Let a constant stand for the last input, at a place of its own."""
    if value is None:
        return
    name = f"{node.output[0]}.still"
    graph.initializer.append(numpy_helper.from_array(value, name))
    node.input[:] = [*node.input[:place], name]
    kept = [a for a in node.attribute if a.name != "allowzero"]  # by which 0 would be a size
    del node.attribute[:]
    node.attribute.extend(kept)

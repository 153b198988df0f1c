"""What depends on constants alone, computed once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from tcsdk.engines.ort import cpu_provider, start_session
from tcsdk.export.graphs.nested import nodes_of

Array = NDArray[np.generic]


def fold_constants(model: onnx.ModelProto) -> onnx.ModelProto:
    """Compute every node that only constants reach, in place, by ONNX Runtime's CPU.

    Args:
        model: A graph with its weights loaded.
    """
    graph = model.graph
    known = {tensor.name for tensor in graph.initializer} | {""}
    constant: list[onnx.NodeProto] = []
    for node in graph.node:
        if known >= set(node.input):
            constant.append(node)
            known |= set(node.output)
    made = {name for node in constant for name in node.output}
    for node in constant:
        graph.node.remove(node)
    taken = {name for node in graph.node for name in node.input}
    taken |= {value.name for value in graph.output}
    for name, value in _values(model, constant, sorted(made & taken)).items():
        graph.initializer.append(numpy_helper.from_array(value, name))
    drop_unused(graph)
    return model


def _values(
    model: onnx.ModelProto, nodes: list[onnx.NodeProto], names: list[str]
) -> Mapping[str, Array]:
    """Return what nodes make of constants."""
    if not names:
        return {}
    read = {name for node in nodes for name in node.input}
    part = helper.make_graph(
        nodes,
        "constants",
        [],
        [helper.make_empty_tensor_value_info(name) for name in names],
        [tensor for tensor in model.graph.initializer if tensor.name in read],
    )
    whole = helper.make_model(part, opset_imports=model.opset_import, ir_version=model.ir_version)
    inferred = onnx.shape_inference.infer_shapes(whole, strict_mode=True)
    session = start_session(inferred.SerializeToString(), cpu_provider(), 1)
    return dict(zip(names, session.run(names, {}), strict=True))


def drop_unused(graph: onnx.GraphProto) -> None:
    """Remove nodes and initializers that nothing reads, in place."""
    while True:
        read = {name for node in nodes_of(graph) for name in node.input}
        read |= {value.name for value in graph.output}
        idle = [node for node in graph.node if not read & set(node.output)]
        for node in idle:
            graph.node.remove(node)
        if not idle:
            break
    for tensor in [t for t in graph.initializer if t.name not in read]:
        graph.initializer.remove(tensor)

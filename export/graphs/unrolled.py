"""A graph whose loop is written out, for GPUs.

TensorRT's parser takes no Loop whose results' number depends on what it computes ("scan output
length cannot be dynamic", its operator list of 10.15), has run a round too many of one with a
condition (onnx-tensorrt, issue 891, open), and ONNX Runtime's CUDA records no graph with a loop.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import helper, numpy_helper


def unrolled(model: onnx.ModelProto) -> onnx.ModelProto:
    """Write out the loop of a graph, in place: all of its rounds, whatever its condition says.

    Args:
        model: As `tcsdk.export.graphs.loops.in_rounds` makes it; without a loop it stays as it is.
    """
    graph = model.graph
    for position, loop in enumerate(graph.node):
        if loop.op_type == "Loop":
            nodes = list(_rounds(graph, loop))
            del graph.node[position]
            for offset, node in enumerate(nodes):
                graph.node.insert(position + offset, node)
            most = _constant(graph, loop.input[0])
            graph.output[0].type.tensor_type.shape.dim[-1].dim_value = most
            break
    return model


def _constant(graph: onnx.GraphProto, name: str) -> int:
    return int(numpy_helper.to_array(next(t for t in graph.initializer if t.name == name)))


def _rounds(graph: onnx.GraphProto, loop: onnx.NodeProto) -> Iterator[onnx.NodeProto]:
    """Yield the nodes of all rounds, and what puts their results behind each other."""
    body = next(a.g for a in loop.attribute if a.name == "body")
    number, _, *taken = (value.name for value in body.input)
    _, *handed, result = (value.name for value in body.output)
    kept, results = list(loop.input[2:]), []
    inner = {name for node in body.node for name in node.output}
    graph.initializer.append(numpy_helper.from_array(np.array([0], np.int64), "rounds.first"))
    for at in range(_constant(graph, loop.input[0])):
        here = f"round{at}."
        graph.initializer.append(numpy_helper.from_array(np.array(at, np.int64), f"{here}number"))
        names = {name: here + name for name in inner}
        names |= {number: f"{here}number", **dict(zip(taken, kept, strict=True))}
        for node in body.node:
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            copy.name = here + node.name
            copy.input[:] = [names.get(name, name) for name in node.input]
            copy.output[:] = [names[name] for name in node.output]
            yield copy
        kept = [names[name] for name in handed]
        results.append(f"{here}result")
        yield helper.make_node("Unsqueeze", [names[result], "rounds.first"], results[-1:])
    yield helper.make_node("Concat", results, loop.output[-1:], axis=0)

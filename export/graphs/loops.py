"""A graph, and behind it another one that is run in rounds: together one graph with a Loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_INSIDE = "round."


@dataclass(frozen=True)
class Rounds:
    """How the second graph is run.

    It takes the round's number, then what it keeps, then outputs of the first graph by their names;
    it gives whether to go on, what it keeps for the next round, and one result.

    Attributes:
        most: rounds.
        firsts: outputs of the first graph: what is kept, before the first round.
        output: name of what the results of all rounds, (N, C) each, make: (N, C, 1, rounds).
    """

    most: int
    firsts: list[str]
    output: str


def in_rounds(before: onnx.ModelProto, round_: onnx.ModelProto, how: Rounds) -> onnx.ModelProto:
    """Return one graph that runs the first one, and then the second in rounds.

    Weights of both are the whole graph's: what stores and quantises them looks nowhere else.

    Args:
        before: what is done once.
        round_: what is done in each round.
        how: it is run.
    """
    made = onnx.ModelProto()
    made.CopyFrom(before)
    graph, known = made.graph, {tensor.name for tensor in made.graph.initializer}
    outer = {value.name for value in graph.output} - {*how.firsts}
    body = _renamed(
        round_.graph, outer | {t.name for t in round_.graph.initializer if "." in t.name}
    )
    graph.initializer.extend(t for t in body.initializer if t.name not in known)
    del body.initializer[:]
    kept = len(how.firsts)
    inputs = list(body.input)[: 1 + kept]
    del body.input[:]
    goes_on = helper.make_tensor_value_info(f"{_INSIDE}going", TensorProto.BOOL, [])
    body.input.extend([inputs[0], goes_on, *inputs[1:]])
    constants = (np.array(how.most, np.int64), np.array(True))
    names = [f"rounds.{each}" for each in ("most", "going")]
    graph.initializer.extend(map(numpy_helper.from_array, constants, names))
    last = [f"{name}.last" for name in how.firsts]
    graph.node.append(
        helper.make_node("Loop", [*names, *how.firsts], [*last, "rounds.results"], body=body)
    )
    _write_output(graph, how.output, body.output[-1])
    return made


def _renamed(graph: onnx.GraphProto, kept: set[str]) -> onnx.GraphProto:
    """A copy whose tensors have names that no other graph has, but for those kept."""
    made = onnx.GraphProto()
    made.CopyFrom(graph)

    def rename(name: str) -> str:
        return name if name in kept or not name else f"{_INSIDE}{name}"

    for tensor in (*made.initializer, *made.input, *made.output):
        tensor.name = rename(tensor.name)
    for node in made.node:
        node.name = f"{_INSIDE}{node.name}"
        node.input[:] = map(rename, node.input)
        node.output[:] = map(rename, node.output)
    return made


def _write_output(graph: onnx.GraphProto, name: str, result: onnx.ValueInfoProto) -> None:
    """Results (rounds, N, C) of a loop as (N, C, 1, rounds), the graph's only output."""
    axis = numpy_helper.from_array(np.array([2], np.int64), "rounds.axis")
    graph.initializer.append(axis)
    graph.node.extend(
        [
            helper.make_node("Transpose", ["rounds.results"], ["rounds.turned"], perm=[1, 2, 0]),
            helper.make_node("Unsqueeze", ["rounds.turned", axis.name], [name]),
        ]
    )
    batch, classes = result.type.tensor_type.shape.dim
    shape = [batch.dim_param or batch.dim_value, classes.dim_value, 1, "rounds"]
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

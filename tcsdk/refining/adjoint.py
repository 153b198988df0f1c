"""Gradients of ONNX graphs, as ONNX graphs: reverse-mode differentiation, operator by operator.

Griewank and Walther 2008, "Evaluating Derivatives", chapter 3. What a graph is made of decides what
is needed: convolutions, ReLU, sums and products, and moves of elements. Whatever runs the graph
runs its gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tcsdk.errors import EngineError

if TYPE_CHECKING:
    import onnx

SUFFIX = "_gradient"


def gradient_graph(model: onnx.ModelProto, output: str, by: str) -> onnx.ModelProto:
    """Return the graph of a vector-Jacobian product.

    It takes what the model takes and `{output}_gradient`, of the shape of `output`, and gives
    `{by}_gradient`: what a loss's derivative by the output makes of its derivative by the input.

    Args:
        model: Its weights inside, not in other files.
        output: One of its outputs.
        by: One of its inputs.

    Raises:
        EngineError: The output hangs on the input by an operator that `RULES` lacks.
    """
    import onnx

    made = onnx.shape_inference.infer_shapes(model)
    graph = made.graph
    building = _Building(graph)
    (given,) = (value for value in graph.output if value.name == output)
    (taken,) = (value for value in graph.input if value.name == by)
    reached = {by}
    for node in graph.node:
        if node.op_type not in _CONSTANT and reached & {*node.input}:
            reached.update(node.output)
    gradients = {output: output + SUFFIX}
    for node in reversed(list(graph.node)):
        above = gradients.get(node.output[0])
        if above is None:
            continue
        for place, name in enumerate(node.input):
            if name in reached:
                rule = RULES.get(node.op_type)
                if rule is None:
                    raise EngineError(
                        f"expected operators among {', '.join(RULES)} between {by} and {output}, "
                        f"got {node.op_type}: this model cannot be refined"
                    )
                part = rule(building, node, place, above)
                known = gradients.get(name)
                gradients[name] = building.add("Add", [known, part]) if known else part
    building.add("Identity", [gradients[by]], output=by + SUFFIX)
    graph.node.extend(building.nodes)
    del graph.output[:]
    graph.input.append(_like(given, output + SUFFIX))
    graph.output.append(_like(taken, by + SUFFIX))
    del graph.value_info[:]
    return made


# What these give is the same whatever the numbers of their input are.
_CONSTANT = ("Shape", "Greater", "Less")


def _like(value: onnx.ValueInfoProto, name: str) -> onnx.ValueInfoProto:
    import onnx

    copy = onnx.ValueInfoProto()
    copy.CopyFrom(value)
    copy.name = name
    return copy


@dataclass
class _Building:
    """Nodes on their way into a graph.

    Attributes:
        graph: What it holds already.
        nodes: New ones.
    """

    graph: onnx.GraphProto
    nodes: list[onnx.NodeProto] = field(default_factory=list)

    def add(self, operator: str, inputs: list[str], output: str = "", **attributes: Any) -> str:
        """Append a node and return the name of what it gives."""
        from onnx import helper

        name = output or f"adjoint_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def constant(self, values: Any, dtype: type = np.int64) -> str:
        """Store an array and return its name."""
        from onnx import numpy_helper

        name = f"adjoint_constant_{len(self.graph.initializer)}"
        tensor = numpy_helper.from_array(np.asarray(values, dtype), name)
        self.graph.initializer.append(tensor)
        return name

    def channels(self, name: str) -> int:
        """Return the second dimension of a tensor (N, C, H, W)."""
        values = (*self.graph.value_info, *self.graph.input, *self.graph.output)
        (value,) = (value for value in values if value.name == name)
        return int(value.type.tensor_type.shape.dim[1].dim_value)

    def masked(self, above: str, mask: str) -> str:
        """Return a gradient where a mask holds, 0 elsewhere."""
        return self.add("Mul", [above, self.add("Cast", [mask], to=1)])


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    from onnx import helper

    return {each.name: helper.get_attribute_value(each) for each in node.attribute}


def _pass_on(building: _Building, node: onnx.NodeProto, place: int, above: str) -> str:
    return above


def _difference(building: _Building, node: onnx.NodeProto, place: int, above: str) -> str:
    return building.add("Neg", [above]) if place else above


def _product(building: _Building, node: onnx.NodeProto, place: int, above: str) -> str:
    return building.add("Mul", [above, node.input[1 - place]])


def _relu(building: _Building, node: onnx.NodeProto, place: int, above: str) -> str:
    zero = building.constant(0.0, np.float32)
    return building.masked(above, building.add("Greater", [node.output[0], zero]))


def _clip(building: _Building, node: onnx.NodeProto, place: int, above: str) -> str:
    """Pass on what would move a value that lies beyond a bound back towards it, too.

    A pixel that is out of range costs what its clipped value costs; only steps inwards can change
    that, and at first order none does. Without them it would stay there for good.
    """
    value, (low, high) = node.input[0], node.input[1:3]
    zero = building.constant(0.0, np.float32)
    falls = building.add("Greater", [above, zero])  # descent lowers the value
    too_low, too_high = building.add("Less", [value, low]), building.add("Greater", [value, high])
    out = building.add("And", [too_low, falls])
    rises = building.add("Less", [above, zero])
    out = building.add("Or", [out, building.add("And", [too_high, rises])])
    return building.masked(above, building.add("Not", [out]))


def _convolution(building: _Building, node: onnx.NodeProto, place: int, above: str) -> str:
    """Convolve with the kernels turned about, or with a transposed convolution over strides."""
    row = _attributes(node)
    kernel, strides = row["kernel_shape"], row.get("strides", [1, 1])
    pads, group = row.get("pads", [0] * 4), row.get("group", 1)
    weights = node.input[1]
    alone = group > 1 and group == building.channels(node.input[0])
    if place or (group > 1 and not alone) or max(row.get("dilations", [1])) > 1:
        raise EngineError("no gradient by weights, of grouped or of dilated convolutions")
    if max(strides) > 1:
        beyond = [
            (pads[k] + pads[k + 2] - kernel[k]) % strides[k] for k in range(2)
        ]  # of sides that the stride divides
        shape = {"kernel_shape": kernel, "strides": strides, "pads": pads, "group": group}
        return building.add("ConvTranspose", [above, weights], output_padding=beyond, **shape)
    if max(kernel) > 1:
        first, last, axes = ([value] * 2 for value in (-1, -(2**31), 0))
        axes, steps = [2, 3], [-1, -1]
        ends = [building.constant(each) for each in (first, last, axes, steps)]
        weights = building.add("Slice", [weights, *ends])
    if not alone:
        weights = building.add("Transpose", [weights], perm=[1, 0, 2, 3])
    around = [k - 1 - pad for k, pad in zip(kernel * 2, pads, strict=True)]
    return building.add(
        "Conv", [above, weights], kernel_shape=kernel, pads=around, group=group, strides=strides
    )


def _depth_to_space(building: _Building, node: onnx.NodeProto, place: int, above: str) -> str:
    row = _attributes(node)
    size = row["blocksize"]
    packed = building.add("SpaceToDepth", [above], blocksize=size)
    if row.get("mode", b"DCR") == b"DCR":
        return packed
    # SpaceToDepth says which pixel of a block first, then the channel; here it is the other way.
    channels = building.channels(node.input[0]) // size**2
    order = np.arange(channels * size**2).reshape(size**2, channels).T.ravel()
    return building.add("Gather", [packed, building.constant(order)], axis=1)


def _reshape(building: _Building, node: onnx.NodeProto, place: int, above: str) -> str:
    shape = building.add("Shape", [node.input[0]])
    return building.add("Reshape", [above, shape], allowzero=1)


def _transpose(building: _Building, node: onnx.NodeProto, place: int, above: str) -> str:
    back = np.argsort(_attributes(node)["perm"]).tolist()
    return building.add("Transpose", [above], perm=back)


# Operator -> (building, its node, which of its inputs, gradient of its output) -> gradient of the
# input. Inputs that are broadcast are weights, by which nobody asks.
RULES: dict[str, Callable[[_Building, Any, int, str], str]] = {
    "Add": _pass_on,
    "Clip": _clip,
    "Conv": _convolution,
    "DepthToSpace": _depth_to_space,
    "Mul": _product,
    "Relu": _relu,
    "Reshape": _reshape,
    "Sub": _difference,
    "Transpose": _transpose,
}

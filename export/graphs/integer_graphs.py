"""Integer form of a float graph: the integers, steps and ranges of a quantised net as QDQ nodes.

A convolution runs on integer kernels where its input and its output are on known grids; where only
its weight is, or only weight and input, its arithmetic stays float. Sums stay float everywhere: the
residual stream is rounded where a layer takes it, and never twice.

Integer kernels see one step and one zero point per tensor. Where channels have their own, the steps
of a weight's rows take the difference in, and the bias that of the zero points; towards float, a
product and a sum do. (QuantizeLinear by channel would, but ONNX Runtime takes 15 ns a value for it
where channels lie last.)
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tcsdk.export.graphs.nested import nodes_of
from tcsdk.export.graphs.storage import widening
from tcsdk.quant.integers.activations import ActivationRange
from tcsdk.quant.integers.quantised import Quantised

WEIGHT, BIAS = ".weight", ".bias"
# In units of input step times weight step: the products of an int32 accumulator need the rest.
LARGEST_BIAS = 2.0**29
# Operators that hand values on as they are, so that a grid before them is one after them.
_PASSING = ("Relu", "DepthToSpace")
_TYPES = {"uint8": np.uint8, "int8": np.int8}


class _Builder:
    """Rewrites one graph in place."""

    def __init__(self, graph: onnx.GraphProto, quantised: Quantised) -> None:
        self.graph, self.quantised = graph, quantised
        self.floats = {tensor.name: tensor for tensor in graph.initializer}
        self.consumers: dict[str, list[onnx.NodeProto]] = defaultdict(list)
        for node in nodes_of(graph):
            for name in node.input:
                self.consumers[name].append(node)
        self.placed: dict[tuple[str, ActivationRange, bool], str] = {}
        self.rounded: set[tuple[str, ActivationRange, bool]] = set()

    def layer_of(self, node: onnx.NodeProto) -> str | None:
        """Name of the quantised layer that a node runs, if it runs one."""
        runs = node.op_type in ("Conv", "Gemm")
        if not runs or node.input[1] not in self.quantised.weights:
            return None
        return str(node.input[1].removesuffix(WEIGHT))

    def output_range(self, layer: str, tensor: str) -> ActivationRange | None:
        """The grid of a layer's output: its own, or that of the one layer that takes it."""
        if layer in self.quantised.outputs:
            return self.quantised.outputs[layer]
        takers = self.consumers[tensor]
        if len(takers) != 1:
            return None
        taker = self.layer_of(takers[0])
        if taker is not None:
            return self.quantised.inputs.get(taker)
        if takers[0].op_type not in _PASSING:
            return None
        given = self.output_range(layer, takers[0].output[0])
        moved = takers[0].op_type == "DepthToSpace" and given is not None and given.scales
        return None if moved else given

    def absorbs(self, node: onnx.NodeProto, range_: ActivationRange) -> bool:
        """Whether a node's weight takes in the channels' steps of its input."""
        layer = self.layer_of(node)
        return layer is not None and self.quantised.inputs.get(layer) == range_

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Add an initializer, once."""
        if name not in self.floats:
            self.floats[name] = numpy_helper.from_array(value, name)
            self.graph.initializer.append(self.floats[name])
        return name

    def insert(self, before: onnx.NodeProto, *nodes: onnx.NodeProto) -> None:
        """Put nodes in front of another."""
        place = list(self.graph.node).index(before)
        for i, node in enumerate(nodes):
            self.graph.node.insert(place + i, node)

    def round_input(
        self, node: onnx.NodeProto, tensor: str, range_: ActivationRange, absorbed: bool = False
    ) -> None:
        """Feed a node the rounded form of one of its inputs; made once per tensor and grids.

        Args:
            node: takes it.
            tensor: one of its inputs.
            range_: its grid.
            absorbed: whether what makes the tensor has the channels' steps in its weight.
        """
        taken = self.absorbs(node, range_)
        key = (tensor, range_, taken)
        if key in self.rounded:
            return
        if key not in self.placed:
            whole, rounded = f"{tensor}.{len(self.placed)}.whole", f"{tensor}.{len(self.placed)}"
            grid, nodes = self.grid(range_), []
            source, made = tensor, rounded
            if range_.scales and not absorbed:
                source = f"{rounded}.even"
                shifts, factor = range_.shifts(), 1 / range_.relative()
                nodes += self.affine(tensor, factor, shifts * factor, source)
            if range_.scales and not taken:
                made = f"{rounded}.grid"
            nodes += [
                helper.make_node("QuantizeLinear", [source, *grid], [whole]),
                helper.make_node("DequantizeLinear", [whole, *grid], [made]),
            ]
            if made != rounded:
                nodes += self.affine(made, range_.relative(), -range_.shifts(), rounded)
            self.insert(node, *nodes)
            self.placed[key] = rounded
            self.rounded.add((rounded, range_, taken))
        for i, name in enumerate(node.input):
            if name == tensor:
                node.input[i] = self.placed[key]

    def grid(self, range_: ActivationRange) -> tuple[str, str]:
        """Names of the step and the zero point that integer kernels see."""
        kind = _TYPES[range_.format]
        return (
            self.constant(f"step.{range_.step!r}", np.array(range_.step, np.float32)),
            self.constant(f"zero.{range_.zero}.{range_.format}", np.array(range_.zero, kind)),
        )

    def affine(
        self,
        tensor: str,
        factor: NDArray[np.floating[Any]],
        shift: NDArray[np.floating[Any]],
        output: str,
    ) -> list[onnx.NodeProto]:
        """Nodes for tensor * factor + shift by channel, (C,) each; no sum of zeros."""
        each = (-1, 1, 1)
        values = self.constant(f"{output}.factor", factor.astype(np.float32).reshape(each))
        if not shift.any():
            return [helper.make_node("Mul", [tensor, values], [output])]
        product = f"{output}.product"
        shifts = self.constant(f"{output}.shift", shift.astype(np.float32).reshape(each))
        return [
            helper.make_node("Mul", [tensor, values], [product]),
            helper.make_node("Add", [product, shifts], [output]),
        ]

    def widen_weight(self, key: str, factor: NDArray[np.float32]) -> None:
        """Replace a weight of float arithmetic by its integers, times `factor`, for all takers."""
        weight = self.quantised.weights[key]
        self.graph.initializer.remove(self.floats.pop(key))
        self.constant(key, weight.integers.reshape(weight.shape))
        scale, value = (weight.step * factor).astype(np.float32), f"{key}.value"
        steps, nodes = widening(key, len(weight.shape), scale, value)
        self.graph.initializer.append(steps)
        for taker in self.consumers[key]:
            taker.input[:] = [value if name == key else name for name in taker.input]
        for node in reversed(nodes):
            self.graph.node.insert(0, node)

    def widen_others(self) -> None:
        """Do so with all that no layer's node took: in loops several share one."""
        for key in [key for key in self.quantised.weights if key in self.floats]:
            if self.floats[key].data_type == TensorProto.FLOAT:
                self.widen_weight(key, np.ones(1, np.float32))

    def store_weight(self, node: onnx.NodeProto, key: str, factor: NDArray[np.float32]) -> str:
        """Replace a float weight by its integers; returns the name of its steps times `factor`."""
        weight = self.quantised.weights[key]
        self.graph.initializer.remove(self.floats.pop(key))
        steps = self.constant(f"{key}.step", (weight.step * factor).astype(np.float32))
        zeros = self.constant(f"{key}.zero", np.zeros(len(weight.step), np.int8))
        self.constant(key, weight.integers.reshape(weight.shape))
        value = f"{key}.value"
        self.insert(
            node, helper.make_node("DequantizeLinear", [key, steps, zeros], [value], axis=0)
        )
        node.input[1] = value
        return steps

    def store_bias(
        self, node: onnx.NodeProto, steps: str, taken: ActivationRange, given: ActivationRange
    ) -> None:
        """Replace a float bias by int32 in units of the accumulator."""
        name = node.input[2]
        bias = numpy_helper.to_array(self.floats[name]).astype(np.float64)
        bias = (bias + given.shifts()) / given.relative()
        unit = taken.step * numpy_helper.to_array(self.floats[steps]).astype(np.float64)
        whole = np.rint(bias / unit)
        if np.abs(whole).max() > 2 * LARGEST_BIAS:  # an offset may have been folded into it
            raise ValueError(
                f"{name}: expected a bias of at most {2 * LARGEST_BIAS:.0f} accumulator units, got "
                f"{np.abs(whole).max():.3g}: steps are too small"
            )
        whole = whole.astype(np.int32)
        self.graph.initializer.remove(self.floats.pop(name))
        self.constant(name, whole)
        step, zero = self.grid(taken)[0], self.constant(f"{name}.zero", np.zeros_like(whole))
        units, value = f"{name}.unit", f"{name}.value"
        self.insert(
            node,
            helper.make_node("Mul", [steps, step], [units]),  # folded at load; half the bytes
            helper.make_node("DequantizeLinear", [name, units, zero], [value], axis=0),
        )
        node.input[2] = value

    def rewrite(self, node: onnx.NodeProto, layer: str) -> None:
        """Quantise one convolution or linear layer; the latter's arithmetic stays float."""
        source, output = node.input[0], node.output[0]
        taken = self.quantised.inputs.get(layer)
        convolves = taken is not None and node.op_type == "Conv"
        given = self.output_range(layer, output) if convolves else None
        factor = np.ones(1, np.float32)
        if taken is not None:
            factor = taken.relative()
            self.round_input(node, source, taken)
        if taken is None or given is None:
            self.widen_weight(layer + WEIGHT, factor)
            return
        steps = self.store_weight(node, layer + WEIGHT, factor / given.relative())
        if len(node.input) == 2:  # the exporter drops zeros, which are none after correction
            bias = self.quantised.rest.get(layer + BIAS)
            channels = len(self.quantised.weights[layer + WEIGHT].step)
            value = np.zeros(channels, np.float32) if bias is None else bias.numpy()
            node.input.append(self.constant(layer + BIAS, value))
        self.store_bias(node, steps, taken, given)
        self.round_output(output, given)

    def round_output(self, tensor: str, range_: ActivationRange) -> None:
        """Round a tensor, after its ReLU where it has one, for all that take it."""
        takers = self.consumers[tensor]
        if len(takers) == 1 and takers[0].op_type == "Relu":
            tensor, takers = takers[0].output[0], self.consumers[takers[0].output[0]]
        for taker in takers:
            self.round_input(taker, tensor, range_, absorbed=True)
            if taker.op_type == "DepthToSpace":  # integers again for those that take them moved
                self.round_output(taker.output[0], range_)


def integer_graph(model: onnx.ModelProto, quantised: Quantised) -> onnx.ModelProto:
    """Return the integer form of a float graph.

    Args:
        model: a graph whose parameters have the net's names; it may hold a part of the net.
        quantised: the quantised net. Weights of layers that the graph does not run are left out.

    Returns:
        The graph with `QuantizeLinear` and `DequantizeLinear`: uint8 or int8 activations per
        tensor, int8 weights per output channel under their own names, int32 biases.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    builder = _Builder(made.graph, quantised)
    for node in list(made.graph.node):
        layer = builder.layer_of(node)
        if layer is not None:
            builder.rewrite(node, layer)
    builder.widen_others()
    made.producer_name, made.producer_version = "tcsdk", ""
    return made

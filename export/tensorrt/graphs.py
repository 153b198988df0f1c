"""Graphs for GPUs, rewritten from a model's FP32 and INT8 ones: FP16, and S8S8 for TensorRT.

FP16 serves ONNX Runtime's CUDA and TensorRT; what has to be exact stays float32 in it.
S8S8 has the calibration of the CPU's U8S8 form (docs/decisions/cpu-int8-is-u8s8.md), its weights
(the same bytes of the same file) and TensorRT's types: symmetric int8 activations, float biases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime.transformers.float16 import convert_float_to_float16
from onnxruntime.transformers.onnx_model import OnnxModel

from tcsdk.export.graphs.constants import drop_unused
from tcsdk.export.tensorrt.rules import MIN_INT8_CHANNELS

Array = NDArray[np.generic]

_UINT8_MAX, _INT8_MAX = 255, 127
# Their outputs are not negative: a ReLU after them does nothing.
_NOT_NEGATIVE = ("Relu", "Sigmoid")
_PRODUCTS = ("Gemm", "MatMul")
# What may stand between the last convolution and an output that nobody takes integers of.
_TRAILING = ("Clip", "DepthToSpace", "DequantizeLinear")


def _dequantised(whole: Array, scale: Array, *zero: Array) -> Array:
    """Integers with zero point 0, one scale per output channel."""
    per_channel = scale.astype(np.float32).reshape(-1, *[1] * (whole.ndim - 1))
    value: NDArray[np.float32] = whole.astype(np.float32) * per_channel
    return value


# Operators that exports put between constants and the nodes that take them.
_FOLDED: dict[str, Callable[..., Array]] = {
    "Cast": lambda half: half.astype(np.float32),
    "Mul": np.multiply,
    "DequantizeLinear": _dequantised,
    "Unsqueeze": lambda value, axes: np.expand_dims(value, tuple(axes)),
}


def fold_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Compute what stands between constants and the nodes that take them, in place.

    TensorRT takes a float convolution's weights as initializers only.

    Args:
        model: A graph with its external weights loaded.
    """
    graph = model.graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in list(graph.node):
        if node.op_type not in _FOLDED or not constants.keys() >= set(node.input):
            continue
        value = _FOLDED[node.op_type](*(constants[name] for name in node.input))
        constants[node.output[0]] = value.astype(np.float32)
        graph.initializer.append(numpy_helper.from_array(value, node.output[0]))
        graph.node.remove(node)
    drop_unused(graph)
    return model


def _give_bounds(graph: onnx.GraphProto) -> None:
    """Give each Clip bounds of its own, in place.

    Of a number that nodes of 16 bits take too it would get a Cast, and TensorRT wants constants.
    """
    known = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        for place, name in enumerate(node.input):
            if node.op_type == "Clip" and place and name in known:
                own = onnx.TensorProto()
                own.CopyFrom(known[name])
                own.name = node.input[place] = f"{node.name}.bound{place}"
                graph.initializer.append(own)
    drop_unused(graph)


def half_graph(model: onnx.ModelProto, exact: Sequence[str]) -> onnx.ModelProto:
    """Return the FP16 form of a folded float graph.

    Args:
        model: A folded float graph.
        exact: Names of the nodes that stay float32.
    """
    _give_bounds(model.graph)
    converted: onnx.ModelProto = convert_float_to_float16(
        model, keep_io_types=True, node_block_list=list(exact)
    )
    del converted.graph.value_info[:]
    OnnxModel.graph_topological_sort(converted.graph)  # the converter appends its Casts
    return converted


def symmetric_graph(u8s8: onnx.ModelProto, folded: onnx.ModelProto) -> onnx.ModelProto:
    """Return the S8S8 form of a U8S8 graph.

    A uint8 range [lo, hi] becomes int8 with the scale max(-lo, hi) / 127. A range that begins at 0
    had swallowed its ReLU, which is put back. Convolutions of fewer than 16 channels lose their
    quantisation. Biases and the weights of float layers, products among them, are dequantised.

    Args:
        u8s8: The CPU's form; external weights need not be loaded.
        folded: The same graph, loaded, with its constants computed.

    Raises:
        ValueError: Activations are not uint8.
    """
    model = onnx.ModelProto()
    model.CopyFrom(u8s8)
    graph = model.graph
    exact = {n.name: n for n in folded.graph.node if n.op_type in ("Conv", *_PRODUCTS)}
    floats = {tensor.name: tensor for tensor in folded.graph.initializer}
    producer = {output: node for node in graph.node for output in node.output}
    for node in [n for n in graph.node if n.name in exact]:
        twin = exact[node.name]
        fed = False
        if node.op_type == "Conv":
            if _few_channels(node, list(floats[twin.input[1]].dims)):
                _take_activation(node, producer)
            source = producer.get(node.input[0])
            fed = source is not None and source.op_type == "DequantizeLinear"
        if fed:
            _dequantise_weight(graph, node, producer)
        _take_floats(graph, node, [floats.get(name) for name in twin.input], first=2 if fed else 0)
    _free_outputs(graph)
    _make_symmetric(graph)
    drop_unused(graph)
    return model


def _take_floats(
    graph: onnx.GraphProto,
    node: onnx.NodeProto,
    values: Sequence[onnx.TensorProto | None],
    first: int,
) -> None:
    """Let a node take constants as floats, from one of its inputs on."""
    known = {tensor.name for tensor in graph.initializer}
    for index, value in enumerate(values):
        if value is not None and index >= first:
            node.input[index] = name = f"{value.name}.float"
            if name not in known:
                graph.initializer.append(
                    numpy_helper.from_array(numpy_helper.to_array(value), name)
                )


def _free_outputs(graph: onnx.GraphProto) -> None:
    """Leave pictures in float: int8 has half of uint8's levels for what is never negative."""
    producer = {output: node for node in graph.node for output in node.output}
    for value in graph.output:
        name = value.name
        while name in producer and producer[name].op_type in _TRAILING:
            node = producer[name]
            if node.op_type != "DequantizeLinear":
                name = node.input[0]
                continue
            source = producer[node.input[0]].input[0]
            for taker in graph.node:
                taker.input[:] = [source if taken == name else taken for taken in taker.input]
            name = source


def _few_channels(node: onnx.NodeProto, shape: list[int]) -> bool:
    groups = next((a.i for a in node.attribute if a.name == "group"), 1)
    return bool(min(shape[0], shape[1] * groups) < MIN_INT8_CHANNELS)


def _take_activation(node: onnx.NodeProto, producer: dict[str, onnx.NodeProto]) -> None:
    """Feed a convolution the tensor as it was before QuantizeLinear and DequantizeLinear."""
    for kind in ("DequantizeLinear", "QuantizeLinear"):
        before = producer.get(node.input[0])
        if before is not None and before.op_type == kind:
            node.input[0] = before.input[0]


def _dequantise_weight(
    graph: onnx.GraphProto, node: onnx.NodeProto, producer: dict[str, onnx.NodeProto]
) -> None:
    """Let DequantizeLinear stand for a weight's Cast and Mul before a convolution of int8."""
    mul = producer.get(node.input[1])
    if mul is None or mul.op_type != "Mul":
        return
    stored = producer[mul.input[0]].input[0]
    (scale,) = (t for t in graph.initializer if t.name == mul.input[1])
    steps = numpy_helper.to_array(scale).reshape(-1)
    names = [stored, f"{scale.name}.steps", f"{scale.name}.zeros"]
    graph.initializer.append(numpy_helper.from_array(steps, names[1]))
    graph.initializer.append(numpy_helper.from_array(np.zeros(len(steps), np.int8), names[2]))
    node.input[1] = f"{mul.output[0]}.dequantised"
    made = helper.make_node("DequantizeLinear", names, [node.input[1]], axis=0)
    graph.node.insert(list(graph.node).index(node), made)


def _make_symmetric(graph: onnx.GraphProto) -> None:
    constants = {tensor.name: tensor for tensor in graph.initializer}
    producer = {output: node for node in graph.node for output in node.output}
    graph.initializer.append(numpy_helper.from_array(np.zeros((), np.int8), "zero.s8"))
    made: set[str] = set()
    for node in list(graph.node):
        quantises = node.op_type == "QuantizeLinear"
        if not quantises and (node.op_type != "DequantizeLinear" or node.input[0] in constants):
            continue
        zero = numpy_helper.to_array(constants[node.input[2]])
        scale = numpy_helper.to_array(constants[node.input[1]])
        if zero.dtype != np.uint8 or zero.size != 1:
            raise ValueError(
                f"{node.name}: expected one uint8 zero point per tensor, got {zero.dtype} "
                f"{zero.shape}"
            )
        low = int(zero.reshape(()))
        name = f"{node.input[1]}.{low}.s8"
        if name not in made:
            largest = max(low, _UINT8_MAX - low)
            wide = (scale.reshape(()) * np.float32(largest / _INT8_MAX)).astype(np.float32)
            graph.initializer.append(numpy_helper.from_array(wide, name))
            made.add(name)
        node.input[1], node.input[2] = name, "zero.s8"
        source = producer.get(node.input[0])
        may_be_negative = source is not None and source.op_type not in _NOT_NEGATIVE
        if quantises and low == 0 and may_be_negative:
            _insert_relu(graph, node)


def _insert_relu(graph: onnx.GraphProto, node: onnx.NodeProto) -> None:
    output = f"{node.input[0]}.relu"
    if output not in {name for other in graph.node for name in other.output}:
        relu = helper.make_node("Relu", [node.input[0]], [output], output)
        graph.node.insert(list(graph.node).index(node), relu)
    node.input[0] = output

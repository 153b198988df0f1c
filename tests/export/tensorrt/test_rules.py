"""Rules that graphs for GPUs keep: each that is broken is found, at its node."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from tcsdk.export.tensorrt.rules import check_graph, graph_files

pytestmark = pytest.mark.train
F, H, I8, U8 = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT8, TensorProto.UINT8


def graph(nodes, constants=(), channels=16, kind=F, opset=19, source="x"):
    """A model x (n, channels, h, w) -> y of one float type."""
    shape = ["n", channels, "h", "w"]
    made = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(source, kind, shape)],
        [helper.make_tensor_value_info("y", kind, None)],
        [numpy_helper.from_array(value, name) for name, value in dict(constants).items()],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def int8_convolution(
    inputs=16, outputs=16, zero=0, zero_type=np.int8, axis=0, bias=False, scale=0.1
):
    """x -> Q -> DQ -> Conv with int8 weights -> y."""
    constants = {
        "scale": np.asarray(scale, np.float32),
        "zero": np.full(np.shape(scale), zero, zero_type),
        "w": np.ones((outputs, inputs, 1, 1), np.int8),
        "ws": np.full(inputs if axis else outputs, 0.1, np.float32),
        "wz": np.zeros(inputs if axis else outputs, np.int8),
        "b": np.ones(outputs, np.int32),
        "bs": np.float32(0.1),
    }
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"], "q"),
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["d"], "dq"),
        helper.make_node("DequantizeLinear", ["w", "ws", "wz"], ["wd"], "wdq", axis=axis),
    ]
    if bias:
        nodes.append(helper.make_node("DequantizeLinear", ["b", "bs"], ["bd"], "bdq"))
    nodes.append(helper.make_node("Conv", ["d", "wd", *(["bd"] if bias else [])], ["y"], "conv"))
    return graph(nodes, constants, inputs)


def test_a_symmetric_int8_convolution_keeps_all_rules():
    assert check_graph(int8_convolution()) == []


RELU = helper.make_node("Relu", ["x"], ["y"], "relu")
WEIGHT = {"w": np.ones((16, 16, 1, 1), np.float32)}


@pytest.mark.parametrize(
    ("model", "rule", "node"),
    [
        (graph([RELU], opset=8), "operator", "g"),
        (graph([helper.make_node("Mish", ["x"], ["y"], "m")]), "operator", "m"),
        (
            graph([helper.make_node("Relu", ["picture"], ["y"], "relu")], source="picture"),
            "border",
            "picture",
        ),
        (graph([RELU], channels="c"), "border", "x"),
        (graph([RELU], kind=H), "border", "x"),
        (int8_convolution(zero=3), "scale", "q"),
        (int8_convolution(zero_type=np.uint8), "type", "q"),
        (int8_convolution(bias=True), "dequantise", "bdq"),
        (int8_convolution(inputs=3), "channels", "conv"),
        (int8_convolution(outputs=12), "channels", "conv"),
        (int8_convolution(axis=1), "channels", "conv"),
        (int8_convolution(scale=[0.1] * 16), "scale", "q"),
        (
            graph(
                [
                    helper.make_node("Cast", ["w"], ["wf"], "cast", to=F),
                    helper.make_node("Conv", ["x", "wf"], ["y"], "conv"),
                ],
                {"w": WEIGHT["w"].astype(np.float16)},
            ),
            "weights",
            "conv",
        ),
        (
            graph(
                [
                    helper.make_node("DequantizeLinear", ["w", "s"], ["wf"], "dq"),
                    helper.make_node("Conv", ["x", "wf"], ["y"], "conv"),
                ],
                {"w": np.ones((16, 16, 1, 1), np.int8), "s": np.float32(0.1)},
            ),
            "weights",
            "conv",
        ),
        (
            graph(
                [
                    helper.make_node("QuantizeLinear", ["x", "s"], ["q"], "q"),
                    helper.make_node("DequantizeLinear", ["q", "s"], ["y"], "dq"),
                ],
                {"s": np.float32(0.1)},
            ),
            "scale",
            "q",
        ),
        (
            graph([helper.make_node("MaxPool", ["x"], ["y", "i"], "pool", kernel_shape=[2, 2])]),
            "outputs",
            "pool",
        ),
        (
            graph(
                [helper.make_node("Resize", ["x", "", "s"], ["y"], "resize", mode="cubic")],
                {"s": np.ones(4, np.float32)},
            ),
            "resize",
            "resize",
        ),
        (
            graph(
                [
                    helper.make_node("ReduceMean", ["x"], ["m"], "mean", keepdims=1),
                    helper.make_node("Clip", ["x", "m"], ["y"], "clip"),
                ]
            ),
            "bounds",
            "clip",
        ),
    ],
)
def test_each_broken_rule_is_found_at_its_node(model, rule, node):
    assert (rule, node) in {(violation.rule, violation.node) for violation in check_graph(model)}


def test_a_mix_of_float_types_is_found():
    nodes = [
        helper.make_node("Cast", ["x"], ["h"], "cast", to=H),
        helper.make_node("Concat", ["x", "h"], ["y"], "concat", axis=1),
    ]
    model = graph(nodes)
    model.graph.output[0].type.tensor_type.ClearField("shape")
    assert "agreement" in {violation.rule for violation in check_graph(model)}


def test_paths_of_files_are_taken_as_they_are(tmp_path):
    assert graph_files(Path("a.onnx")) == [Path("a.onnx")]

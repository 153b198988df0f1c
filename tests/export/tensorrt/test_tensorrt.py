"""Graphs for GPUs: FP16 and S8S8 of the shipped models, and the rules that both must keep."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from support import manifests
from support.small_model import MODEL, psnr, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk.engines.golden import golden_case
from tcsdk.engines.ort import CpuEngine
from tcsdk.errors import EngineError, ModelFileError
from tcsdk.export.tensorrt.rules import check_graph, graph_files, main
from tcsdk.export.tensorrt.target import add_tensorrt_graphs
from tcsdk.model.find import list_codecs
from tcsdk.model.manifest import of_packed_nets
from tcsdk.model.read import read_model_folder

pytestmark = pytest.mark.train

FAMILIES = [
    model.family
    for model in list_codecs()
    if {"fp32", "int8"} <= set(model.precisions) and model.drawing is None
]
ROLES = ("analysis", "synthesis")


@pytest.fixture(scope="module", params=FAMILIES)
def folder(request, tmp_path_factory):
    """A copy of a shipped model with the graphs for GPUs."""
    (shipped,) = [model.path for model in list_codecs() if model.family == request.param]
    target = tmp_path_factory.mktemp("zoo") / request.param
    shutil.copytree(shipped, target)
    add_tensorrt_graphs(target)
    return target


def test_the_zoo_has_a_model_to_test():
    assert FAMILIES


def test_graphs_for_tensorrt_keep_all_rules(folder):
    files = graph_files(folder)
    assert len(files) == 4
    for file in files:
        assert check_graph(onnx.load(str(file))) == []


def test_the_cpus_int8_graphs_break_them(folder):
    for role in ROLES:
        found = check_graph(onnx.load(str(folder / f"{role}.int8.onnx")))
        assert {"type", "scale", "dequantise"} <= {violation.rule for violation in found}


def test_the_folder_stays_a_sound_model(folder):
    model = read_model_folder(folder)
    assert {"fp32", "int8", "fp16", "s8s8"} <= set(model.precisions)
    assert model.default_precision["tensorrt"] == "s8s8"
    assert model.default_precision["cuda"] == "fp16"
    for precision in model.precisions:
        for role in ROLES:
            assert model.graph_file(precision, role).is_file()
    for name in model.sha256:
        model.read_checked(name)


def test_int8_weights_are_stored_once(folder):
    for role in ROLES:
        shared = {
            (entry.value, tensor.data_type)
            for tensor in onnx.load(
                str(folder / f"{role}.s8s8.onnx"), load_external_data=False
            ).graph.initializer
            for entry in tensor.external_data
            if entry.key == "location" and tensor.data_type == TensorProto.INT8
        }
        assert shared == {("weights.int8.bin", TensorProto.INT8)}
    row = read_model_folder(folder).precisions["fp16"]
    assert "weights.safetensors" in row["files"]


@pytest.mark.parametrize(("precision", "least"), [("fp16", 50.0), ("s8s8", 30.0)])
def test_streams_of_the_new_forms_decode_everywhere(folder, precision, least):
    picture = smooth_picture(200, 150)
    decoder = {p: tcsdk.Decoder("cpu", models=[folder], precision=p) for p in ("fp32", precision)}
    data = tcsdk.Encoder(folder, device="cpu", precision=precision, quality=40).encode(picture)
    pictures = [each.decode(data) for each in decoder.values()]
    assert psnr(*pictures) >= least
    reference = tcsdk.Encoder(folder, device="cpu", precision="fp32", quality=40).encode(picture)
    assert len(data) == pytest.approx(len(reference), rel=0.1)


class Mirrored:
    """A graph whose channels come in the wrong order."""

    def __init__(self, graph):
        self.graph = graph

    def run(self, inputs):
        return {name: array[:, ::-1] for name, array in self.graph.run(inputs).items()}


class Shortened(Mirrored):
    """A graph that lacks its last output."""

    def run(self, inputs):
        return dict(list(self.graph.run(inputs).items())[:-1])


def test_golden_vectors_hold_on_the_cpu_and_tell_a_wrong_engine(folder):
    model = read_model_folder(folder)
    for precision, row in model.precisions.items():
        if of_packed_nets(row):
            continue
        for role in ROLES:
            case = golden_case(model, precision, role)
            graph = CpuEngine(1).load(model.graph_file(precision, role))
            assert 0 <= case.check(graph) <= 1
            check_rejects(
                lambda c=case, g=graph: c.check(Mirrored(g)), EngineError, "golden vector"
            )
            check_rejects(lambda c=case, g=graph: c.check(Shortened(g)), EngineError, "outputs")


def test_adding_twice_changes_nothing(folder):
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    add_tensorrt_graphs(folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_damaged_or_incomplete_folder_is_refused_and_left_alone(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "bad")
    (tmp_path / "bad" / "weights.safetensors").write_bytes(b"")
    check_rejects(lambda: add_tensorrt_graphs(tmp_path / "bad"), ModelFileError, "SHA-256")
    manifest = manifests.read(folder)
    for name in ("fp32", "fp16", "s8s8"):
        del manifest["precisions"][name]
    manifest["default_precision"] = {}
    manifests.save(tmp_path / "bad", manifest)
    check_rejects(lambda: add_tensorrt_graphs(tmp_path / "bad"), ValueError, "precision fp32")
    assert (tmp_path / "bad" / "weights.safetensors").read_bytes() == b""


def test_the_command_checks_files_and_folders(folder, capsys):
    assert main([str(folder)]) == 0
    assert capsys.readouterr().out.count(": ok") == 4
    assert main([str(folder / "analysis.int8.onnx")]) == 1
    assert "expected INT8, got UINT8" in capsys.readouterr().out
    assert main([str(MODEL)]) == 2
    assert "--target tensorrt" in capsys.readouterr().err


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

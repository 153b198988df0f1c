"""Graphs for GPUs: FP16 and S8S8 of the shipped models, and the rules that both must keep."""

from __future__ import annotations

import shutil

import onnx
import pytest
from onnx import TensorProto
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

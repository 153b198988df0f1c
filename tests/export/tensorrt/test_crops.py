"""Graphs for GPUs of the shipped models that take crops: made, checked, read with on the CPU."""

from __future__ import annotations

import shutil

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image, ImageDraw, ImageFont
from support import gpu_stand_in, manifests

import tcsdk
from checks import check_rejects
from tcsdk.cli import main as build
from tcsdk.cli.examination import examine
from tcsdk.engines.golden import golden_case
from tcsdk.engines.ort import CpuEngine
from tcsdk.engines.tensorrt.profiles import profiles_of
from tcsdk.errors import EngineError
from tcsdk.export.__main__ import main
from tcsdk.export.graphs.constants import fold_constants
from tcsdk.export.graphs.nested import nodes_of
from tcsdk.export.graphs.still_shapes import still_shapes
from tcsdk.export.graphs.unrolled import unrolled
from tcsdk.export.tensorrt.graphs import fold_weights
from tcsdk.export.tensorrt.rules import check_graph, graph_files
from tcsdk.export.tensorrt.target import add_tensorrt_graphs, left_out
from tcsdk.model.find import list_models, named_model
from tcsdk.model.graphs import CHARACTER_LOGITS, CLASS_BIAS, RECOGNITION, WORD_PIXELS
from tcsdk.model.read import read_model_folder
from tcsdk.model.tasks import CODEC, TASKS

pytestmark = pytest.mark.train

FAMILIES = [m.family for m in list_models() if m.task in ("super_resolution", RECOGNITION)]
MADE = {"edsr-s": ["fp16", "s8s8"], "reader": ["fp16", "s8s8"], "cdistnet-s": ["fp16"]}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Copies of the shipped models with graphs for GPUs, each made when first asked for."""
    made = {}

    def folder(family):
        if family not in made:
            made[family] = tmp_path_factory.mktemp("zoo") / family
            shutil.copytree(named_model(family)[0].path, made[family])
            add_tensorrt_graphs(made[family])
        return made[family]

    return folder


@pytest.fixture(params=FAMILIES)
def folder(request, folders):
    return folders(request.param)


def test_every_shipped_model_of_crops_is_here():
    assert set(FAMILIES) == set(MADE)


def test_it_gets_the_forms_that_its_net_allows(folder):
    model = read_model_folder(folder)
    made = [p for p in model.precisions if p in ("fp16", "s8s8")]
    assert made == MADE[model.family]
    assert model.default_precision["tensorrt"] == made[-1]
    assert (model.default_precision["cuda"], model.default_precision["cpu"]) == ("fp16", "int8")
    assert set(left_out(folder)) == {"fp16", "s8s8"} - set(made)
    for precision in made:
        assert model.graph_file(precision, model.roles[0]).is_file()
    for name in model.sha256:
        model.read_checked(name)


def test_graphs_keep_all_rules_and_compute_no_shapes_that_are_known(folder):
    files = graph_files(folder)
    assert len(files) == len(MADE[folder.name])
    for file in files:
        graph = onnx.load(str(file))
        assert check_graph(graph) == []
        operators = [node.op_type for node in nodes_of(graph.graph)]
        assert "Loop" not in operators
        # Of CDistNet's words the number alone: its first keys and values are that many zeros.
        assert operators.count("Shape") == (folder.name == "cdistnet-s")


def test_golden_vectors_hold_on_the_cpu_and_tell_another_order(folder):
    class Mirrored:
        def __init__(self, graph):
            self.run = lambda inputs: {n: a[::-1] for n, a in graph.run(inputs).items()}

    model = read_model_folder(folder)
    (role,) = model.roles
    for precision in model.precisions:
        case = golden_case(model, precision, role)
        graph = CpuEngine(1).load(model.graph_file(precision, role))
        assert 0 <= case.check(graph) <= 1
        check_rejects(lambda c=case, g=graph: c.check(Mirrored(g)), EngineError, "golden vector")


def test_the_golden_words_are_one_character_each_to_the_last_place(folders):
    """By a slip of one engine all that follows would differ; here none can slip."""
    model = read_model_folder(folders("cdistnet-s"))
    case = golden_case(model, "fp16", RECOGNITION)
    for precision in model.precisions:
        graph = CpuEngine(1).load(model.graph_file(precision, RECOGNITION))
        logits = graph.run(case.inputs)[CHARACTER_LOGITS]
        assert logits.shape == (2, 38, 1, 25)
        best = logits[:, :, 0].argmax(1)
        assert (best == best[:, :1]).all()
        assert best[0, 0] != best[1, 0]


def test_a_loop_written_out_says_what_it_said_and_goes_on(tmp_path):
    looped = named_model("cdistnet-s")[0].graph_file("fp32", RECOGNITION)
    graph = still_shapes(fold_constants(unrolled(fold_weights(onnx.load(str(looped))))))
    onnx.save(graph, str(tmp_path / "written.onnx"))
    inputs = {
        WORD_PIXELS: np.random.default_rng(0).random((3, 3, 32, 128), np.float32),
        CLASS_BIAS: np.zeros((3, 38, 1, 1), np.float32),
    }
    before, after = (
        CpuEngine(1).load(path).run(inputs)[CHARACTER_LOGITS]
        for path in (looped, tmp_path / "written.onnx")
    )
    rounds = before.shape[3]
    assert rounds < after.shape[3] == 25
    assert np.abs(after[..., :rounds] - before).max() < 1e-4


def line(text):
    """Dark on white, 32 high."""
    font = ImageFont.load_default(26)
    image = Image.new("RGB", (int(font.getlength(text)) + 16, 32), "white")
    ImageDraw.Draw(image).text((8, 0), text, fill=(30, 30, 40), font=font)
    return image


@pytest.mark.parametrize("precision", ["fp16", "s8s8"])
def test_lines_read_the_same_in_the_new_forms(folders, precision):
    texts = ["GATE 4071", "Room 25", "A-17", "12.50"]
    told = {"device": "cpu", "threads": 1, "precision": precision}
    with tcsdk.Recognizer(folders("reader"), **told) as reader:
        assert [each.text for each in reader.recognize([line(t) for t in texts])] == texts


def test_words_read_the_same_in_fp16(folders):
    crops = [line(text).resize((128, 32)) for text in ("gate", "2041", "room")]
    said = {}
    for precision in ("fp32", "fp16"):
        told = {"device": "cpu", "threads": 1, "precision": precision}
        with tcsdk.Recognizer(folders("cdistnet-s"), **told) as reader:
            said[precision] = [each.text for each in reader.recognize(crops)]
    assert said["fp16"] == said["fp32"]
    assert all(said["fp32"])


@pytest.mark.parametrize(("precision", "least"), [("fp16", 45.0), ("s8s8", 24.0)])
def test_crops_are_enlarged_the_same_in_the_new_forms(folders, precision, least):
    crop = np.asarray(line("GATE").resize((60, 16)))
    made = {}
    for name in ("fp32", precision):
        with tcsdk.SuperResolver(folders("edsr-s"), device="cpu", precision=name) as net:
            made[name] = net.upscale(crop).astype(float)
    error = np.mean((made["fp32"] - made[precision]) ** 2)
    assert 10 * np.log10(255**2 / error) >= least


def texts_or_pictures(folder, device, precision):
    """What the model of a folder makes of a few crops, more than one call holds."""
    told = {"device": device, "threads": 1, "precision": precision}
    crops = [line(text) for text in ("gate", "2041", "room 25 of 4071", "A-17", "7")] * 4
    if folder.name == "edsr-s":
        with tcsdk.SuperResolver(folder, **told) as net:
            return [o.get() for o in net.upscale_many([crop.resize((60, 16)) for crop in crops])]
    with tcsdk.Recognizer(folder, **told) as reader:
        return [each.text for each in reader.recognize(crops)]


def assert_the_same(folder, device, precision):
    """A device says what the CPU says of the same graph; of pictures up to 2 of 255 levels."""
    came, expected = (texts_or_pictures(folder, where, precision) for where in (device, "cpu"))
    if folder.name != "edsr-s":
        assert came == expected
        return
    for a, b in zip(came, expected, strict=True):
        assert np.abs(a.astype(int) - b).max() <= 2


def test_the_command_builds_all_of_them_and_their_plans_read(folders, tmp_path, monkeypatch):
    """On stand-ins for TensorRT and CUDA: golden vectors, profiles, slots, replays."""
    gpu_stand_in.install(monkeypatch, tmp_path / "plans")
    made = [folders(family) for family in FAMILIES]
    assert build(["build", *map(str, made)]) == 0
    for folder in made:
        assert_the_same(folder, "tensorrt", MADE[folder.name][-1])


def test_doctor_tries_them_by_their_golden_vectors(folders, tmp_path, monkeypatch):
    shutil.copytree(folders("reader"), tmp_path / "reader")
    monkeypatch.setattr("tcsdk.model.find._ZOO", (tmp_path,))
    found = list(examine("cpu", 1))
    assert not any(each.failed for each in found)
    ratios = {f.about: f.fields["ratio"] for f in found if f.topic == "golden"}
    assert set(ratios) == {f"reader-{name}" for name in ("fp32", "int8", "fp16", "s8s8")}
    assert max(ratios.values()) <= 1
    (nodes,) = [f for f in found if (f.topic, f.about) == ("nodes", "reader-s8s8")]
    assert nodes.fields["counts"]["recognition"]["CPUExecutionProvider"] > 30


@pytest.fixture
def gpu():
    """Skip where there is none."""
    runtime = pytest.importorskip("cuda.bindings.runtime", reason="needs cuda-python")
    if runtime.cudaGetDeviceCount()[0] != runtime.cudaError_t.cudaSuccess:
        pytest.skip("needs a GPU: make test-gpu")


@pytest.mark.gpu
@pytest.mark.parametrize(("family", "form"), [(f, form) for f in FAMILIES for form in MADE[f]])
def test_tensorrt_builds_plans_that_read(folders, family, form, gpu, tmp_path, monkeypatch):
    pytest.importorskip("tensorrt", reason="needs TensorRT")
    folder = folders(family)
    monkeypatch.setenv("TCSDK_PLANS", str(tmp_path / "plans"))
    target = tmp_path / folder.name
    shutil.copytree(folder, target)
    manifest = manifests.read(target)
    manifest["default_precision"]["tensorrt"] = form
    manifests.save(target, manifest)
    assert build(["build", str(target)]) == 0
    assert_the_same(target, "tensorrt", form)


@pytest.mark.gpu
@pytest.mark.parametrize("form", ["fp32", "fp16"])
def test_cuda_runs_both_float_forms_loops_too(folder, form, gpu):
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        pytest.skip("needs onnxruntime-gpu")
    assert_the_same(folder, "cuda", form)


def test_profiles_take_what_the_graphs_of_a_folder_take(folder):
    model = read_model_folder(folder)
    for file in graph_files(folder):
        graph = onnx.load(str(file), load_external_data=False).graph
        constants = {tensor.name for tensor in graph.initializer}
        for value in graph.input:
            if value.name in constants:
                continue
            dims = value.type.tensor_type.shape.dim
            for profile in profiles_of(model):
                for shape in profile.shapes(value.name, dims[1].dim_value):
                    fixed = [d.dim_value for d in dims]
                    assert all(f in (0, s) for f, s in zip(fixed, shape, strict=True))


def test_adding_twice_changes_nothing(folders):
    folder = folders("reader")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    add_tensorrt_graphs(folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_folder_of_fp32_alone_gets_fp16_alone(tmp_path, monkeypatch, capsys):
    shutil.copytree(named_model("reader")[0].path, tmp_path / "reader")
    manifest = manifests.read(tmp_path / "reader")
    del manifest["precisions"]["int8"]
    manifest["default_precision"] = {"cpu": "fp32"}
    manifests.save(tmp_path / "reader", manifest)
    monkeypatch.setattr("sys.argv", ["export", str(tmp_path / "reader"), "--target", "tensorrt"])
    assert main() == 0
    said = capsys.readouterr().out
    assert "no s8s8: it is made of 'int8'" in said
    assert "fp16 recognition class_logits: relative error" in said
    model = read_model_folder(tmp_path / "reader")
    assert set(model.precisions) == {"fp32", "fp16"}
    assert model.default_precision["tensorrt"] == "fp16"


def test_every_task_has_its_kind_or_a_reason():
    from tcsdk.export.tensorrt.kinds import KINDS, REFUSED
    from tcsdk.model.graphs import GRAPHS

    assert set(KINDS) <= set(GRAPHS)
    contracts = {model.contract(model.roles[0]) for model in list_models()}
    assert {CODEC, "super_resolution", RECOGNITION, *REFUSED} == set(TASKS)
    assert {"analysis", "super_resolution", "recognition", "word_recognition"} <= contracts


def test_the_command_refuses_what_has_no_kind_without_a_traceback(monkeypatch, capsys):
    folder = named_model("textboost")[0].path
    monkeypatch.setattr("sys.argv", ["export", str(folder), "--target", "tensorrt"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert "draws into another's pictures" in said
    assert "tfic" in said

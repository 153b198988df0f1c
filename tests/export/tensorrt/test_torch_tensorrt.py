"""The way to TensorRT through torch, up to the call that needs a GPU; that one where one is."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch

from checks import check_rejects
from tcsdk.engines.tensorrt.profiles import parse_profile
from tcsdk.errors import DeviceError, EngineError, MissingRuntimeError
from tcsdk.export.graphs.float_graphs import ROLES, AnalysisGraph, SynthesisGraph
from tcsdk.export.tensorrt.torch_tensorrt import (
    PRECISIONS,
    compare,
    compile_and_save,
    import_torch_tensorrt,
    main,
    make_request,
)
from tcsdk.export.tensorrt.torch_types import half_types, int8_config
from tcsdk.models.codecs.edge import EdgeCodec, EdgeConfig
from tcsdk.quant.nets.edge import EDGE

pytestmark = pytest.mark.train

HALO = 64
TILE, FIXED, BATCH = (parse_profile(text, HALO) for text in ("tile", "128x64", "2@128x64"))
ATEN = torch.ops.aten


@pytest.fixture(scope="module")
def codec():
    torch.manual_seed(0)
    config = EdgeConfig(16, 32, 16, 16, (1, 1), (1, 1))
    return EdgeCodec(config).eval()


def inputs_of(request, at):
    """Inputs of the smallest (0), best (1) or largest (2) shape."""
    torch.manual_seed(1)
    return [torch.rand(shapes[at]) for shapes in request.ranges.values()]


def outputs(result):
    return [result] if isinstance(result, torch.Tensor) else list(result)


def convolutions(program):
    """Weight's name -> the type that the convolution computes in."""
    return {
        node.args[1].name.removeprefix("p_"): node.meta["val"].dtype
        for node in program.graph.nodes
        if node.target in (ATEN.conv2d.default, ATEN.convolution.default)
    }


@pytest.mark.parametrize("role", ROLES)
def test_half_graphs_compute_in_half_but_for_the_latents(codec, role):
    request = make_request(codec, role, "fp16", FIXED, [], "cpu")
    kinds = convolutions(request.program)
    exact = tuple(prefix.replace(".", "_") for prefix in EDGE.float_layers)
    halves = {name for name, kind in kinds.items() if kind == torch.float16}
    floats = set(kinds) - halves
    assert halves
    assert floats
    assert all(name.startswith(exact) for name in floats)
    assert not any(name.startswith(exact) for name in halves)
    nodes = request.program.graph.nodes
    inputs = [node for node in nodes if node.op == "placeholder" and node.name in request.ranges]
    assert {node.meta["val"].dtype for node in inputs} == {torch.float32}


@pytest.mark.parametrize("role", ROLES)
def test_half_graphs_give_what_float_graphs_give_in_float(codec, role):
    request = make_request(codec, role, "fp16", FIXED, [], "cpu")
    inputs = inputs_of(request, 1)
    with torch.no_grad():
        expected = outputs(ROLES[role].module(codec).eval()(*inputs))
        came = outputs(request.program.module()(*inputs))
    for a, b in zip(expected, came, strict=True):
        assert b.dtype == torch.float32
        off = torch.linalg.norm(b - a) / torch.linalg.norm(a).clamp(min=1e-6)
        assert off < 0.05
    assert any(not torch.equal(a, b) for a, b in zip(expected, came, strict=True))


def test_the_codec_itself_keeps_its_types(codec):
    for graph in (AnalysisGraph(codec), SynthesisGraph(codec)):
        half_types(graph, EDGE.float_layers)
    assert {p.dtype for p in codec.parameters()} == {torch.float32}


@pytest.mark.parametrize("role", ROLES)
def test_programs_take_every_size_of_their_profile(codec, role):
    request = make_request(codec, role, "fp16", TILE, [], "cpu")
    for at in (0, 1, 2):
        inputs = inputs_of(request, at)
        with torch.no_grad():
            came = outputs(request.program.module()(*inputs))
            expected = outputs(request.module(*inputs))
        for a, b in zip(expected, came, strict=True):
            assert torch.allclose(a, b, atol=1e-2)
    too_large = [torch.rand(tuple(2 * s if i > 1 else s for i, s in enumerate(shapes[2])))
                 for shapes in request.ranges.values()]  # fmt: skip
    with pytest.raises((AssertionError, RuntimeError)):
        request.program.module()(*too_large)


def test_ranges_are_those_of_plans_with_full_inverse_gains(codec):
    request = make_request(codec, "synthesis", "fp16", TILE, [], "cpu")
    assert request.ranges["r"] == ((1, 16, 8, 8), (1, 16, 40, 40), (1, 16, 40, 40))
    assert request.ranges["inv_gain"] == request.ranges["r"]
    assert request.ranges["z_inverse_gain"] == ((1, 16, 1, 1),) * 3
    assert set(request.dims["z_hat"]) == {2, 3}
    assert request.dims["z_inverse_gain"] == {}


def test_a_fixed_shape_has_no_free_axis(codec):
    request = make_request(codec, "analysis", "fp16", BATCH, [], "cpu")
    assert request.ranges["x"] == ((2, 3, 64, 128),) * 3
    assert not any(request.dims.values())


def test_comparing_tells_another_graph_from_the_same(codec):
    request = make_request(codec, "synthesis", "fp16", FIXED, [], "cpu")
    assert compare(request, request.program.module()) < 0.01
    check_rejects(lambda: compare(request, lambda *x: 1 - request.module(*x)),
                  EngineError, "synthesis.fp16", "limit")  # fmt: skip
    check_rejects(lambda: compare(request, lambda *x: request.module(*x)[:, :, 1:]),
                  EngineError, "expected outputs")  # fmt: skip
    nan = torch.tensor(np.nan)
    check_rejects(lambda: compare(request, lambda *x: request.module(*x) * nan), EngineError)


def test_int8_spares_the_latents_and_narrow_convolutions(codec):
    entries = int8_config(AnalysisGraph(codec), EDGE.float_layers)["quant_cfg"]
    spared = {entry["quantizer_name"] for entry in entries[3:]}
    assert {f"*{prefix}*" for prefix in EDGE.float_layers} <= spared
    assert {"*g_a.0.*", "*detector.layers.4.*"} <= spared
    assert "*g_a.2.*" not in spared
    assert not any(entry["enable"] for entry in entries[3:])


@pytest.mark.filterwarnings("ignore")  # Model Optimizer's, of packages that it could also use
def test_int8_quantises_convolutions_and_little_is_lost(codec):
    pytest.importorskip("modelopt.torch.quantization", reason="needs nvidia-modelopt")
    torch.manual_seed(1)
    feed = tuple(torch.rand(shape) for shape in ((1, 3, 64, 128), (1, 16, 1, 1), (1, 16, 1, 1)))
    graph = PRECISIONS["int8"].apply(AnalysisGraph(codec).eval(), EDGE.float_layers, [feed])
    enabled = {name.rpartition(".")[0] for name, module in graph.named_modules()
               if type(module).__name__ == "TensorQuantizer" and module.is_enabled}  # fmt: skip
    assert {"g_a.1.0.expand", "g_a.2", "h_a.layers.0"} <= enabled
    assert not any(f"{name}.".startswith((*EDGE.float_layers, "g_a.0.")) for name in enabled)
    with torch.no_grad():
        exact, came = AnalysisGraph(codec).eval()(*feed)[1], graph(*feed)[1]
    assert 0 < torch.linalg.norm(came - exact) / torch.linalg.norm(exact) < 0.5


def test_int8_without_its_quantiser_says_what_to_install(codec, monkeypatch):
    monkeypatch.setitem(sys.modules, "modelopt.torch.quantization", None)
    check_rejects(lambda: PRECISIONS["int8"].apply(AnalysisGraph(codec), (), []),
                  MissingRuntimeError, "nvidia-modelopt")  # fmt: skip


def test_without_torch_tensorrt_the_command_says_what_to_install(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "torch_tensorrt", None)
    check_rejects(import_torch_tensorrt, MissingRuntimeError, "torch-tensorrt==2.13", "onnxruntime")
    assert main([str(tmp_path), str(tmp_path / "out")]) == 1
    assert "torch-tensorrt==2.13" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_torch_tensorrt_without_a_gpu_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_tensorrt", torch)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    check_rejects(import_torch_tensorrt, DeviceError, "nvidia-smi")


def test_wrong_shapes_are_wrong_use(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main([str(tmp_path), str(tmp_path), "--shape", "512"])
    assert "WIDTHxHEIGHT" in capsys.readouterr().err


@pytest.mark.gpu
@pytest.mark.parametrize("role", ROLES)
def test_compiled_programs_load_and_give_what_torch_gives(codec, role, tmp_path):
    pytest.importorskip("torch_tensorrt", reason="needs torch-tensorrt")
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU: make test-gpu")
    module = import_torch_tensorrt()
    request = make_request(codec, role, "fp16", TILE, [], "cuda:0")
    path = compile_and_save(module, request, tmp_path, {"precision": "fp16"})
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert compare(request, module.load(str(path)).module()) < 0.1

"""The way to a plan through torch, up to the call that needs a GPU; that one where one is."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from checks import check_rejects
from tcsdk.engines.tensorrt.profiles import parse_profile
from tcsdk.errors import DeviceError, EngineError, MissingRuntimeError
from tcsdk.export.graphs.float_graphs import AnalysisGraph, SynthesisGraph
from tcsdk.export.graphs.roles import ROLES
from tcsdk.export.tensorrt.torch_tensorrt import (
    build_engine,
    export_program,
    half_types,
    import_torch_tensorrt,
    main,
)
from tcsdk.model.graphs import GRAPHS
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


def inputs_of(ranges, at):
    """Inputs of the smallest (0), best (1) or largest (2) shape."""
    torch.manual_seed(1)
    return [torch.rand(shapes[at]) for shapes in ranges.values()]


def outputs(result):
    return [result] if isinstance(result, torch.Tensor) else list(result)


def off(came, expected):
    """Relative errors of the outputs, root of mean squares."""
    pairs = zip(outputs(came), outputs(expected), strict=True)
    return [
        (torch.linalg.norm(a - b) / torch.linalg.norm(b).clamp(min=1e-6)).item() for a, b in pairs
    ]


def convolutions(program):
    """Weight's name -> the type that the convolution computes in."""
    return {
        node.args[1].name.removeprefix("p_"): node.meta["val"].dtype
        for node in program.graph.nodes
        if node.target in (ATEN.conv2d.default, ATEN.convolution.default)
    }


@pytest.mark.parametrize("role", ROLES)
def test_graphs_compute_in_half_but_for_the_latents(codec, role):
    program, ranges = export_program(codec, role, FIXED, "cpu")
    kinds = convolutions(program)
    exact = tuple(prefix.replace(".", "_") for prefix in EDGE.float_layers)
    halves = {name for name, kind in kinds.items() if kind == torch.float16}
    floats = {name.removeprefix("inner_") for name in set(kinds) - halves}
    assert halves
    assert floats
    assert all(name.startswith(exact) for name in floats)
    assert not any(name.removeprefix("inner_").startswith(exact) for name in halves)
    inputs = [n for n in program.graph.nodes if n.op == "placeholder" and n.name in ranges]
    assert [n.name for n in inputs] == list(GRAPHS[role].inputs)
    assert {n.meta["val"].dtype for n in inputs} == {torch.float32}


@pytest.mark.parametrize("role", ROLES)
def test_programs_give_what_float_graphs_give_in_order_and_in_float(codec, role):
    program, ranges = export_program(codec, role, FIXED, "cpu")
    inputs = inputs_of(ranges, 1)
    with torch.no_grad():
        came, expected = program.module()(*inputs), ROLES[role].module(codec).eval()(*inputs)
    assert len(outputs(came)) == len(GRAPHS[role].outputs)
    assert all(output.dtype == torch.float32 for output in outputs(came))
    assert 0 < max(off(came, expected)) < 0.05


def test_the_codec_itself_keeps_its_types(codec):
    for graph in (AnalysisGraph(codec), SynthesisGraph(codec)):
        half_types(graph, EDGE.float_layers)
    assert {p.dtype for p in codec.parameters()} == {torch.float32}


@pytest.mark.parametrize(("role", "smallest"), [("analysis", 128), ("synthesis", 64)])
def test_programs_take_the_sizes_of_their_profile(codec, role, smallest):
    """torch's own program of the analysis wants two cells of z; TensorRT has no such guard."""
    program, ranges = export_program(codec, role, TILE, "cpu")
    small = [
        torch.rand(
            [side * smallest // 64 if i > 1 and side > 1 else side for i, side in enumerate(low)]
        )
        for low, _, _ in ranges.values()
    ]
    for inputs in (small, inputs_of(ranges, 1), inputs_of(ranges, 2)):
        with torch.no_grad():
            came, expected = program.module()(*inputs), ROLES[role].module(codec).eval()(*inputs)
        assert max(off(came, expected)) < 0.05


def test_one_synthesis_takes_gains_with_and_without_a_quality_map(codec):
    program, ranges = export_program(codec, "synthesis", TILE, "cpu")
    inputs = dict(zip(ranges, inputs_of(ranges, 2), strict=True))
    alike = inputs["inv_gain"][:, :, :1, :1]
    spread = inputs | {"inv_gain": alike.expand(inputs["r"].shape).contiguous()}
    with torch.no_grad():
        one = program.module()(*(inputs | {"inv_gain": alike}).values())
        assert torch.equal(one, program.module()(*spread.values()))
        assert not torch.equal(one, program.module()(*inputs.values()))


def test_ranges_are_those_of_plans_from_onnx(codec):
    _, ranges = export_program(codec, "synthesis", BATCH, "cpu")
    assert ranges["r"] == ((2, 16, 4, 8),) * 3
    assert ranges["inv_gain"] == ((1, 16, 1, 1), (1, 16, 1, 1), (2, 16, 4, 8))
    assert ranges["z_inverse_gain"] == ((2, 16, 1, 1),) * 3


def test_what_converters_raise_names_the_graph(codec):
    def refuse(*_, **__):
        raise RuntimeError("no converter of aten.odd")

    dynamo = SimpleNamespace(convert_exported_program_to_serialized_trt_engine=refuse)
    compiler = SimpleNamespace(Input=dict, dynamo=dynamo)  # torch-tensorrt, where no GPU is
    check_rejects(
        lambda: build_engine(compiler, codec, "synthesis", FIXED, "cpu"),
        EngineError,
        "synthesis.fp16",
        "aten.odd",
    )


def test_without_torch_tensorrt_the_command_says_what_to_install(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "torch_tensorrt", None)
    check_rejects(import_torch_tensorrt, MissingRuntimeError, "torch-tensorrt==2.13", "onnxruntime")
    assert main(["zoo/base"]) == 1
    assert "torch-tensorrt==2.13" in capsys.readouterr().err


def test_torch_tensorrt_without_a_gpu_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_tensorrt", torch)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    check_rejects(import_torch_tensorrt, DeviceError, "nvidia-smi")


def test_wrong_shapes_are_wrong_use(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["zoo/base", "--shape", "512"])
    assert "WIDTHxHEIGHT" in capsys.readouterr().err


@pytest.mark.gpu
@pytest.mark.parametrize("role", ROLES)
def test_tcsdk_runs_the_plan_and_gives_what_torch_gives(codec, role, tmp_path):
    pytest.importorskip("torch_tensorrt", reason="needs torch-tensorrt")
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU: make test-gpu")
    from tcsdk.engines.tensorrt.engine import open_tensorrt
    from tcsdk.engines.tensorrt.graph import TensorRTGraph

    plan = build_engine(import_torch_tensorrt(), codec, role, TILE, "cuda:0")
    graph = TensorRTGraph(role, open_tensorrt(0, 1), plan, role)
    _, ranges = export_program(codec, role, TILE, "cpu")
    for at in (0, 1, 2):
        inputs = inputs_of(ranges, at)
        with torch.no_grad():
            expected = outputs(ROLES[role].module(codec).eval()(*inputs))
        came = graph.run(dict(zip(ranges, (np.asarray(t) for t in inputs), strict=True)))
        assert max(off([torch.from_numpy(came[n]) for n in GRAPHS[role].outputs], expected)) < 0.1

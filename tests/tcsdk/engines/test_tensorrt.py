"""TensorRT: the table of versions and its refusals anywhere; plans where it is installed."""

from __future__ import annotations

import types

import numpy as np
import pytest
from support.small_model import MODEL

from checks import check_rejects
from tcsdk.engines.cuda import Device
from tcsdk.engines.tensorrt.engine import TensorRTEngine
from tcsdk.engines.tensorrt.graph import output_name
from tcsdk.engines.tensorrt.profiles import parse_profiles
from tcsdk.engines.tensorrt.store import PlanStore
from tcsdk.engines.tensorrt.versions import (
    ALWAYS_STRONG,
    EXPLICIT_QDQ,
    PRECISIONS,
    STRONG,
    VERSIONS,
    version_row,
)
from tcsdk.errors import MissingRuntimeError, PlanError
from tcsdk.model.read import read_model_folder

SMALL = read_model_folder(MODEL)


@pytest.mark.parametrize(
    ("version", "s8s8", "fp16"),
    [
        ("10.3.0.30", EXPLICIT_QDQ, STRONG),
        ("10.11.0", EXPLICIT_QDQ, STRONG),
        ("10.12.0", STRONG, STRONG),
        ("10.16.1.11", STRONG, STRONG),
        ("11.0.0", ALWAYS_STRONG, ALWAYS_STRONG),
        ("11.4.1", ALWAYS_STRONG, ALWAYS_STRONG),
    ],
)
def test_types_are_fixed_as_the_version_wants(version, s8s8, fp16):
    typing = version_row(version).typing
    assert (typing["s8s8"], typing["fp16"]) == (s8s8, fp16)


def test_an_older_tensorrt_is_refused_with_what_to_update():
    check_rejects(lambda: version_row("8.6.1"), MissingRuntimeError, "10.3", "8.6.1", "JetPack")


def test_rows_are_in_order_and_know_all_precisions():
    assert [row.since for row in VERSIONS] == sorted(row.since for row in VERSIONS)
    assert {tuple(row.typing) for row in VERSIONS} == {PRECISIONS}


def test_only_the_weakly_typed_row_pins_latents_to_float():
    for row in VERSIONS:
        for typing in row.typing.values():
            assert typing.pins_float == ("FP16" in typing.builder_flags)


@pytest.fixture
def engine(tmp_path):
    """The engine without TensorRT behind it: enough for what it refuses before using it."""
    module = types.SimpleNamespace(__version__="10.3.0.30")
    device = Device(1, "Orin", "8.7", "12.6", "12.6", None)
    return TensorRTEngine(module, device, 2, PlanStore(tmp_path))


def small_model(precision):
    """The small model with its one precision under another name."""
    rows = {precision: SMALL.precisions["fp32"]}
    return type(SMALL)(**{**vars(SMALL), "precisions": rows})


def test_graphs_not_made_for_tensorrt_are_refused_with_the_command(engine):
    check_rejects(lambda: engine.check(SMALL, "fp32"), PlanError, "--target tensorrt", "'fp32'")


def test_a_model_without_plans_is_refused_with_the_command(engine):
    check_rejects(
        lambda: engine.check(small_model("fp16"), "fp16"),
        PlanError,
        "tcsdk build small-fp16 --device tensorrt:1",
    )


def test_a_model_needs_the_plans_of_both_graphs(engine):
    model = small_model("fp16")
    for graph, missing in (("analysis", True), ("synthesis", False)):
        engine.store.write(engine.key(MODEL / f"{graph}.onnx"), (), b"plan")
        if missing:
            check_rejects(lambda: engine.check(model, "fp16"), PlanError, "tcsdk build")
    engine.check(model, "fp16")


def test_info_names_the_gpu(engine):
    info = engine.info
    assert (info.device, info.runtime, info.provider) == (
        "tensorrt:1",
        "tensorrt 10.3.0.30",
        "Orin",
    )


def test_numbered_outputs_are_those_of_the_graphs_role_in_order():
    named = [output_name("analysis", name) for name in ("output0", "output1", "output2", "d")]
    assert named == ["z_hat", "d", "text", "d"]
    assert output_name("synthesis", "output0") == "x_hat"


@pytest.fixture
def real(tmp_path):
    """TensorRT on the first GPU, with an empty store."""
    pytest.importorskip("tensorrt", reason="needs TensorRT")
    runtime = pytest.importorskip("cuda.bindings.runtime", reason="needs cuda-python")
    if runtime.cudaGetDeviceCount()[0] != runtime.cudaError_t.cudaSuccess:
        pytest.skip("needs a GPU: make test-gpu")
    from tcsdk.engines.tensorrt.engine import open_tensorrt

    opened = open_tensorrt(0, 1)
    return TensorRTEngine(opened.tensorrt, opened.device, 1, PlanStore(tmp_path))


@pytest.mark.tensorrt
def test_a_plan_gives_what_the_cpu_gives_call_after_call(real):
    from tcsdk.engines.ort import CpuEngine
    from tcsdk.engines.tensorrt.build import build_plan
    from tcsdk.engines.tensorrt.graph import TensorRTGraph

    steps = []
    built = build_plan(
        real.tensorrt,
        MODEL / "analysis.onnx",
        "fp16",
        parse_profiles(["tile", "128x64"], 64),
        b"",
        lambda *step: steps.append(step),
    )
    assert steps
    assert built.timing_cache
    graph = TensorRTGraph("analysis", real, built.plan, "analysis")
    cpu = CpuEngine(1).load(MODEL / "analysis.onnx")
    rng = np.random.default_rng(0)
    for height in (64, 128, 64, 64, 128, 64):  # captured from the second call of a shape on
        inputs = {
            "x": rng.random((1, 3, height, 128), dtype=np.float32),
            "z_gain": np.ones((1, 4, 1, 1), np.float32),
            "z_inverse_gain": np.ones((1, 4, 1, 1), np.float32),
        }
        came = graph.run(inputs)
        for name, expected in cpu.run(inputs).items():
            assert np.allclose(came[name], expected, atol=1e-2)


@pytest.mark.tensorrt
def test_a_plan_that_tensorrt_refuses_is_named(real):
    check_rejects(lambda: real.open_plan("analysis", b"no plan" * 100), PlanError, "analysis")

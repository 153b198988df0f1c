from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from support.small_model import MODEL

from checks import check_rejects
from tcsdk.engines import ENGINES, EngineInfo, EngineRow, select_engine
from tcsdk.engines.cuda import open_device
from tcsdk.engines.ort import CpuEngine, cpu_provider, failure, start_session
from tcsdk.engines.ort_cuda import IDENTITY, CudaEngine, Nature, cuda_provider, nature_of
from tcsdk.engines.packages import hidden_build
from tcsdk.errors import (
    DeviceError,
    EngineError,
    MissingRuntimeError,
    PlanError,
    UnknownModelError,
)
from tcsdk.model.read import read_model_folder


def refuse(error: Exception):
    def open_engine(index: int, threads: int):
        raise error

    return open_engine


CPU_ROW = next(row for row in ENGINES if row.device == "cpu")


def test_auto_takes_the_first_device_that_runs_and_says_why():
    table = [
        EngineRow("tensorrt", refuse(MissingRuntimeError("no plan")), accelerated=True),
        EngineRow("cuda", refuse(DeviceError("no driver")), accelerated=True),
        CPU_ROW,
    ]
    chosen = select_engine("auto", 1, table)
    assert chosen.kind == "cpu"
    note = chosen.describe("int8").note
    assert "no plan" in note
    assert "no driver" in note


def test_auto_warns_when_a_gpu_runtime_is_there_and_does_not_start(caplog):
    table = [EngineRow("cuda", refuse(DeviceError("no driver")), accelerated=True), CPU_ROW]
    with caplog.at_level(logging.INFO, "tcsdk"):
        select_engine("auto", 1, table)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_auto_is_silent_about_what_is_not_installed(caplog):
    table = [EngineRow("cuda", refuse(MissingRuntimeError("none")), accelerated=True), CPU_ROW]
    with caplog.at_level(logging.INFO, "tcsdk"):
        select_engine("auto", 1, table)
    assert [record.message for record in caplog.records] == [
        f"device auto: {select_engine('cpu', 1).engine.info}"
    ]


def test_a_named_device_never_steps_down():
    table = [EngineRow("cuda", refuse(DeviceError("no driver")), accelerated=True), CPU_ROW]
    check_rejects(lambda: select_engine("cuda", 1, table), DeviceError, "no driver")


@pytest.mark.skipif(
    "CUDAExecutionProvider" in __import__("onnxruntime").get_available_providers(),
    reason="CUDA is there",
)
def test_cuda_without_its_package_says_what_to_install():
    check_rejects(lambda: select_engine("cuda:1"), MissingRuntimeError, ".[cuda]")


@pytest.mark.skipif(find_spec("tensorrt") is not None, reason="TensorRT is there")
def test_tensorrt_without_its_package_says_what_to_install():
    check_rejects(lambda: select_engine("tensorrt"), MissingRuntimeError, "JetPack", ".[trt]")


@dataclass(frozen=True)
class Picky:
    """An engine that opens and then refuses every model."""

    info = EngineInfo("tensorrt:0", "tensorrt 10.3", "Orin", "", 1)

    def check(self, model, precision):
        raise PlanError(f"no plan of {model.family}-{precision}; build it with: tcsdk build")

    def load(self, path):
        raise AssertionError("loaded although it refused")

    placement = load


PICKY_ROW = EngineRow("tensorrt", lambda index, threads: Picky(), accelerated=True)
SMALL = read_model_folder(MODEL)
SHIPPED = Path(__file__).parents[3] / "zoo" / "tfic"


def test_auto_steps_down_from_an_engine_that_cannot_run_the_model_with_one_line(caplog):
    chosen = select_engine("auto", 1, [PICKY_ROW, CPU_ROW])
    assert chosen.kind == "tensorrt"
    with caplog.at_level(logging.INFO, "tcsdk"):
        stepped, precision = chosen.for_model(SMALL, None)
    assert (stepped.kind, precision) == ("cpu", "fp32")
    assert "tcsdk build" in stepped.describe(precision).note
    (record,) = caplog.records
    assert "steps down for small: tensorrt: no plan of small-fp32" in record.message


def test_a_named_engine_that_cannot_run_the_model_raises():
    chosen = select_engine("tensorrt", 1, [PICKY_ROW, CPU_ROW])
    check_rejects(lambda: chosen.for_model(SMALL, None), PlanError, "tcsdk build")


def test_auto_steps_down_where_the_device_has_another_form_and_the_model_lacks_it():
    row = EngineRow("tensorrt", PICKY_ROW.open, accelerated=True, forms=(("int8", "s8s8"),))
    stepped, precision = select_engine("auto", 1, [row, CPU_ROW]).for_model(SMALL, "int8")
    assert (stepped.kind, precision) == ("cpu", "int8")
    assert "'s8s8'" in stepped.note
    named = select_engine("tensorrt", 1, [row, CPU_ROW])
    check_rejects(lambda: named.for_model(SMALL, "int8"), EngineError, "--target tensorrt")


def test_an_unknown_precision_is_refused_on_every_device():
    for device in ("auto", "cpu"):
        chosen = select_engine(device, 1, [PICKY_ROW, CPU_ROW])
        check_rejects(lambda c=chosen: c.for_model(SMALL, "w9"), UnknownModelError, "'w9'")


def test_int8_means_s8s8_in_tensorrt_and_itself_elsewhere():
    forms = {row.device: row.form_of("int8") for row in ENGINES}
    itself = dict.fromkeys(("cuda", "cpu", "triton"), "int8")
    assert forms == {"tensorrt": "s8s8", "libtcs": "packed", **itself}
    assert {row.form_of(None) for row in ENGINES} == {None}


def test_cuda_refuses_integer_graphs_and_names_alternatives():
    engine = CudaEngine(None, 1)
    check_rejects(lambda: engine.check(SMALL, "int8"), EngineError, "small-fp32", "tensorrt")
    engine.check(SMALL, "fp16")


@pytest.mark.parametrize(
    ("graph", "nature"),
    [
        ("tfic/analysis.fp32.onnx", Nature()),
        ("edsr-s/super_resolution.fp32.onnx", Nature()),
        ("reader/recognition.fp32.onnx", Nature(alone=False)),  # computes shapes
        ("cdistnet-s/recognition.fp32.onnx", Nature(capture=False, alone=False)),  # a loop
    ],
)
def test_cuda_records_what_has_no_loop_and_leaves_the_cpu_shapes_alone(graph, nature):
    assert nature_of((SHIPPED.parent / graph).read_bytes()) == nature
    provider = cuda_provider(1, nature)
    assert provider.options["enable_cuda_graph"] == str(int(nature.capture))
    assert ("session.disable_cpu_ep_fallback" in provider.entries) == nature.alone


def test_cuda_without_cuda_python_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cuda.bindings", None)
    check_rejects(lambda: open_device(0, "trt"), MissingRuntimeError, ".[trt]")


def test_a_missing_or_old_driver_is_named():
    runtime = pytest.importorskip("cuda.bindings.runtime", reason="needs cuda-python")
    error, _ = runtime.cudaGetDeviceCount()
    if error == runtime.cudaError_t.cudaSuccess:
        pytest.skip("there is a GPU")
    check_rejects(lambda: open_device(0, "cuda"), DeviceError, error.name, "driver")


@pytest.mark.gpu
def test_a_gpu_that_does_not_exist_is_refused():
    runtime = pytest.importorskip("cuda.bindings.runtime", reason="needs cuda-python")
    if runtime.cudaGetDeviceCount()[0] != runtime.cudaError_t.cudaSuccess:
        pytest.skip("needs a GPU: make test-gpu")
    check_rejects(lambda: open_device(4096, "cuda"), DeviceError, "4096")


@pytest.mark.gpu
@pytest.mark.skipif(
    "CUDAExecutionProvider" not in __import__("onnxruntime").get_available_providers(),
    reason="needs onnxruntime-gpu",
)
def test_cuda_gives_what_the_cpu_gives_call_after_call():
    # The first call learns shapes, the second is captured, the third replays.
    cuda = select_engine("cuda").load(MODEL / "analysis.onnx")
    cpu = select_engine("cpu").load(MODEL / "analysis.onnx")
    rng = np.random.default_rng(0)
    for _ in range(4):
        inputs = {
            "x": rng.random((1, 3, 128, 64), dtype=np.float32),
            "z_gain": np.ones((1, 4, 1, 1), np.float32),
            "z_inverse_gain": np.ones((1, 4, 1, 1), np.float32),
        }
        came_all, expected_all = cuda.run(inputs), cpu.run(inputs)
        assert list(came_all) == list(expected_all)
        for came, expected in zip(came_all.values(), expected_all.values(), strict=True):
            assert np.allclose(came, expected, atol=1e-2)


def test_both_builds_of_onnxruntime_are_explained(monkeypatch):
    versions = {"onnxruntime": "1.31.1", "onnxruntime-gpu": "1.30.0"}
    monkeypatch.setattr("tcsdk.engines.packages.version_of", versions.get)
    advice = hidden_build()
    for words in ("1.31.1", "1.30.0", "pip uninstall -y onnxruntime onnxruntime-gpu"):
        assert words in advice
    del versions["onnxruntime-gpu"]
    assert hidden_build() is None


def test_placement_counts_the_nodes_of_a_graph():
    placement = CpuEngine(1).placement(MODEL / "analysis.onnx")
    assert list(placement) == ["CPUExecutionProvider"]
    assert placement["CPUExecutionProvider"] > 3


@pytest.mark.parametrize("device", ["gpu", "CPU", "cuda:", "cuda:-1", "", "cpu 0"])
def test_unknown_devices_are_wrong_use(device):
    check_rejects(lambda: select_engine(device), ValueError, "expected device", repr(device))


def test_a_second_cpu_is_refused():
    check_rejects(lambda: select_engine("cpu:1"), DeviceError, "cpu:1")


def test_zero_threads_are_refused():
    check_rejects(lambda: select_engine("cpu", 0), ValueError, "threads")


def test_a_missing_runtime_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    check_rejects(lambda: select_engine("cpu"), MissingRuntimeError, ".[cpu]")


def test_auto_takes_libtcs_where_no_runtime_is_installed(monkeypatch):
    assert select_engine("auto").kind != "libtcs"
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    chosen = select_engine("auto")
    assert chosen.kind == "libtcs"
    assert ".[cpu]" in chosen.note
    shipped = read_model_folder(SHIPPED)
    assert chosen.for_model(shipped, None)[1] == "packed"
    assert chosen.for_model(shipped, "int8")[1] == "packed"
    check_rejects(
        lambda: chosen.for_model(SMALL, None), MissingRuntimeError, ".[cpu]", "packed nets"
    )


def test_auto_runs_packed_nets_that_are_asked_for():
    chosen, precision = select_engine("auto").for_model(read_model_folder(SHIPPED), "packed")
    assert (chosen.kind, precision) == ("libtcs", "packed")


def test_the_probe_graph_runs():
    session = start_session(IDENTITY, cpu_provider(), 1)
    assert session.run(None, {"x": np.float32([3])})[0] == [3]


def test_a_damaged_graph_is_an_engine_error(tmp_path):
    path = tmp_path / "broken.onnx"
    path.write_bytes((MODEL / "analysis.onnx").read_bytes()[:100])
    check_rejects(lambda: select_engine("cpu").load(path), EngineError, "broken.onnx")


def test_wrong_inputs_are_an_engine_error_that_shows_shapes():
    graph = select_engine("cpu").load(MODEL / "analysis.onnx")
    check_rejects(lambda: graph.run({"x": np.zeros((1, 2), np.float32)}), EngineError, "x (1, 2)")


@pytest.mark.parametrize(
    ("text", "advises"),
    [
        ("Failed to allocate memory for requested buffer of size 268435456", True),
        ("CUDA failure 2: out of memory ; GPU=0", True),
        ("Got invalid dimensions for input: x", False),
    ],
)
def test_full_memory_is_told_from_other_failures(text, advises):
    inputs = {"x": np.zeros((1, 3, 8, 8), np.float32)}
    said = str(failure(MODEL / "analysis.onnx", inputs, RuntimeError(text)))
    assert ("tile=256" in said) == advises
    assert "x (1, 3, 8, 8)" in said


def test_info_says_what_runs():
    info = select_engine("cpu", 3).describe("int8")
    assert isinstance(info, EngineInfo)
    assert (info.device, info.precision, info.threads, info.note) == ("cpu", "int8", 3, "")
    assert str(info).startswith("cpu int8, onnxruntime ")

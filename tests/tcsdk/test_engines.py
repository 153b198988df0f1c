from __future__ import annotations

import logging
import os
import sys

import numpy as np
import pytest
from support.small_model import MODEL

from checks import check_rejects
from tcsdk.engines import ENGINES, EngineInfo, EngineRow, available_threads, select_engine
from tcsdk.engines.ort import _IDENTITY, CPU, OnnxRuntimeEngine
from tcsdk.errors import DeviceError, EngineError, MissingRuntimeError


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
    check_rejects(lambda: select_engine("cuda:1"), MissingRuntimeError, "tcsdk[cuda]")


def test_tensorrt_is_refused_with_an_alternative():
    check_rejects(lambda: select_engine("tensorrt"), MissingRuntimeError, "tcsdk[cuda]")


@pytest.mark.parametrize("device", ["gpu", "CPU", "cuda:", "cuda:-1", "", "cpu 0"])
def test_unknown_devices_are_wrong_use(device):
    check_rejects(lambda: select_engine(device), ValueError, "expected device", repr(device))


def test_a_second_cpu_is_refused():
    check_rejects(lambda: select_engine("cpu:1"), DeviceError, "cpu:1")


def test_zero_threads_are_refused():
    check_rejects(lambda: select_engine("cpu", 0), ValueError, "threads")


def test_a_missing_runtime_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    check_rejects(lambda: select_engine("cpu"), MissingRuntimeError, "tcsdk[cpu]")
    check_rejects(lambda: select_engine("auto"), MissingRuntimeError, "tcsdk[cpu]")


def test_the_probe_graph_runs():
    session = OnnxRuntimeEngine(CPU, 0, 1).session(_IDENTITY, 1)
    assert session.run(None, {"x": np.float32([3])})[0] == [3]


def test_a_damaged_graph_is_an_engine_error(tmp_path):
    path = tmp_path / "broken.onnx"
    path.write_bytes((MODEL / "analysis.onnx").read_bytes()[:100])
    check_rejects(lambda: select_engine("cpu").load(path), EngineError, "broken.onnx")


def test_wrong_inputs_are_an_engine_error_that_shows_shapes():
    graph = select_engine("cpu").load(MODEL / "analysis.onnx")
    check_rejects(lambda: graph({"x": np.zeros((1, 2), np.float32)}), EngineError, "x (1, 2)")


def test_info_says_what_runs():
    info = select_engine("cpu", 3).describe("int8")
    assert isinstance(info, EngineInfo)
    assert (info.device, info.precision, info.threads, info.note) == ("cpu", "int8", 3, "")
    assert str(info).startswith("cpu int8, onnxruntime ")


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no affinity mask here")
def test_threads_follow_the_affinity_mask(tmp_path):
    none = tmp_path / "none"
    assert available_threads(none, none) == len(os.sched_getaffinity(0))
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert available_threads(none, none) == 1
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.parametrize(("quota", "threads"), [("150000 100000", 2), ("50000 100000", 1)])
def test_threads_follow_a_quota_of_an_enclosing_group(tmp_path, monkeypatch, quota, threads):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)
    (tmp_path / "membership").write_text("0::/outer/inner\n")
    groups = tmp_path / "groups"
    (groups / "outer" / "inner").mkdir(parents=True)
    (groups / "outer" / "inner" / "cpu.max").write_text("max 100000\n")
    (groups / "outer" / "cpu.max").write_text(quota + "\n")
    assert available_threads(tmp_path / "membership", groups) == threads


def test_threads_follow_a_quota_of_version_1(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)
    (tmp_path / "membership").write_text("4:cpu,cpuacct:/host/path\n2:memory:/\n")
    group = tmp_path / "groups" / "cpu"
    group.mkdir(parents=True)
    (group / "cpu.cfs_quota_us").write_text("300000\n")
    (group / "cpu.cfs_period_us").write_text("100000\n")
    assert available_threads(tmp_path / "membership", tmp_path / "groups") == 3

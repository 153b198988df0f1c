"""What we say and free when CUDA fails, on a stand-in for its runtime: no GPU fails on demand."""

from __future__ import annotations

import ctypes
import gc
import os
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from checks import check_rejects
from tcsdk.engines import cuda
from tcsdk.engines.cuda import Device, Staged, Stream, open_device
from tcsdk.errors import DeviceError


class Status:
    """An error number with its name."""

    def __init__(self, name: str) -> None:
        self.name = name


OK = Status("cudaSuccess")
HANDLE = 7
CONSTANTS = {
    "cudaError_t": SimpleNamespace(cudaSuccess=OK),
    "cudaStreamNonBlocking": 1,
    "cudaMemcpyKind": SimpleNamespace(cudaMemcpyHostToDevice=1, cudaMemcpyDeviceToHost=2),
    "cudaStreamCaptureMode": SimpleNamespace(cudaStreamCaptureModeThreadLocal=1),
}


class Runtime:
    """Answers like cuda-python's runtime; `failures` has function -> name of its error."""

    def __init__(self, gpus: int = 1, driver: int = 12060, **failures: str) -> None:
        self.failures, self.calls = failures, []
        self.host = (ctypes.c_float * 64)()
        properties = SimpleNamespace(name=b"Orin", major=8, minor=7)
        self.values = {
            "cudaGetDeviceCount": gpus,
            "cudaGetDeviceProperties": properties,
            "cudaDriverGetVersion": driver,
            "cudaRuntimeGetVersion": 13000,
            "cudaGetErrorString": b"what it means",
            "cudaMalloc": HANDLE,
            "cudaMallocHost": ctypes.addressof(self.host),
            "cudaStreamCreateWithFlags": HANDLE,
            "cudaStreamEndCapture": HANDLE,
            "cudaGraphInstantiate": HANDLE,
        }

    def __getattr__(self, function):
        if function in CONSTANTS:
            return CONSTANTS[function]

        def call(*arguments):
            self.calls.append((function, *arguments))
            if function in self.failures:
                return (Status(self.failures[function]), None)
            return (OK, self.values[function]) if function in self.values else (OK,)

        return call

    def count(self, function: str) -> int:
        return sum(call[0] == function for call in self.calls)


@pytest.fixture
def opening(monkeypatch):
    """Open a device of a stand-in."""

    def open_with(runtime: Runtime, index: int = 0) -> Device:
        monkeypatch.setattr(cuda, "import_cuda", lambda extra: runtime)
        monkeypatch.setattr(cuda, "_STARTED_IN", [])
        return open_device(index, "cuda")

    return open_with


def device(runtime: Runtime) -> Device:
    return Device(0, "Orin", "8.7", "12.6", "13.0", runtime)


def test_a_device_says_what_it_is(opening):
    opened = opening(Runtime(2), 1)
    assert (opened.index, opened.name, opened.capability) == (1, "Orin", "8.7")
    assert (opened.driver, opened.cuda) == ("12.6", "13.0")


@pytest.mark.parametrize(("gpus", "words"), [(1, "one GPU, number 0"), (4, "0..3")])
def test_a_device_index_that_does_not_exist_is_refused(opening, gpus, words):
    check_rejects(lambda: opening(Runtime(gpus), 7), DeviceError, "no GPU has number 7", words)


def test_a_driver_that_is_too_old_is_named_with_what_would_fit(opening):
    runtime = Runtime(cudaGetDeviceCount="cudaErrorInsufficientDriver")
    check_rejects(
        lambda: opening(runtime), DeviceError, "supports CUDA 12.6", "for 13.0", "cuda-python==12.*"
    )


def test_a_missing_driver_is_told_from_an_old_one(opening):
    runtime = Runtime(driver=0, cudaGetDeviceCount="cudaErrorInsufficientDriver")
    check_rejects(lambda: opening(runtime), DeviceError, "no NVIDIA driver is loaded")


def test_no_visible_gpu_is_explained(opening):
    runtime = Runtime(cudaGetDeviceCount="cudaErrorNoDevice")
    check_rejects(lambda: opening(runtime), DeviceError, "CUDA_VISIBLE_DEVICES")


def test_use_after_a_fork_is_explained(monkeypatch):
    runtime = Runtime(cudaSetDevice="cudaErrorInitializationError")
    monkeypatch.setattr(cuda, "_STARTED_IN", [os.getpid() + 1])
    check_rejects(device(runtime).make_current, DeviceError, "os.fork", "spawn")
    monkeypatch.setattr(cuda, "_STARTED_IN", [os.getpid()])
    check_rejects(device(runtime).make_current, DeviceError, "nvidia-smi")


@pytest.mark.parametrize("function", ["cudaMalloc", "cudaMallocHost"])
def test_full_memory_says_what_to_do_and_frees_what_was_taken(function):
    runtime = Runtime(**{function: "cudaErrorMemoryAllocation"})
    check_rejects(lambda: Staged(device(runtime), (2, 3)), DeviceError, "smaller tiles")
    gc.collect()
    assert runtime.count("cudaFree") == (function == "cudaMallocHost")
    assert runtime.count("cudaFreeHost") == 0


def test_staged_memory_is_copied_whole_and_freed_with_its_object():
    runtime = Runtime()
    staged = Staged(device(runtime), (2, 3))
    stream = Stream(device(runtime))
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    staged.send(array, stream)
    staged.fetch(stream)
    copies = [call for call in runtime.calls if call[0] == "cudaMemcpyAsync"]
    host = ctypes.addressof(runtime.host)
    assert [call[1:4] for call in copies] == [(HANDLE, host, 24), (host, HANDLE, 24)]
    assert np.array_equal(staged.value(), array)
    del staged, stream
    gc.collect()
    assert [runtime.count(f) for f in ("cudaFree", "cudaFreeHost", "cudaStreamDestroy")] == [1] * 3


def test_a_capture_that_fails_is_ended_before_the_error_goes_on():
    runtime = Runtime(cudaLaunchKernel="cudaErrorLaunchFailure")
    stream = Stream(device(runtime))
    launch = partial(device(runtime).call, "cudaLaunchKernel")
    check_rejects(lambda: stream.capture(launch), DeviceError, "cudaErrorLaunchFailure")
    assert runtime.count("cudaStreamEndCapture") == runtime.count("cudaGraphDestroy") == 1
    assert runtime.count("cudaGraphInstantiate") == 0


def test_a_captured_graph_is_launched_and_freed():
    runtime = Runtime()
    captured = Stream(device(runtime)).capture(lambda: None)
    captured.launch()
    assert runtime.calls[-1] == ("cudaGraphLaunch", HANDLE, HANDLE)
    del captured
    gc.collect()
    assert runtime.count("cudaGraphExecDestroy") == 1

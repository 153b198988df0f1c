"""The CUDA runtime through NVIDIA's cuda-python: devices, streams, buffers, captured graphs.

cuda-python shares the primary context with ONNX Runtime and TensorRT (docs/decisions). Its calls
return (error, *values) and release the GIL.
"""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tcsdk.distribution import install_extra
from tcsdk.engines.packages import foreign_build
from tcsdk.errors import DeviceError, EngineError, MissingRuntimeError

# The process in which CUDA was first used; a context does not survive a fork.
_STARTED_IN: list[int] = []


def import_cuda(extra: str) -> ModuleType:
    """Import cuda-python's binding of the CUDA runtime.

    Args:
        extra: The extra of tcsdk to name in the message: "cuda" or "trt".

    Raises:
        MissingRuntimeError: It is not installed or does not load.
    """
    try:
        from cuda.bindings import runtime
    except ImportError as error:
        raise MissingRuntimeError(
            "cuda-python is needed to use a GPU and cannot be imported "
            f"({foreign_build('cuda.bindings') or error}): "
            f"{install_extra(extra)}"
        ) from error
    return runtime  # type: ignore[no-any-return]


def _driver_advice(runtime: ModuleType) -> str:
    _, driver = runtime.cudaDriverGetVersion()
    _, wanted = runtime.cudaRuntimeGetVersion()
    if not driver:
        return "no NVIDIA driver is loaded here: install one, or pass the GPU to the container"
    return (
        f"the driver supports CUDA {version_text(driver)} and cuda-python was built for "
        f"{version_text(wanted)}: update the driver, or "
        f'pip install "cuda-python=={driver // 1000}.*"'
    )


def _fork_advice(runtime: ModuleType) -> str:
    if _STARTED_IN and _STARTED_IN[0] != os.getpid():
        return "CUDA was in use before os.fork; start worker processes by spawn instead"
    return "check that nvidia-smi sees the GPU"


# Errors whose cause we know -> what to do about it.
_ADVICE: dict[str, Callable[[ModuleType], str]] = {
    "cudaErrorInsufficientDriver": _driver_advice,
    "cudaErrorInitializationError": _fork_advice,
    "cudaErrorNoDevice": lambda _: "no GPU is visible: check nvidia-smi and CUDA_VISIBLE_DEVICES",
    "cudaErrorMemoryAllocation": lambda _: (
        "the GPU's memory is full: take smaller tiles (tile=256), fewer workers, or another GPU"
    ),
}


def version_text(number: int) -> str:
    """Return CUDA's version number 12060 as "12.6"."""
    return f"{number // 1000}.{number % 1000 // 10}"


def call(runtime: ModuleType, function: str, *arguments: object) -> Any:
    """Call a function of the CUDA runtime and return its value, if it has one.

    Raises:
        DeviceError: It failed; the message has the error's name and what to do.
    """
    error, *values = getattr(runtime, function)(*arguments)
    if error != runtime.cudaError_t.cudaSuccess:
        _, text = runtime.cudaGetErrorString(error)
        advice = _ADVICE[error.name](runtime) if error.name in _ADVICE else "see the driver's log"
        raise DeviceError(f"{function}: {error.name} ({text.decode()}): {advice}")
    return values[0] if values else None


@dataclass(frozen=True)
class Device:
    """One GPU.

    Attributes:
        index: Its number.
        name: Such as "Orin".
        capability: Compute capability, such as "8.7".
        driver: CUDA version that the driver supports.
        cuda: Version of the CUDA runtime in use.
        runtime: The binding.
    """

    index: int
    name: str
    capability: str
    driver: str
    cuda: str
    runtime: ModuleType

    def call(self, function: str, *arguments: object) -> Any:
        """Call a function of the CUDA runtime; see `call`."""
        return call(self.runtime, function, *arguments)

    def make_current(self) -> None:
        """Make it this thread's device."""
        self.call("cudaSetDevice", self.index)

    def start_stream(self) -> Stream:
        """Start a stream of its own."""
        return Stream(self)


def open_device(index: int, extra: str) -> Device:
    """Look for a GPU and describe it.

    Args:
        index: Its number.
        extra: The extra to name where cuda-python is missing.

    Raises:
        MissingRuntimeError: cuda-python is not installed.
        DeviceError: No driver, one too old, or no GPU of this number.
    """
    runtime = import_cuda(extra)
    count = call(runtime, "cudaGetDeviceCount")
    if index >= count:
        known = "there is one GPU, number 0" if count == 1 else f"GPUs here: 0..{count - 1}"
        raise DeviceError(f"no GPU has number {index}; {known}")
    _STARTED_IN[:] = _STARTED_IN or [os.getpid()]
    properties = call(runtime, "cudaGetDeviceProperties", index)
    name = properties.name
    return Device(
        index=index,
        name=name.decode() if isinstance(name, bytes) else str(name),
        capability=f"{properties.major}.{properties.minor}",
        driver=version_text(call(runtime, "cudaDriverGetVersion")),
        cuda=version_text(call(runtime, "cudaRuntimeGetVersion")),
        runtime=runtime,
    )


def _release_with(owner: object, release: Callable[[Any], object], handle: Any) -> None:
    """Release a handle with its owner, but not at exit: the driver does that, in its own order."""
    weakref.finalize(owner, release, handle).atexit = False


class Stream:
    """A CUDA stream; destroyed with the object.

    Args:
        device: Its GPU, made current for this thread.
    """

    def __init__(self, device: Device) -> None:
        device.make_current()
        flags = device.runtime.cudaStreamNonBlocking
        self._device = device
        self.handle = device.call("cudaStreamCreateWithFlags", flags)
        _release_with(self, device.runtime.cudaStreamDestroy, self.handle)

    def synchronise(self) -> None:
        """Wait until everything in the stream is done."""
        self._device.call("cudaStreamSynchronize", self.handle)

    def capture(self, enqueue: Callable[[], None]) -> CapturedGraph:
        """Record what a function enqueues, instead of running it.

        Raises:
            DeviceError: It cannot be captured.
        """
        mode = self._device.runtime.cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal
        self._device.call("cudaStreamBeginCapture", self.handle, mode)
        try:
            enqueue()
        except EngineError:
            _, graph = self._device.runtime.cudaStreamEndCapture(self.handle)
            if graph is not None:
                self._device.runtime.cudaGraphDestroy(graph)
            raise
        return CapturedGraph(self._device, self.handle)


class CapturedGraph:
    """A CUDA graph: a captured sequence of launches, replayed by one call.

    Args:
        device: Its GPU.
        stream: Handle of the stream whose capture ends here.
    """

    def __init__(self, device: Device, stream: Any) -> None:
        graph = device.call("cudaStreamEndCapture", stream)
        try:
            self._handle = device.call("cudaGraphInstantiate", graph, 0)
        finally:
            device.runtime.cudaGraphDestroy(graph)
        self._device, self._stream = device, stream
        _release_with(self, device.runtime.cudaGraphExecDestroy, self._handle)

    def launch(self) -> None:
        """Enqueue the captured work."""
        self._device.call("cudaGraphLaunch", self._handle, self._stream)


class Staged:
    """A float32 tensor in pinned host memory and in device memory; freed with the object.

    Args:
        device: Its GPU, current for this thread.
        shape: Of the tensor.
    """

    def __init__(self, device: Device, shape: tuple[int, ...]) -> None:
        self._device = device
        count = int(np.prod(shape))
        self.nbytes = 4 * count
        self.address: int = int(device.call("cudaMalloc", self.nbytes))
        _release_with(self, device.runtime.cudaFree, self.address)
        pinned = int(device.call("cudaMallocHost", self.nbytes))
        _release_with(self, device.runtime.cudaFreeHost, pinned)
        self._pinned = pinned
        memory = (ctypes.c_float * count).from_address(pinned)
        self._host: NDArray[np.float32] = np.ctypeslib.as_array(memory).reshape(shape)

    def send(self, array: NDArray[np.float32], stream: Stream) -> None:
        """Enqueue the copy of an array to the device."""
        np.copyto(self._host, array)
        kind = self._device.runtime.cudaMemcpyKind.cudaMemcpyHostToDevice
        self._copy(self.address, self._pinned, kind, stream)

    def fetch(self, stream: Stream) -> None:
        """Enqueue the copy from the device; `value` has it once the stream is synchronised."""
        kind = self._device.runtime.cudaMemcpyKind.cudaMemcpyDeviceToHost
        self._copy(self._pinned, self.address, kind, stream)

    def _copy(self, target: int, source: int, kind: Any, stream: Stream) -> None:
        self._device.call("cudaMemcpyAsync", target, source, self.nbytes, kind, stream.handle)

    def value(self) -> NDArray[np.float32]:
        """Return a copy of what was fetched last."""
        fetched: NDArray[np.float32] = self._host.copy()
        return fetched

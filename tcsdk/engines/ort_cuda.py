"""ONNX Runtime on CUDA: buffers on the device, pinned memory on the host, CUDA graphs."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tcsdk.distribution import install_extra
from tcsdk.engines.base import Arrays, EngineInfo
from tcsdk.engines.cuda import Device, Staged, open_device
from tcsdk.engines.ort import (
    Provider,
    failure,
    import_onnxruntime,
    session_placement,
    start_session,
)
from tcsdk.engines.packages import hidden_build
from tcsdk.engines.slots import Signature, SlotPool, signature_of
from tcsdk.errors import DeviceError, EngineError, MissingRuntimeError
from tcsdk.many.fork import PerProcess

if TYPE_CHECKING:
    from tcsdk.model.folder import ModelFolder

CUDA = "CUDAExecutionProvider"
_SLOTS = 4
# ONNX Runtime keeps every captured graph until the session ends, so shapes must not pile up.
_CAPTURES = 16
_NO_CAPTURE = -1
_PRECISIONS = ("fp16", "fp32")
# Names of operators as a node of an ONNX file spells them: field 4, their length, they.
_LOOP, _SHAPE = b"\x22\x04Loop", b"\x22\x05Shape"

# The model `y = Identity(x)` in ONNX's binary form (IR 8, opset 13, float x[1]): a provider that
# cannot start (driver, cuDNN, device index) fails on it in milliseconds, before any real graph.
IDENTITY = bytes.fromhex(
    "0808"  # ModelProto.ir_version = 8
    "3a2b"  # .graph, 43 bytes
    "0a10" "0a0178" "120179" "22084964656e74697479"  # node: input x, output y, op Identity
    "120169"  # name "i"
    "5a09" "0a0178" "1204" "0a020801"  # input x: tensor of float
    "6209" "0a0179" "1204" "0a020801"  # output y: tensor of float
    "4204" "0a00" "100d"  # opset_import: domain "", version 13
)  # fmt: skip


@dataclass(frozen=True)
class Nature:
    """What ONNX Runtime does with a graph on CUDA.

    Attributes:
        capture: Whether it may be recorded as a CUDA graph; a loop may not.
        alone: Whether every node has to run on the GPU. Shapes are computed on the CPU: of a
            graph with such nodes a recording is refused where anything is copied for the CPU.
    """

    capture: bool = True
    alone: bool = True


def nature_of(graph: bytes) -> Nature:
    """Return what may be done with an ONNX file's graph."""
    loops = _LOOP in graph
    return Nature(capture=not loops, alone=not loops and _SHAPE not in graph)


def cuda_provider(index: int, nature: Nature) -> Provider:
    """Return how CUDA sessions are set up.

    Args:
        index: The GPU's number.
        nature: Of the graph.
    """
    options = {
        "device_id": str(index),
        # Try all algorithms once per shape: our shapes are few, and captured.
        "cudnn_conv_algo_search": "EXHAUSTIVE",
        "cudnn_conv_use_max_workspace": "1",
        # TF32 keeps 10 bits of the mantissa; mu, d and y_hat are float32 by contract.
        "use_tf32": "0",
        "enable_cuda_graph": "1" if nature.capture else "0",
    }
    # A node that CUDA lacks must be an error, not a silent copy to the CPU and back.
    entries = {"session.disable_cpu_ep_fallback": "1"} if nature.alone else {}
    return Provider(CUDA, options, entries, 4)


@dataclass(frozen=True)
class CudaEngine:
    """ONNX Runtime on one NVIDIA GPU.

    Attributes:
        device: The GPU.
        threads: CPU threads for everything around the graph.
    """

    device: Device
    threads: int

    @property
    def info(self) -> EngineInfo:
        """What this engine is; no precision yet."""
        version = import_onnxruntime("cuda").__version__
        name = f"cuda:{self.device.index}"
        return EngineInfo(name, f"onnxruntime {version}", CUDA, "", self.threads)

    def check(self, model: ModelFolder, precision: str) -> None:
        """Refuse integers: ONNX Runtime has no int8 convolution on CUDA and runs them as floats.

        Raises:
            EngineError: With what to use instead.
        """
        if precision not in _PRECISIONS:
            other = next((name for name in _PRECISIONS if name in model.precisions), "fp16")
            raise EngineError(
                f"{model.family}-{precision} does not run on CUDA through ONNX Runtime, which has "
                f'no integer convolution there: use {model.family}-{other}, or device="tensorrt"'
            )

    def load(self, path: Path) -> CudaGraph:
        """Load an ONNX file.

        Raises:
            EngineError: ONNX Runtime refuses it.
        """
        return CudaGraph(path, self.device)

    def placement(self, path: Path) -> dict[str, int]:
        """Count a graph's nodes by execution provider; see `Engine.placement`."""
        # Here the CPU may step in: the count is to show it.
        nature = Nature(capture=False, alone=False)
        return session_placement(path, cuda_provider(self.device.index, nature))


class CudaGraph:
    """A graph in ONNX Runtime on CUDA.

    It cannot be used in a child of `os.fork`, which raises a DeviceError that says so.

    Args:
        path: The ONNX file.
        device: The GPU.

    Raises:
        EngineError: ONNX Runtime refuses the file.
    """

    def __init__(self, path: Path, device: Device) -> None:
        self._path = path
        self._loaded = PerProcess(lambda: _Loaded(path, device))
        self._loaded.get()

    def run(self, inputs: Arrays, *, concurrent: bool = False) -> Arrays:
        """Run the graph; see `Graph.run`."""
        try:
            with self._loaded.get().slots.lend(signature_of(inputs)) as slot:
                return slot.run(inputs)
        except EngineError:
            raise
        except Exception as error:
            raise failure(self._path, inputs, error) from error


class _Loaded:
    """A session with its slots. INVARIANT: `lock` is held around every run of the session."""

    def __init__(self, path: Path, device: Device) -> None:
        device.make_current()
        self.device = device
        self.nature = nature_of(path.read_bytes())
        self.session = start_session(str(path), cuda_provider(device.index, self.nature), 1)
        self.outputs: list[str] = [output.name for output in self.session.get_outputs()]
        # A session that captures graphs may not be run by two threads at once.
        self.lock = threading.Lock()
        self.capture_ids = itertools.count()
        self.slots = SlotPool(lambda signature: _CudaSlot(self, signature), _SLOTS)


class _CudaSlot:
    """A binding of fixed buffers.

    The first run leaves the outputs to ONNX Runtime and learns their shapes; the second runs on
    our buffers and is captured; later ones replay it. What a loop makes has another shape each
    time: its outputs are always left to ONNX Runtime.
    """

    def __init__(self, loaded: _Loaded, signature: Signature) -> None:
        self._loaded = loaded
        device = loaded.device
        self._stream = device.start_stream()
        self._binding = loaded.session.io_binding()
        self._inputs = {name: Staged(device, shape) for name, shape in signature}
        for name, shape in signature:
            self._bind(self._binding.bind_input, name, shape, self._inputs[name])
        self._outputs: dict[str, Staged] = {}
        self._capture_id = _NO_CAPTURE

    def _bind(self, bind: Any, name: str, shape: tuple[int, ...], staged: Staged) -> None:
        bind(name, "cuda", self._loaded.device.index, np.float32, shape, staged.address)

    def run(self, inputs: Arrays) -> Arrays:
        """Copy in, run, copy out."""
        self._loaded.device.make_current()
        for name, staged in self._inputs.items():
            staged.send(inputs[name], self._stream)
        self._stream.synchronise()
        if not self._outputs:
            return self._own_run()
        self._run_session()
        for staged in self._outputs.values():
            staged.fetch(self._stream)
        self._stream.synchronise()
        return {name: staged.value() for name, staged in self._outputs.items()}

    def _own_run(self) -> Arrays:
        loaded = self._loaded
        for name in loaded.outputs:
            self._binding.bind_output(name, "cuda", loaded.device.index)
        self._run_session()
        values = self._binding.copy_outputs_to_cpu()
        arrays: Arrays = dict(zip(loaded.outputs, values, strict=True))
        if not loaded.nature.capture:
            return arrays
        for name, array in arrays.items():
            self._outputs[name] = Staged(loaded.device, array.shape)
            self._bind(self._binding.bind_output, name, array.shape, self._outputs[name])
        capture_id = next(loaded.capture_ids)
        self._capture_id = capture_id if capture_id < _CAPTURES else _NO_CAPTURE
        return arrays

    def _run_session(self) -> None:
        """Run on the bound buffers; returns when the GPU is done."""
        options = import_onnxruntime("cuda").RunOptions()
        options.add_run_config_entry("gpu_graph_id", str(self._capture_id))
        with self._loaded.lock:
            self._loaded.session.run_with_iobinding(self._binding, options)


def open_cuda(index: int, threads: int) -> CudaEngine:
    """Open an NVIDIA GPU and try it with a tiny graph.

    Raises:
        MissingRuntimeError: The ONNX Runtime here was not built with CUDA, or is hidden.
        DeviceError: The driver, cuDNN or the device is missing.
    """
    ort = import_onnxruntime("cuda")
    if CUDA not in ort.get_available_providers():
        advice = f"pip uninstall onnxruntime, then {install_extra('cuda')}"
        raise MissingRuntimeError(
            f"this ONNX Runtime {ort.__version__} has no CUDA: {hidden_build() or advice}"
        )
    if hasattr(ort, "preload_dlls"):  # 1.21 and later find CUDA and cuDNN of NVIDIA's wheels
        ort.preload_dlls()
    device = open_device(index, "cuda")
    try:
        start_session(IDENTITY, cuda_provider(index, Nature(capture=False)), 1)
    except DeviceError:
        raise
    except EngineError as error:
        raise DeviceError(f"cuda:{index} cannot be used: {error}") from error
    return CudaEngine(device, threads)

"""ONNX Runtime as an engine, on the CPU and on CUDA."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tcsdk.engines.base import EngineInfo
from tcsdk.engines.processor import saturates_int8
from tcsdk.errors import DeviceError, EngineError, MissingRuntimeError
from tcsdk.fork import PerProcess

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"

# The model `y = Identity(x)` in ONNX's binary form (IR 8, opset 13, float x[1]): a provider that
# cannot start (driver, cuDNN, device index) fails on it in milliseconds, before any real graph.
_IDENTITY = bytes.fromhex(
    "0808"  # ModelProto.ir_version = 8
    "3a2b"  # .graph, 43 bytes
    "0a10" "0a0178" "120179" "22084964656e74697479"  # node: input x, output y, op Identity
    "120169"  # name "i"
    "5a09" "0a0178" "1204" "0a020801"  # input x: tensor of float
    "6209" "0a0179" "1204" "0a020801"  # output y: tensor of float
    "4204" "0a00" "100d"  # opset_import: domain "", version 13
)  # fmt: skip


def import_onnxruntime(extra: str) -> ModuleType:
    """Import ONNX Runtime, with its telemetry off.

    From 1.29 on its builds for Linux report every session to their maker unless
    ORT_DISABLE_TELEMETRY is set before the import. A camera on a metered link must not send what
    nobody asked for; and the thread that sends hangs the exit of a forked child. A value that the
    user has set is left alone.

    Args:
        extra: The extra of tcsdk to name in the message: "cpu", "cuda" or "ocr".

    Raises:
        MissingRuntimeError: It is not installed or does not load.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingRuntimeError(
            f"ONNX Runtime is needed to run models and cannot be imported ({error}); "
            f'install it with: pip install "tcsdk[{extra}]"'
        ) from error
    return onnxruntime  # type: ignore[no-any-return]


def both_builds_installed() -> bool:
    """Say whether the CPU and the GPU package are both there: then the CPU one wins silently."""
    return all(_is_installed(name) for name in ("onnxruntime", "onnxruntime-gpu"))


def _is_installed(distribution: str) -> bool:
    from importlib import metadata

    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


@dataclass(frozen=True)
class OnnxRuntimeEngine:
    """ONNX Runtime with one execution provider.

    Attributes:
        provider: "CPUExecutionProvider" or "CUDAExecutionProvider".
        index: Device number, for CUDA.
        threads: Threads inside one graph.
    """

    provider: str
    index: int
    threads: int

    @property
    def info(self) -> EngineInfo:
        """What this engine is; no precision yet."""
        device = "cpu" if self.provider == CPU else f"cuda:{self.index}"
        version = import_onnxruntime("cpu").__version__
        return EngineInfo(device, f"onnxruntime {version}", self.provider, "", self.threads)

    def load(self, path: Path) -> OnnxGraph:
        """Load an ONNX file.

        Raises:
            EngineError: ONNX Runtime refuses it.
        """
        return OnnxGraph(self, path)

    def session(self, model: str | bytes, threads: int) -> Any:
        """Start a session on a model's path or bytes.

        Args:
            model: Path or bytes.
            threads: Threads inside the graph.

        Raises:
            EngineError: ONNX Runtime refuses the model.
            DeviceError: The provider did not start, so ONNX Runtime fell back to the CPU.
        """
        ort = import_onnxruntime("cpu")
        options = {"device_id": str(self.index)} if self.provider == CUDA else {}
        try:
            session = ort.InferenceSession(
                model, self._session_options(ort, threads), providers=[(self.provider, options)]
            )
        except Exception as error:  # its exceptions share no base class with a public name
            raise EngineError(f"ONNX Runtime cannot load {_name(model)}: {error}") from error
        if session.get_providers()[0] != self.provider:
            raise DeviceError(
                f"{self.provider} did not start on device {self.index}: check the NVIDIA driver, "
                "CUDA and cuDNN that this onnxruntime-gpu was built for"
            )
        return session

    def _session_options(self, ort: ModuleType, threads: int) -> Any:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3 if self.provider == CPU else 4
        # Where nothing saturates this would only take twice the time.
        if saturates_int8():
            options.add_session_config_entry("session.x64quantprecision", "1")
        # A fused weight-only MatMul must not quantise its activations.
        options.add_session_config_entry("session.qdq_matmulnbits_accuracy_level", "0")
        return options


class OnnxGraph:
    """A graph in ONNX Runtime; a forked child starts sessions of its own on first use.

    Where several threads run the graph at once, each in one thread of its own, a second session
    without inner threads serves them: for the 12 tiles of 1920x1080 on two cores that takes 30 %
    less CPU time than sharing the inner threads. It is started when first needed.

    Args:
        engine: Starts the session.
        path: The ONNX file.

    Raises:
        EngineError: ONNX Runtime refuses the file.
    """

    def __init__(self, engine: OnnxRuntimeEngine, path: Path) -> None:
        self._path = path
        self._alone = PerProcess(lambda: engine.session(str(path), engine.threads))
        self._beside_others = PerProcess(lambda: engine.session(str(path), 1))
        if engine.threads == 1 or engine.provider != CPU:
            self._beside_others = self._alone
        self._alone.get()

    def __call__(
        self, inputs: dict[str, NDArray[np.float32]], *, concurrent: bool = False
    ) -> list[NDArray[np.float32]]:
        """Run the graph; outputs in the file's order."""
        session = self._beside_others if concurrent else self._alone
        try:
            return session.get().run(None, inputs)  # type: ignore[no-any-return]
        except EngineError:
            raise
        except Exception as error:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in inputs.items())
            raise EngineError(
                f"ONNX Runtime failed in {self._path.name} on {shapes}: {error}"
            ) from error


def _name(model: str | bytes) -> str:
    return model if isinstance(model, str) else "its own test graph"


def open_cpu(index: int, threads: int) -> OnnxRuntimeEngine:
    """Open the CPU.

    Raises:
        MissingRuntimeError: ONNX Runtime is not installed.
        DeviceError: A CPU other than 0 was asked for.
    """
    import_onnxruntime("cpu")
    if index:
        raise DeviceError(f'there is one CPU device, "cpu"; got "cpu:{index}"')
    return OnnxRuntimeEngine(CPU, 0, threads)


def open_cuda(index: int, threads: int) -> OnnxRuntimeEngine:
    """Open an NVIDIA GPU and try it with a tiny graph.

    Raises:
        MissingRuntimeError: The ONNX Runtime here was not built with CUDA, or is hidden.
        DeviceError: The driver, cuDNN or the device is missing.
    """
    ort = import_onnxruntime("cuda")
    if CUDA not in ort.get_available_providers():
        advice = 'install it with: pip install "tcsdk[cuda]" (after pip uninstall onnxruntime)'
        if both_builds_installed():
            advice = (
                "onnxruntime and onnxruntime-gpu are both installed and the CPU one hides the "
                "other; uninstall both, then install onnxruntime-gpu"
            )
        raise MissingRuntimeError(f"this ONNX Runtime {ort.__version__} has no CUDA: {advice}")
    engine = OnnxRuntimeEngine(CUDA, index, threads)
    try:
        engine.session(_IDENTITY, 1)
    except DeviceError:
        raise
    except EngineError as error:
        raise DeviceError(f"cuda:{index} cannot be used: {error}") from error
    return engine

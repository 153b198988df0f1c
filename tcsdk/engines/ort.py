"""ONNX Runtime: sessions, and the engine on the CPU."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from tcsdk.distribution import install_extra
from tcsdk.engines.base import Arrays, EngineInfo
from tcsdk.engines.packages import foreign_build
from tcsdk.engines.processor import saturates_int8
from tcsdk.errors import DeviceError, EngineError, MissingRuntimeError
from tcsdk.many.fork import PerProcess
from tcsdk.model.graphs import Size, channels_of, input_shape
from tcsdk.model.manifest import of_packed_nets
from tcsdk.model.packed import packed_weights

if TYPE_CHECKING:
    from tcsdk.model.folder import ModelFolder

CPU = "CPUExecutionProvider"
_SMALL = Size(1, 64, 64)
_OUT_OF_MEMORY = "memory is full: take smaller tiles (tile=256), fewer workers or another device"


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
            "ONNX Runtime is needed to run models and cannot be imported "
            f"({foreign_build('onnxruntime') or error}): "
            f"{install_extra(extra)}"
        ) from error
    return onnxruntime  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Provider:
    """An execution provider and how its sessions are set up.

    Attributes:
        name: As ONNX Runtime calls it.
        options: The provider's own.
        entries: Of the session's configuration.
        log_level: 3 shows errors; 4 only fatal ones, where we raise them ourselves.
    """

    name: str
    options: Mapping[str, str]
    entries: Mapping[str, str]
    log_level: int


def cpu_provider() -> Provider:
    """Return how CPU sessions are set up."""
    # A fused weight-only MatMul must not quantise its activations.
    entries = {"session.qdq_matmulnbits_accuracy_level": "0"}
    # Where nothing saturates this would only take twice the time.
    if saturates_int8():
        entries["session.x64quantprecision"] = "1"
    return Provider(CPU, {}, entries, 3)


def start_session(
    model: str | bytes, provider: Provider, threads: int, profile: str | None = None
) -> Any:
    """Start a session on a model's path or bytes.

    Args:
        model: Path or bytes. Of a path, weights in packed files beside it are unpacked.
        provider: What runs it; nothing else may take its place.
        threads: Threads inside the graph.
        profile: Beginning of the path of a trace to write; None for none.

    Raises:
        EngineError: ONNX Runtime refuses the model.
        PackedWeightsError, ModelFileError: Its packed weights are damaged or missing.
        NewerVersionError: They were made by a later version.
        DeviceError: The provider did not start, so ONNX Runtime fell back to the CPU.
    """
    ort = import_onnxruntime("cpu")
    options = ort.SessionOptions()
    weights = packed_weights(Path(model)) if isinstance(model, str) else {}
    if weights:  # the session copies them while it starts
        values = [ort.OrtValue.ortvalue_from_numpy(array) for array in weights.values()]
        options.add_external_initializers(list(weights), values)
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = provider.log_level
    if profile is not None:
        options.enable_profiling = True
        options.profile_file_prefix = profile
    for key, value in provider.entries.items():
        options.add_session_config_entry(key, value)
    try:
        session = ort.InferenceSession(
            model, options, providers=[(provider.name, dict(provider.options))]
        )
    except Exception as error:  # its exceptions share no base class with a public name
        raise EngineError(f"ONNX Runtime cannot load {_name(model)}: {error}") from error
    if session.get_providers()[0] != provider.name:
        raise DeviceError(
            f"{provider.name} did not start: check the NVIDIA driver, CUDA and cuDNN that this "
            "onnxruntime-gpu was built for"
        )
    return session


def _name(model: str | bytes) -> str:
    return model if isinstance(model, str) else "its own test graph"


def session_placement(path: Path, provider: Provider) -> dict[str, int]:
    """Run a graph once on a small picture and count its nodes by execution provider.

    Raises:
        EngineError: ONNX Runtime refuses the graph or failed.
    """
    import json
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        session = start_session(str(path), provider, 1, profile=str(Path(folder) / "trace"))
        inputs = {
            i.name: np.ones(input_shape(i.name, channels_of(i.name, i.shape), _SMALL), np.float32)
            for i in session.get_inputs()
        }
        run_session(session, path, inputs)
        events = json.loads(Path(session.end_profiling()).read_text())
    ran = {
        (event["args"]["node_index"], event["args"]["provider"])
        for event in events
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time")
    }
    return dict(Counter(provider for _, provider in ran))


def run_session(session: Any, path: Path, inputs: Arrays) -> Arrays:
    """Run a session on host arrays; see `Graph.run`.

    Raises:
        EngineError: ONNX Runtime failed.
    """
    try:
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(names, inputs), strict=True))
    except Exception as error:
        raise failure(path, inputs, error) from error


def failure(path: Path, inputs: Arrays, error: Exception) -> EngineError:
    """Return the error of a failed run, with the shapes that it ran on."""
    shapes = ", ".join(f"{name} {array.shape}" for name, array in inputs.items())
    advice = f": {_OUT_OF_MEMORY}" if _says_memory(error) else ""
    return EngineError(f"ONNX Runtime failed in {path.name} on {shapes}: {error}{advice}")


def _says_memory(error: Exception) -> bool:
    """Say whether an allocation failed; ONNX Runtime has no class for it, only texts."""
    return any(text in str(error).lower() for text in ("allocate memory", "out of memory"))


@dataclass(frozen=True)
class CpuEngine:
    """ONNX Runtime on the CPU.

    Attributes:
        threads: Threads inside one graph.
    """

    threads: int

    @property
    def info(self) -> EngineInfo:
        """What this engine is; no precision yet."""
        version = import_onnxruntime("cpu").__version__
        return EngineInfo("cpu", f"onnxruntime {version}", CPU, "", self.threads)

    def check(self, model: ModelFolder, precision: str) -> None:
        """Accept every form of a model but packed nets, which are libtcs's.

        Raises:
            EngineError: The precision is of packed nets.
        """
        if of_packed_nets(model.precisions[precision]):
            raise EngineError(
                f"{model.family}-{precision} is packed nets, which libtcs runs: name "
                'device="libtcs", or another precision'
            )

    def load(self, path: Path) -> CpuGraph:
        """Load an ONNX file.

        Raises:
            EngineError: ONNX Runtime refuses it.
        """
        return CpuGraph(path, self.threads)

    def placement(self, path: Path) -> dict[str, int]:
        """Count a graph's nodes by execution provider; see `Engine.placement`."""
        return session_placement(path, cpu_provider())


class CpuGraph:
    """A graph in ONNX Runtime; a forked child starts sessions of its own on first use.

    Where several threads run the graph at once, each in one thread of its own, a second session
    without inner threads serves them: for the 12 tiles of 1920x1080 on two cores that takes 30 %
    less CPU time than sharing the inner threads. It is started when first needed.

    Args:
        path: The ONNX file.
        threads: Threads inside the graph.

    Raises:
        EngineError: ONNX Runtime refuses the file.
    """

    def __init__(self, path: Path, threads: int) -> None:
        self._path = path
        provider = cpu_provider()
        self._alone = PerProcess(lambda: start_session(str(path), provider, threads))
        self._beside_others = PerProcess(lambda: start_session(str(path), provider, 1))
        if threads == 1:
            self._beside_others = self._alone
        self._alone.get()

    def run(self, inputs: Arrays, *, concurrent: bool = False) -> Arrays:
        """Run the graph; see `Graph.run`."""
        session = self._beside_others if concurrent else self._alone
        return run_session(session.get(), self._path, inputs)


def open_cpu(index: int, threads: int) -> CpuEngine:
    """Open the CPU.

    Raises:
        MissingRuntimeError: ONNX Runtime is not installed.
        DeviceError: A CPU other than 0 was asked for.
    """
    import_onnxruntime("cpu")
    if index:
        raise DeviceError(f'there is one CPU device, "cpu"; got "cpu:{index}"')
    return CpuEngine(threads)

"""Stand-ins for NVIDIA's two packages where there is no GPU: what we call of them, and no more.

Memory is the host's, a plan is the path of its ONNX file and its shape profiles, and ONNX Runtime's
CPU computes. They are as strict as we know the originals to be: shapes outside of every profile,
buffers that were never given, launches whose shapes are not set and loops are refused, and what is
captured runs when it is launched, on the buffers and shapes of the capture.
"""

from __future__ import annotations

import ctypes
import itertools
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from tcsdk.engines.ort import cpu_provider, start_session

OK = SimpleNamespace(name="cudaSuccess")
_LOOP = b"\x22\x04Loop"  # a node's operator in an ONNX file


class Cuda:
    """cuda-python's runtime: memory, streams, captured graphs."""

    cudaError_t = SimpleNamespace(cudaSuccess=OK)  # noqa: N815
    cudaStreamNonBlocking = 1  # noqa: N815
    cudaMemcpyKind = SimpleNamespace(cudaMemcpyHostToDevice=1, cudaMemcpyDeviceToHost=2)  # noqa: N815
    cudaStreamCaptureMode = SimpleNamespace(cudaStreamCaptureModeThreadLocal=1)  # noqa: N815

    def __init__(self) -> None:
        self.memory, self.recording, self.graphs = {}, {}, {}
        self.launches, self._handles = 0, itertools.count(1)

    def __getattr__(self, name):
        values = {
            "cudaGetDeviceCount": 1,
            "cudaGetDeviceProperties": SimpleNamespace(name=b"Stand-in", major=8, minor=7),
            "cudaDriverGetVersion": 13020,
            "cudaRuntimeGetVersion": 13020,
            "cudaStreamCreateWithFlags": next(self._handles),
        }
        return lambda *arguments: (OK, values[name]) if name in values else (OK,)

    def cudaMalloc(self, size):  # noqa: N802
        made = ctypes.create_string_buffer(size)
        address = ctypes.addressof(made)
        self.memory[address] = made
        return OK, address

    cudaMallocHost = cudaMalloc  # noqa: N815

    def cudaFree(self, address):  # noqa: N802
        del self.memory[address]
        return (OK,)

    cudaFreeHost = cudaFree  # noqa: N815

    def cudaMemcpyAsync(self, target, source, size, kind, stream):  # noqa: N802
        for address in (target, source):
            assert size <= len(self.memory[address])
        ctypes.memmove(target, source, size)
        return (OK,)

    def cudaStreamBeginCapture(self, stream, mode):  # noqa: N802
        self.recording[stream] = []
        return (OK,)

    def cudaStreamEndCapture(self, stream):  # noqa: N802
        return OK, self.recording.pop(stream)

    def cudaGraphInstantiate(self, graph, flags):  # noqa: N802
        handle = next(self._handles)
        self.graphs[handle] = graph
        return OK, handle

    def cudaGraphLaunch(self, handle, stream):  # noqa: N802
        self.launches += 1
        for work in self.graphs[handle]:
            work()
        return (OK,)

    def enqueue(self, stream, work):
        """Run what a stream is given, or record it."""
        if stream in self.recording:
            self.recording[stream].append(work)
        else:
            work()


class Session:
    """An ONNX file as its parser sees it."""

    def __init__(self, path):
        self.path = str(path)
        self.session = start_session(self.path, cpu_provider(), 1)
        self.inputs = {i.name: _dims(i.shape) for i in self.session.get_inputs()}
        self.outputs = [output.name for output in self.session.get_outputs()]


def _dims(shape):
    return tuple(size if isinstance(size, int) else -1 for size in shape)


class Network:
    """tensorrt.INetworkDefinition: the inputs of what was parsed."""

    session: Session
    num_layers = 0

    @property
    def num_inputs(self):
        return len(self.session.inputs)

    def get_input(self, index):
        name, shape = list(self.session.inputs.items())[index]
        return SimpleNamespace(name=name, shape=shape)


class Parser:
    """tensorrt.OnnxParser."""

    def __init__(self, network, log):
        self._network, self.num_errors = network, 0

    def parse_from_file(self, path):
        if _LOOP in Path(path).read_bytes():
            self.num_errors = 1
            return False
        self._network.session = Session(path)
        return True

    def get_error(self, index):
        return SimpleNamespace(
            node_name=lambda: "loop", node_operator=lambda: "Loop", desc=lambda: "its length varies"
        )


class Profile(dict):
    """tensorrt.IOptimizationProfile: name -> smallest, best and largest shape."""

    def set_shape(self, name, low, best, high):
        self[name] = [list(low), list(best), list(high)]


class Config:
    """tensorrt.IBuilderConfig."""

    progress_monitor = None

    def __init__(self):
        self.profiles, self.cache = [], b""

    def __getattr__(self, name):
        return lambda *arguments: None

    def add_optimization_profile(self, profile):
        self.profiles.append(profile)

    def create_timing_cache(self, cache):
        return cache

    def get_timing_cache(self):
        return SimpleNamespace(serialize=lambda: b"timings")


class Builder:
    """tensorrt.Builder: a plan is what it is told."""

    def __init__(self, log):
        self._log = log

    def create_network(self, flags):
        return Network()

    def create_builder_config(self):
        return Config()

    def create_optimization_profile(self):
        return Profile()

    def build_serialized_network(self, network, config):
        config.progress_monitor.phase_start("Building", None, 1)
        for profile in config.profiles:
            assert profile.keys() == network.session.inputs.keys()
            for name, shapes in profile.items():
                fixed = network.session.inputs[name]
                for low, best, high, size in zip(*shapes, fixed, strict=True):
                    assert 1 <= low <= best <= high
                    assert size in (-1, low)
                    assert size == -1 or low == high
        config.progress_monitor.step_complete("Building", 0)
        return json.dumps({"path": network.session.path, "profiles": config.profiles}).encode()


class Engine:
    """tensorrt.ICudaEngine."""

    def __init__(self, cuda, plan):
        told = json.loads(plan)
        self.cuda, self.session, self.profiles = cuda, Session(told["path"]), told["profiles"]
        self._names = [*self.session.inputs, *self.session.outputs]
        self.num_io_tensors, self.num_optimization_profiles = len(self._names), len(self.profiles)

    def get_tensor_name(self, index):
        return self._names[index]

    def get_tensor_mode(self, name):
        return "input" if name in self.session.inputs else "output"

    def get_tensor_profile_shape(self, name, profile):
        return self.profiles[profile][name]

    def create_execution_context(self):
        return Context(self)

    def create_engine_inspector(self):
        layers = {"Layers": [{"LayerType": "gemm"}, {"LayerType": "gemm"}, "unnamed"]}
        return SimpleNamespace(get_engine_information=lambda form: json.dumps(layers))


class Context:
    """tensorrt.IExecutionContext."""

    def __init__(self, engine):
        self._engine, self._shapes, self._addresses, self._profile = engine, {}, {}, None

    def set_optimization_profile_async(self, profile, stream):
        self._profile = self._engine.profiles[profile]
        return True

    def set_input_shape(self, name, shape):
        low, _, high = self._profile[name]
        if not all(a <= size <= b for a, size, b in zip(low, shape, high, strict=True)):
            return False
        self._shapes[name] = tuple(shape)
        return True

    def get_tensor_shape(self, name):
        zeros = {n: np.zeros(shape, np.float32) for n, shape in self._shapes.items()}
        return self._engine.session.session.run([name], zeros)[0].shape

    def set_tensor_address(self, name, address):
        self._addresses[name] = address
        return True

    def execute_async_v3(self, stream):
        session, shapes, places = self._engine.session, dict(self._shapes), dict(self._addresses)
        if shapes.keys() != session.inputs.keys():
            return False

        def work():
            made = session.session.run(
                session.outputs, {n: _array(places[n], shape).copy() for n, shape in shapes.items()}
            )
            for name, array in zip(session.outputs, made, strict=True):
                _array(places[name], array.shape)[...] = array

        self._engine.cuda.enqueue(stream, work)
        return True


def _array(address, shape):
    count = int(np.prod(shape))
    return np.ctypeslib.as_array((ctypes.c_float * count).from_address(address)).reshape(shape)


class Base:
    """What we derive our logger and progress monitor from."""


def tensorrt(cuda: Cuda, version: str = "10.16.1"):
    """The module `tensorrt`, whose engines run in a stand-in's memory."""
    return SimpleNamespace(
        __version__=version,
        ILogger=Base,
        IProgressMonitor=Base,
        Builder=Builder,
        OnnxParser=Parser,
        Runtime=lambda log: SimpleNamespace(
            deserialize_cuda_engine=lambda plan: Engine(cuda, plan)
        ),
        NetworkDefinitionCreationFlag=SimpleNamespace(STRONGLY_TYPED=1),
        BuilderFlag=SimpleNamespace(TF32=0),
        ProfilingVerbosity=SimpleNamespace(DETAILED=2),
        TensorIOMode=SimpleNamespace(INPUT="input", OUTPUT="output"),
        LayerInformationFormat=SimpleNamespace(JSON=1),
    )


def install(monkeypatch, folder) -> Cuda:
    """Let tcsdk find both packages, and keep its plans in a folder; returns the runtime."""
    cuda = Cuda()
    monkeypatch.setattr("tcsdk.engines.cuda.import_cuda", lambda extra: cuda)
    monkeypatch.setattr("tcsdk.engines.cuda._STARTED_IN", [])
    module = tensorrt(cuda)
    monkeypatch.setattr("tcsdk.engines.tensorrt.engine.import_tensorrt", lambda: module)
    monkeypatch.setenv("TCSDK_PLANS", str(folder))
    return cuda

"""From an ONNX graph to a TensorRT plan."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tcsdk.engines.tensorrt.engine import make_logger
from tcsdk.engines.tensorrt.profiles import Profile
from tcsdk.engines.tensorrt.versions import Typing, version_row
from tcsdk.errors import EngineError
from tcsdk.model.graphs import channels_of

# (name of the innermost phase, steps done, steps in all)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Built:
    """What a build gives.

    Attributes:
        plan: TensorRT's serialised engine.
        timing_cache: The timings that it measured, for the next build.
    """

    plan: bytes
    timing_cache: bytes


def build_plan(
    tensorrt: ModuleType,
    path: Path,
    precision: str,
    profiles: Sequence[Profile],
    timing_cache: bytes,
    progress: Progress,
) -> Built:
    """Build a plan for the current GPU; minutes on a small one.

    Args:
        tensorrt: The module.
        path: ONNX file, with its external weights beside it.
        precision: "fp16" or "s8s8": what the graph's types were made for.
        profiles: Shapes to accept, the narrow ones first.
        timing_cache: Of an earlier build, or b"".
        progress: Told of every step, from TensorRT's threads.

    Raises:
        EngineError: TensorRT refuses the graph or cannot build it.
        MissingRuntimeError: This TensorRT is too old.
    """
    typing = version_row(tensorrt.__version__).typing[precision]
    log = make_logger(tensorrt)
    with _reasons(path, log):
        builder = tensorrt.Builder(log)
        network = builder.create_network(_bits(tensorrt.NetworkDefinitionCreationFlag, typing))
        _parse(tensorrt, path, network, log)
        config = builder.create_builder_config()
        _configure(tensorrt, config, typing)
        if typing.pins_float:
            pin_float_layers(tensorrt, network)
        for profile in profiles:
            config.add_optimization_profile(_optimisation_profile(builder, network, profile))
        config.progress_monitor = make_monitor(tensorrt, progress)
        cache = config.create_timing_cache(timing_cache)
        if cache is None:  # of another TensorRT or GPU: begin anew
            cache = config.create_timing_cache(b"")
        config.set_timing_cache(cache, False)
        plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise EngineError(
            f"TensorRT cannot build {path.name}: {'; '.join(log.errors) or 'no reason given'}"
        )
    return Built(bytes(plan), bytes(config.get_timing_cache().serialize()))


@contextmanager
def _reasons(path: Path, log: Any) -> Iterator[None]:
    """Turn what TensorRT raises into an error that names the graph and repeats the log."""
    try:
        yield
    except EngineError:
        raise
    except (RuntimeError, ValueError, TypeError) as error:
        said = "; ".join([str(error), *log.errors])
        raise EngineError(f"TensorRT cannot build {path.name}: {said}") from error


def _bits(members: Any, typing: Typing) -> int:
    return sum(1 << int(getattr(members, name)) for name in typing.network_flags)


def _parse(tensorrt: ModuleType, path: Path, network: Any, log: Any) -> None:
    parser = tensorrt.OnnxParser(network, log)
    if not parser.parse_from_file(str(path)):
        errors = [parser.get_error(i) for i in range(parser.num_errors)]
        texts = [f"node {e.node_name()} ({e.node_operator()}): {e.desc()}" for e in errors]
        raise EngineError(f"TensorRT cannot parse {path.name}: {'; '.join(texts)}")


def _configure(tensorrt: ModuleType, config: Any, typing: Typing) -> None:
    for name in typing.builder_flags:
        config.set_flag(getattr(tensorrt.BuilderFlag, name))
    # TF32 keeps 10 bits of the mantissa; mu, d and y_hat are float32 by contract.
    config.clear_flag(tensorrt.BuilderFlag.TF32)
    # So that `tcsdk doctor` can say which kinds of layers a plan has.
    config.profiling_verbosity = tensorrt.ProfilingVerbosity.DETAILED


def pin_float_layers(tensorrt: ModuleType, network: Any) -> None:
    """Fix to float32 what a weakly typed builder might otherwise run in FP16.

    That is every layer with float32 outputs that no DequantizeLinear feeds: the means network and
    what touches the latents. Layers behind a DequantizeLinear are the builder's to fuse.

    Args:
        tensorrt: The module.
        network: tensorrt.INetworkDefinition, weakly typed.
    """
    kinds = tensorrt.LayerType
    untouched = (kinds.QUANTIZE, kinds.DEQUANTIZE, kinds.CONSTANT, kinds.SHAPE, kinds.CAST)
    layers = [network.get_layer(i) for i in range(network.num_layers)]
    dequantised = {layer.get_output(0).name for layer in layers if layer.type == kinds.DEQUANTIZE}
    for layer in layers:
        inputs = [layer.get_input(i) for i in range(layer.num_inputs)]
        fed = any(tensor is not None and tensor.name in dequantised for tensor in inputs)
        if layer.type in untouched or fed:
            continue
        outputs = [layer.get_output(i) for i in range(layer.num_outputs)]
        if all(output.dtype == tensorrt.float32 for output in outputs):
            layer.precision = tensorrt.float32
            for i in range(layer.num_outputs):
                layer.set_output_type(i, tensorrt.float32)


def _optimisation_profile(builder: Any, network: Any, profile: Profile) -> Any:
    ranges = builder.create_optimization_profile()
    for i in range(network.num_inputs):
        tensor = network.get_input(i)
        channels = channels_of(tensor.name, tuple(tensor.shape))
        ranges.set_shape(tensor.name, *profile.shapes(tensor.name, channels))
    return ranges


def make_monitor(tensorrt: ModuleType, progress: Progress) -> Any:
    """Return a tensorrt.IProgressMonitor that tells a function of every step."""
    steps: dict[str, int] = {}
    lock = threading.Lock()  # TensorRT calls from several threads

    class Monitor(tensorrt.IProgressMonitor):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            with lock:
                steps[phase_name] = num_steps
                progress(phase_name, 0, num_steps)

        def step_complete(self, phase_name: str, step: int) -> bool:
            with lock:
                progress(phase_name, step + 1, steps.get(phase_name, step + 1))
            return True

        def phase_finish(self, phase_name: str) -> None:
            with lock:
                steps.pop(phase_name, None)

    return Monitor()

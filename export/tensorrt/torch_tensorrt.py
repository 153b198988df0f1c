"""Both graphs of a codec through torch-tensorrt.

    python -m tcsdk.export.tensorrt.torch_tensorrt CHECKPOINT FOLDER

For people who serve from torch: no ONNX, no plan store, a torch program per graph. Devices that
run tcsdk itself take plans (`tcsdk build`). Sources: torch-tensorrt 2.13's documentation,
"Dynamic shapes", "Saving models", "Quantization", and the signatures of its wheel.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from tcsdk.engines.golden import relative_error
from tcsdk.engines.tensorrt.profiles import Profile, Shape, parse_profile
from tcsdk.errors import DeviceError, EngineError, MissingRuntimeError, TcsdkError
from tcsdk.export.folder import Checkpoint, load_checkpoint
from tcsdk.export.graphs.float_graphs import ROLES
from tcsdk.export.tensorrt.torch_types import half_types, int8_types
from tcsdk.model.graphs import (
    INPUTS,
    INV_GAIN,
    Z_GAIN,
    Z_HAT,
    Z_INVERSE_GAIN,
    R,
    Size,
    X,
    input_shape,
)
from tcsdk.model.grids import Z_STRIDE
from tcsdk.models.codecs.base import Codec
from tcsdk.models.registry import Family
from tcsdk.quant.nets.graphs import calibration_pictures, collect_feeds
from tcsdk.quant.nets.table import rules_of

INSTALL = 'pip install "torch-tensorrt==2.13.*"'
SUFFIX = ".pt2"
# One engine without gaps: whatever TensorRT cannot take is an error, not a slow piece of torch.
# TF32 keeps 10 bits of the mantissa; mu, d and y_hat are float32 by contract.
SETTINGS = {"disable_tf32": True, "require_full_compilation": True, "min_block_size": 1}
# How far TensorRT may be off the same program in torch: FP16 rounds elsewhere, z_hat may flip.
_LIMIT = 0.1

Feeds = list[tuple[Tensor, ...]]


def _int8_export() -> AbstractContextManager[None]:
    """Return what makes quantisers appear in an exported program as TensorRT's operator."""
    from modelopt.torch.quantization.utils import export_torch_mode

    return export_torch_mode()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Precision:
    """How a precision's types come into a graph.

    Attributes:
        apply: (float32 graph, float layers of the net's rules, calibration feeds) -> the graph
            with its types.
        exporting: Context that torch.export has to run in.
        calibrated: Whether `apply` looks at the feeds.
    """

    apply: Callable[[nn.Module, tuple[str, ...], Feeds], nn.Module]
    exporting: Callable[[], AbstractContextManager[None]]
    calibrated: bool


PRECISIONS = {
    "fp16": Precision(lambda graph, layers, _: half_types(graph, layers), nullcontext, False),
    "int8": Precision(int8_types, _int8_export, True),
}


@dataclass(frozen=True)
class Request:
    """Everything that torch-tensorrt is asked for.

    Attributes:
        name: Such as "analysis.fp16".
        module: The graph with its types, which the compiled one is compared with.
        program: It, exported with dynamic shapes.
        examples: Inputs of the best shape.
        ranges: Input -> smallest, best and largest shape.
        dims: Input -> axis -> torch.export.Dim, for those that may vary.
    """

    name: str
    module: nn.Module
    program: torch.export.ExportedProgram
    examples: tuple[Tensor, ...]
    ranges: dict[str, tuple[Shape, Shape, Shape]]
    dims: dict[str, dict[int, Any]]


def make_request(
    codec: Codec, role: str, precision: str, profile: Profile, feeds: Feeds, device: str
) -> Request:
    """Export one graph of a codec for a range of picture sizes.

    Args:
        codec: The trained model.
        role: Of the graph.
        precision: "fp16" or "int8".
        profile: The picture sizes; sides that vary begin at 128 pixels, and `inv_gain` always has
            the full shape of r here.
        feeds: Calibration inputs in the order of the graph's arguments; none for "fp16".
        device: Where the graph lies, such as "cuda:0".

    Raises:
        MissingRuntimeError: "int8" without NVIDIA's Model Optimizer.
    """
    row, profile = PRECISIONS[precision], _free_from_two(profile)
    graph = ROLES[role].module(codec).eval().requires_grad_(False).to(device)
    placed = [tuple(t.to(device) for t in feed) for feed in feeds]
    module = row.apply(graph, rules_of(codec).float_layers, placed)
    names = tuple(inspect.signature(graph.forward).parameters)
    channels = _channels(codec)
    ranges = {name: _range_of(name, channels[name], profile) for name in names}
    dims = _dims_of(names, profile)
    examples = tuple(torch.rand(best, device=device) for _, best, _ in ranges.values())
    with torch.no_grad(), row.exporting():
        program = torch.export.export(module, examples, dynamic_shapes=dims)
    return Request(f"{role}.{precision}", module, program, examples, ranges, dims)


def _free_from_two(profile: Profile) -> Profile:
    """Let sides that vary begin at two cells of z: torch.export makes another program of one."""
    low, high = profile.low, profile.high
    height, width = (
        a if a == b else max(a, 2 * Z_STRIDE)
        for a, b in ((low.height, high.height), (low.width, high.width))
    )
    return replace(profile, low=Size(low.batch, height, width))


def _channels(codec: Codec) -> dict[str, int]:
    latent, hyper = codec.config.latent, codec.config.hyper
    return {
        X: 3, Z_GAIN: hyper, Z_INVERSE_GAIN: hyper, Z_HAT: hyper, R: latent, INV_GAIN: latent
    }  # fmt: skip


def _range_of(name: str, channels: int, profile: Profile) -> tuple[Shape, Shape, Shape]:
    low, best, high = (
        input_shape(name, channels, size) for size in (profile.low, profile.best, profile.high)
    )
    return low, best, high


def _dims_of(names: tuple[str, ...], profile: Profile) -> dict[str, dict[int, Any]]:
    """Axes that vary, in whole cells of z, shared by all inputs."""

    def cells(size: Size) -> tuple[int, int, int]:
        return size.batch, size.height // Z_STRIDE, size.width // Z_STRIDE

    bounds = zip(("n", "hz", "wz"), cells(profile.low), cells(profile.high), strict=True)
    n, h, w = (
        None if low == high else torch.export.Dim(name, min=low, max=high)
        for name, low, high in bounds
    )
    dims: dict[str, dict[int, Any]] = {}
    for name in names:
        stride = INPUTS[name].stride
        axes = {0: n}
        if stride is not None:
            step = Z_STRIDE // stride
            axes |= {axis: None if d is None else step * d for axis, d in ((2, h), (3, w))}
        dims[name] = {axis: dim for axis, dim in axes.items() if dim is not None}
    return dims


def import_torch_tensorrt() -> ModuleType:
    """Import torch-tensorrt where there is a GPU for it.

    Raises:
        MissingRuntimeError: It is not installed or does not load.
        DeviceError: torch sees no GPU.
    """
    try:
        import torch_tensorrt
    except (ImportError, OSError) as error:
        raise MissingRuntimeError(
            f"torch-tensorrt cannot be imported ({error}); install it with: {INSTALL}, in an "
            "environment without onnxruntime-gpu: each brings a TensorRT of its own"
        ) from error
    if not torch.cuda.is_available():
        raise DeviceError(
            "torch sees no GPU, and TensorRT builds on the GPU that it builds for: check "
            "nvidia-smi, and that torch.version.cuda is not None"
        )
    return torch_tensorrt  # type: ignore[no-any-return]


def compile_and_save(
    torch_tensorrt: ModuleType, request: Request, folder: Path, notes: dict[str, str]
) -> Path:
    """Build a TensorRT engine for a request, compare it with torch, and write the program.

    Args:
        torch_tensorrt: The module.
        request: What to build.
        folder: Where `<name>.pt2` goes, whole or not at all.
        notes: Kept in the file as `tcsdk.json`.

    Returns:
        The file; `torch_tensorrt.load(path).module()` runs it.

    Raises:
        EngineError: TensorRT cannot build it, or what it built computes something else.
    """
    inputs = [
        torch_tensorrt.Input(
            min_shape=low, opt_shape=best, max_shape=high, dtype=torch.float32, name=name
        )
        if low != high
        else torch_tensorrt.Input(shape=best, dtype=torch.float32, name=name)
        for name, (low, best, high) in request.ranges.items()
    ]
    try:
        compiled = torch_tensorrt.dynamo.compile(request.program, arg_inputs=inputs, **SETTINGS)
    except Exception as error:  # it raises whatever its converters do
        raise EngineError(f"torch-tensorrt cannot build {request.name}: {error}") from error
    compare(request, compiled)
    path = folder / f"{request.name}{SUFFIX}"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=f".{request.name}-") as scratch:
        partial = Path(scratch) / path.name
        torch_tensorrt.save(
            compiled, str(partial), arg_inputs=list(request.examples),
            dynamic_shapes=request.dims, extra_files={"tcsdk.json": json.dumps(notes)},
        )  # fmt: skip
        partial.replace(path)
    return path


def compare(request: Request, compiled: Callable[..., Any]) -> float:
    """Run a compiled graph beside torch on the request's examples.

    Returns:
        The largest relative error (root of mean squares) of an output.

    Raises:
        EngineError: Other shapes, or further off than 0.1.
    """
    with torch.no_grad():
        expected, came = (_outputs(run(*request.examples)) for run in (request.module, compiled))
    shapes = [[tuple(t.shape) for t in outputs] for outputs in (expected, came)]
    if shapes[0] != shapes[1]:
        raise EngineError(f"{request.name}: expected outputs {shapes[0]}, got {shapes[1]}")
    errors = [
        relative_error(b.float().cpu().numpy(), a.float().cpu().numpy())
        for a, b in zip(expected, came, strict=True)
    ]
    if not max(errors) <= _LIMIT:
        raise EngineError(
            f"{request.name}: TensorRT differs from torch by {max(errors):.3g} (limit {_LIMIT}): "
            "what it built computes something else"
        )
    return max(errors)


def _outputs(result: Any) -> tuple[Tensor, ...]:
    return (result,) if isinstance(result, Tensor) else tuple(result)


def calibration_feeds(codec: Codec, photos: Path | None, count: int) -> dict[str, Feeds]:
    """Return role -> inputs of rendered pictures, in the order of the graph's arguments."""
    feeds = collect_feeds(codec, calibration_pictures(photos, count))
    return {
        role: [tuple(torch.from_numpy(a) for a in feed.values()) for feed in inputs]
        for role, inputs in feeds.items()
    }


def export_all(
    checkpoint: Checkpoint, folder: Path, precision: str, shape: str, feeds: dict[str, Feeds],
    device: str,
) -> list[Path]:  # fmt: skip
    """Compile and write both graphs of a checkpoint.

    Raises:
        MissingRuntimeError, DeviceError: torch-tensorrt cannot run here.
        EngineError: A graph cannot be built.
        ValueError: `shape` is no shape.
    """
    torch_tensorrt = import_torch_tensorrt()
    profile = parse_profile(shape, Family.halo)
    notes = {"checkpoint": checkpoint.digest.hex(), "precision": precision, "shape": str(profile)}
    return [
        compile_and_save(
            torch_tensorrt,
            make_request(checkpoint.codec, role, precision, profile, feeds[role], device),
            folder,
            notes,
        )
        for role in ROLES
    ]


def main(arguments: list[str]) -> int:
    """Compile both graphs; returns 1 where that fails, 2 for wrong use."""
    parser = argparse.ArgumentParser(
        prog="python -m tcsdk.export.tensorrt.torch_tensorrt", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "checkpoint", type=Path, help="weights.safetensors, or a run's or a model's folder"
    )
    parser.add_argument("folder", type=Path, help="where analysis.*.pt2 and synthesis.*.pt2 go")
    parser.add_argument("--precision", choices=list(PRECISIONS), default="fp16")
    parser.add_argument(
        "--shape", default="tile", help="tile, vga, hd, fullhd, WIDTHxHEIGHT, BATCH@WIDTHxHEIGHT"
    )
    parser.add_argument("--device", default="cuda:0", help="as torch names it")
    parser.add_argument("--photos", type=Path, help="photographs for calibration backgrounds")
    parser.add_argument("--pictures", type=int, default=24, help="calibration pictures (int8)")
    asked = parser.parse_args(arguments)
    try:
        parse_profile(asked.shape, Family.halo)
    except ValueError as error:
        parser.error(str(error))
    try:
        import_torch_tensorrt()
        checkpoint = load_checkpoint(asked.checkpoint)
        feeds: dict[str, Feeds] = {role: [] for role in ROLES}
        if PRECISIONS[asked.precision].calibrated:
            feeds = calibration_feeds(checkpoint.codec, asked.photos, asked.pictures)
        for path in export_all(
            checkpoint, asked.folder, asked.precision, asked.shape, feeds, asked.device
        ):
            print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")
    except (TcsdkError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

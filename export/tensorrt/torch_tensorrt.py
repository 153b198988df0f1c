"""Plans of a codec's graphs in FP16 through torch-tensorrt: from torch, without ONNX.

    python -m tcsdk.export.tensorrt.torch_tensorrt MODEL_FOLDER --shape tile

They lie where `tcsdk build` puts its own, under the same key, and are judged by the same golden
vectors; `Encoder("tfic-fp16", device="tensorrt")` loads either. Sources: torch-tensorrt 2.13's
documentation ("Dynamic shapes", "Exporting engines"), its wheel for signatures and names.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from tcsdk.engines.tensorrt.build import Built
from tcsdk.engines.tensorrt.engine import open_tensorrt
from tcsdk.engines.tensorrt.plans import make_plans
from tcsdk.engines.tensorrt.profiles import Profile, Shape, parse_profile
from tcsdk.errors import DeviceError, EngineError, MissingRuntimeError, TcsdkError
from tcsdk.export.folder import load_checkpoint
from tcsdk.export.graphs.roles import ROLES
from tcsdk.model.find import find_model
from tcsdk.model.graphs import (
    INPUTS,
    INV_GAIN,
    SYNTHESIS,
    Z_GAIN,
    Z_HAT,
    Z_INVERSE_GAIN,
    R,
    X,
)
from tcsdk.model.grids import Z_STRIDE
from tcsdk.models.codecs.base import Codec
from tcsdk.quant.nets.table import rules_of

PRECISION = "fp16"
INSTALL = 'pip install "torch-tensorrt==2.13.*"'
TRANSFORMS = ("g_a", "h_a", "detector", "g_s")  # chains of layers that compute in float16
Range = tuple[Shape, Shape, Shape]  # smallest, best, largest


class Typed(nn.Module):
    """A layer in one float type between two others.

    Args:
        layer: The layer; its parameters change their type.
        inside: What it computes in.
        outside: What it hands on.
    """

    def __init__(self, layer: nn.Module, inside: torch.dtype, outside: torch.dtype) -> None:
        super().__init__()
        self.layer = layer.to(inside)
        self.inside, self.outside = inside, outside

    def forward(self, x: Tensor) -> Tensor:
        """Return the layer's output of x, whatever float type x has."""
        y: Tensor = self.layer(x.to(self.inside)).to(self.outside)
        return y


class AnyGain(nn.Module):
    """A synthesis graph whose `inv_gain` may have sides of its own, 1 or those of r."""

    def __init__(self, graph: nn.Module) -> None:
        super().__init__()
        self.inner = graph

    def forward(self, z_hat: Tensor, r: Tensor, inv_gain: Tensor, z_inverse_gain: Tensor) -> Tensor:
        """Spread the gains over r: torch.export takes no side that only sometimes broadcasts."""
        spread = nn.functional.interpolate(inv_gain, size=r.shape[-2:], mode="nearest")
        x_hat: Tensor = self.inner(z_hat, r, spread, z_inverse_gain)
        return x_hat


def half_types(graph: nn.Module, float_layers: tuple[str, ...]) -> nn.Module:
    """Make an analysis or synthesis graph compute in float16, in place, as the ONNX form does.

    TensorRT 11 builds what is typed and chooses nothing. The means network, the layers at the
    latents and all inputs and outputs stay float32.

    Args:
        graph: `AnalysisGraph` or `SynthesisGraph`.
        float_layers: of the net's rules.
    """
    for name, layers in list(graph.named_modules()):
        if isinstance(layers, nn.Sequential) and name.removesuffix(".layers") in TRANSFORMS:
            kinds = [
                torch.float32 if f"{name}.{at}.".startswith(float_layers) else torch.float16
                for at, _ in layers.named_children()
            ]
            handed = [*kinds[:-1], torch.float32]
            graph.set_submodule(name, nn.Sequential(*map(Typed, layers, kinds, handed)))
    return graph


def export_program(
    codec: Codec, role: str, profile: Profile, device: str
) -> tuple[torch.export.ExportedProgram, dict[str, Range]]:
    """Export a graph for the picture sizes of a profile.

    Args:
        codec: The trained model.
        role: Of the graph.
        profile: The picture sizes.
        device: Where the graph lies, such as "cuda:0".

    Returns:
        The program, and of each input by name the smallest, best and largest shape.
    """
    graph = ROLES[role].module(codec).eval().requires_grad_(False).to(device)
    names = tuple(inspect.signature(graph.forward).parameters)
    module = half_types(graph, rules_of(codec).float_layers)
    if role == SYNTHESIS:
        module = AnyGain(module)
    latent, hyper = codec.config.latent, codec.config.hyper
    channels = {X: 3, R: latent, INV_GAIN: latent} | dict.fromkeys(
        (Z_GAIN, Z_INVERSE_GAIN, Z_HAT), hyper
    )
    ranges = {name: profile.shapes(name, channels[name]) for name in names}
    examples = tuple(torch.rand(high, device=device) for _, _, high in ranges.values())
    with torch.no_grad():
        program = torch.export.export(module, examples, dynamic_shapes=_dims(ranges))
    return program, ranges


def _dims(ranges: dict[str, Range]) -> dict[str, dict[int, Any]]:
    """Sides that vary: whole cells of z for all inputs but `inv_gain`, whose sides are its own."""
    cells = {axis: torch.export.Dim(f"z{axis}", min=1) for axis in (2, 3)}
    free = {axis: torch.export.Dim(f"gain{axis}", min=1) for axis in (2, 3)}
    dims: dict[str, dict[int, Any]] = {}
    for name, (low, _, high) in ranges.items():
        axes = [axis for axis in (2, 3) if low[axis] != high[axis]]
        step = Z_STRIDE // (INPUTS[name].stride or Z_STRIDE)
        own = INPUTS[name].broadcasts
        dims[name] = {axis: free[axis] if own else step * cells[axis] for axis in axes}
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


def build_engine(
    torch_tensorrt: ModuleType, codec: Codec, role: str, profile: Profile, device: str
) -> bytes:
    """Return TensorRT's serialised engine of a graph; its outputs are called output0, output1, ...

    Raises:
        EngineError: TensorRT cannot build it.
    """
    program, ranges = export_program(codec, role, profile, device)
    inputs = [
        torch_tensorrt.Input(
            name=name, min_shape=low, opt_shape=best, max_shape=high, dtype=torch.float32
        )
        for name, (low, best, high) in ranges.items()
    ]
    convert = torch_tensorrt.dynamo.convert_exported_program_to_serialized_trt_engine
    try:
        # TF32 keeps 10 bits of the mantissa; mu, d and y_hat are float32 by contract.
        return bytes(convert(program, arg_inputs=inputs, device=device, disable_tf32=True))
    except Exception as error:  # it raises whatever its converters do
        raise EngineError(f"torch-tensorrt cannot build {role}.{PRECISION}: {error}") from error


def main(arguments: list[str]) -> int:
    """Build both plans; returns 1 where that fails, 2 for wrong use."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(
        prog="python -m tcsdk.export.tensorrt.torch_tensorrt", description=__doc__.splitlines()[0]
    )
    parser.add_argument("model", type=Path, help="model folder with the precision fp16")
    parser.add_argument(
        "--shape", default="tile", help="tile, vga, hd, fullhd, WIDTHxHEIGHT, BATCH@WIDTHxHEIGHT"
    )
    parser.add_argument("--device", type=int, default=0, metavar="N", help="which GPU (default: 0)")
    asked = parser.parse_args(arguments)
    try:
        model, _ = find_model(asked.model)
        profile = parse_profile(asked.shape, model.halo)
        compiler, engine = import_torch_tensorrt(), open_tensorrt(asked.device, 1)
        codec = load_checkpoint(asked.model).codec

        def build(role: str, path: Path, timing_cache: bytes) -> Built:
            plan = build_engine(compiler, codec, role, profile, f"cuda:{asked.device}")
            return Built(plan, timing_cache)

        for made in make_plans(engine, model, PRECISION, [profile], build):
            print(f"{made.graph}: {'built' if made.built else 'already there'}, {made.path}")
    except (TcsdkError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except ValueError as error:  # the shape
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

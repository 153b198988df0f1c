"""Float types and quantisers inside the torch graphs, for compilers that keep to them.

TensorRT 11 only builds strongly typed networks: what is FP16 or INT8 has to be so in the torch
program already. The rules are those of the ONNX forms (tcsdk.export.tensorrt.graphs).
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from tcsdk.errors import MissingRuntimeError
from tcsdk.export.tensorrt.rules import MIN_INT8_CHANNELS

MODELOPT = "nvidia-modelopt>=0.47"


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


def half_types(graph: nn.Module, float_layers: tuple[str, ...]) -> nn.Module:
    """Make an analysis or synthesis graph compute in float16, in place.

    The means network, the layers at the latents and all inputs and outputs stay float32.

    Args:
        graph: `AnalysisGraph` or `SynthesisGraph`.
        float_layers: of the net's rules.
    """
    for name, layers in list(graph.named_modules()):
        if isinstance(layers, nn.Sequential) and _is_transform(name):
            graph.set_submodule(name, _typed(layers, name, float_layers))
    return graph


def _is_transform(name: str) -> bool:
    """Say whether a chain of layers is a whole transform, not a stage inside of one."""
    return name.removesuffix(".layers") in ("g_a", "h_a", "detector", "g_s")


def _typed(layers: nn.Sequential, name: str, float_layers: tuple[str, ...]) -> nn.Sequential:
    kinds = [
        torch.float32 if f"{name}.{index}.".startswith(float_layers) else torch.float16
        for index, _ in layers.named_children()
    ]
    handed = [*kinds[:-1], torch.float32]
    return nn.Sequential(*map(Typed, layers, kinds, handed))


def int8_types(
    graph: nn.Module, float_layers: tuple[str, ...], feeds: list[tuple[Tensor, ...]]
) -> nn.Module:
    """Put quantisers before convolutions and around their weights, in place.

    int8, symmetric, per tensor for activations (their largest magnitude over the feeds) and per
    output channel for weights; float32 in between. What stays float is what stays so in the ONNX
    form: the means network, the layers at the latents, convolutions of few channels.

    Args:
        graph: `AnalysisGraph` or `SynthesisGraph`.
        float_layers: of the net's rules.
        feeds: Inputs to calibrate with, in the order of the graph's arguments.

    Raises:
        MissingRuntimeError: NVIDIA's Model Optimizer is not installed.
    """
    mtq = _import_quantiser()
    with torch.no_grad():
        config = int8_config(graph, float_layers)
        mtq.quantize(graph, config, lambda net: [net(*feed) for feed in feeds])
    return graph


def int8_config(graph: nn.Module, float_layers: tuple[str, ...]) -> dict[str, Any]:
    """Return Model Optimizer's configuration for a graph: later entries win."""
    kept = [f"*{prefix}*" for prefix in (*float_layers, *_narrow_convolutions(graph))]
    return {
        "quant_cfg": [
            {"quantizer_name": "*", "enable": False},
            {"quantizer_name": "*weight_quantizer", "cfg": {"num_bits": 8, "axis": 0}},
            {"quantizer_name": "*input_quantizer", "cfg": {"num_bits": 8, "axis": None}},
            *({"quantizer_name": name, "enable": False} for name in kept),
        ],
        "algorithm": "max",
    }


def _narrow_convolutions(graph: nn.Module) -> Iterator[str]:
    for name, layer in graph.named_modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            narrow = min(layer.in_channels, layer.out_channels) < MIN_INT8_CHANNELS
            if narrow:
                yield f"{name}."


def _import_quantiser() -> ModuleType:
    try:
        import modelopt.torch.quantization as mtq
    except ImportError as error:
        raise MissingRuntimeError(
            f"INT8 through torch-tensorrt needs NVIDIA's Model Optimizer, which cannot be imported "
            f'({error}); install it with: pip install "{MODELOPT}"'
        ) from error
    return mtq  # type: ignore[no-any-return]

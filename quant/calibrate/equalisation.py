"""Equalisation: a net of the same function whose channels have like ranges.

One grid per tensor wastes levels on channels that are quieter than the loudest. A channel can be
divided by a factor where it is made and multiplied where it is taken, and a ReLU between does not
mind (cross-layer equalisation, Nagel et al. 2019, arXiv:1906.04721; the share that moves from
inputs into weights is SmoothQuant's, arXiv:2211.10438). Steps per output channel absorb the factor
of rows and of depthwise layers without loss; only the columns of dense layers become uneven.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tcsdk.models.codecs.edge import EdgeCodec
from tcsdk.quant.calibrate.calibration import Run, watch_inputs
from tcsdk.quant.nets.layers import Layer, find_layers

# Channels quieter than this share of the loudest are not amplified further.
QUIETEST = 1 / 64


@dataclass(frozen=True)
class Stream:
    """Channels that several layers make and several take, all scaled alike.

    Attributes:
        makers: names of layers whose outputs are these channels, or are shuffled into them.
        takers: names of layers whose inputs they are, and nothing else's.
    """

    makers: tuple[str, ...]
    takers: tuple[str, ...]


def _block_streams(stage: str, depth: int) -> list[Stream]:
    blocks = [f"{stage}.{i}" for i in range(depth)]
    inner = [((f"{b}.depthwise", f"{b}.expand"), (f"{b}.expand", f"{b}.project")) for b in blocks]
    return [Stream((maker,), (taker,)) for pairs in inner for maker, taker in pairs]


def _residual(stage: str, depth: int, first: str, *after: str) -> Stream:
    blocks = [f"{stage}.{i}" for i in range(depth)]
    makers = (first, *(f"{b}.project" for b in blocks))
    return Stream(makers, (*(f"{b}.depthwise" for b in blocks), *after))


def _edge_streams(codec: EdgeCodec) -> list[Stream]:
    """Every channel between two layers of g_a, h_a, g_s and the detector; not y, z or y_hat."""
    narrow_a, wide_a = codec.config.analysis_blocks
    narrow_s, wide_s = codec.config.synthesis_blocks
    stages = [("g_a.1", narrow_a), ("g_a.3", wide_a), ("g_s.1", wide_s), ("g_s.3", narrow_s)]
    return [
        _residual("g_a.1", narrow_a, "g_a.0", "g_a.2"),
        _residual("g_a.3", wide_a, "g_a.2", "g_a.4", "detector.layers.0"),
        _residual("g_s.1", wide_s, "g_s.0", "g_s.2.0"),
        _residual("g_s.3", narrow_s, "g_s.2.0", "g_s.4"),
        *(stream for stage, depth in stages for stream in _block_streams(stage, depth)),
        *(
            Stream((f"{part}.layers.{i}",), (f"{part}.layers.{i + 2}",))
            for part in ("h_a", "detector")
            for i in range(0, len(list(codec.get_submodule(f"{part}.layers").children())) - 1, 2)
        ),
    ]


STREAMS: dict[type[nn.Module], Callable[..., list[Stream]]] = {EdgeCodec: _edge_streams}


def equalised(net: nn.Module, run: Callable[[nn.Module], None], strength: float) -> nn.Module:
    """A copy of the net that computes the same with evened channels.

    Args:
        net: in float; nets that STREAMS does not know are copied as they are.
        run: runs a net over the calibration set.
        strength: 0 changes nothing, 1 gives all channels of a stream the same range.
    """
    made = copy.deepcopy(net)
    streams = next((STREAMS[kind](made) for kind in STREAMS if isinstance(made, kind)), [])
    if strength == 0 or not streams:
        return made
    layers = {layer.name: layer for layer in find_layers(made)}
    taking = [layers[name] for stream in streams for name in stream.takers]
    extents = _extents(taking, lambda: run(made))
    with torch.no_grad():
        for stream in streams:
            factor = _factor([extents[name] for name in stream.takers], strength)
            for name in stream.makers:
                _divide_outputs(layers[name], factor)
            for name in stream.takers:
                _multiply_inputs(layers[name], factor)
    return made


def _extents(layers: list[Layer], run: Run) -> dict[str, Tensor]:
    """Largest magnitude of each input channel, by layer."""
    found: dict[str, Tensor] = {}

    def visit(layer: Layer, x: Tensor) -> None:
        largest = x.abs().amax((0, 2, 3))
        found[layer.name] = torch.maximum(found.get(layer.name, largest), largest)

    with watch_inputs(layers, visit):
        run()
    return found


def _factor(extents: list[Tensor], strength: float) -> Tensor:
    """What each channel is divided by, (C,), 1 in the geometric mean."""
    loud = [extent / extent.max().clamp(min=1e-30) for extent in extents]
    # Tensors of one stream differ in loudness; each has a step of its own.
    extent = torch.stack(loud).amax(0).clamp(min=QUIETEST)
    factor: Tensor = (extent / extent.log().mean().exp()) ** strength
    return factor


def _divide_outputs(layer: Layer, factor: Tensor) -> None:
    # A pixel shuffle makes one channel of several.
    rows = factor.repeat_interleave(len(layer.weight) // len(factor))
    layer.weight.div_(rows[:, None, None, None])
    if layer.bias_key is not None:
        layer.module.get_parameter("bias").div_(rows)


def _multiply_inputs(layer: Layer, factor: Tensor) -> None:
    depthwise = layer.weight.shape[1] != len(factor)  # then a row is a channel
    layer.weight.mul_(factor[:, None, None, None] if depthwise else factor[None, :, None, None])

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

import torch
from torch import Tensor, nn

from tcsdk.quant.calibrate.calibration import Run, watch_inputs
from tcsdk.quant.nets.layers import Layer, find_layers
from tcsdk.quant.nets.table import rules_of

# Channels quieter than this share of the loudest are not amplified further.
QUIETEST = 1 / 64


def equalised(net: nn.Module, run: Callable[[nn.Module], None], strength: float) -> nn.Module:
    """A copy of the net that computes the same with evened channels.

    Args:
        net: in float; nets whose rules name no streams are copied as they are.
        run: runs a net over the calibration set.
        strength: 0 changes nothing, 1 gives all channels of a stream the same range.
    """
    made = copy.deepcopy(net)
    rules = rules_of(made).integers
    streams = [] if rules is None else rules.streams(made)
    if strength == 0 or not streams:
        return made
    layers = {layer.name: layer for layer in find_layers(made)}
    taking = [layers[name] for stream in streams for name in stream.takers]
    peaks = _peaks(taking, lambda: run(made))
    with torch.no_grad():
        for stream in streams:
            factor = _factor([peaks[name] for name in stream.takers], strength)
            for name in stream.makers:
                _divide_outputs(layers[name], factor)
            for name in stream.takers:
                _multiply_inputs(layers[name], factor)
    return made


def _peaks(layers: list[Layer], run: Run) -> dict[str, Tensor]:
    """Largest magnitude of each input channel, by layer."""
    found: dict[str, Tensor] = {}

    def visit(layer: Layer, x: Tensor) -> None:
        largest = x.abs().amax((0, 2, 3))
        found[layer.name] = torch.maximum(found.get(layer.name, largest), largest)

    with watch_inputs(layers, visit):
        run()
    return found


def _factor(peaks: list[Tensor], strength: float) -> Tensor:
    """What each channel is divided by, (C,), 1 in the geometric mean."""
    loud = [peak / peak.max().clamp(min=1e-30) for peak in peaks]
    # Tensors of one stream differ in loudness; each has a step of its own.
    even = torch.stack(loud).amax(0).clamp(min=QUIETEST)
    factor: Tensor = (even / even.log().mean().exp()) ** strength
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

"""Weights of some layer types on grids of some bits, as the OCR-SR paper's Table 2 has them.

No calibration, no correction, activations in float: what a clipping method does by itself, to be
measured at every width. What ships is made by `tcsdk.quant.quantize`.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from tcsdk.quant.integers.weights import quantise_weight
from tcsdk.quant.nets.layers import TYPES, Layer, find_layers

FLOAT_BITS = 32  # of a parameter that stays as it is, as the paper counts


@dataclass(frozen=True)
class ByType:
    """A net some of whose weights are on grids.

    Attributes:
        net: computes with them, in torch.
        quantised: parameters on grids.
        bits: of all parameters: each quantised one's, 32 of each other.
    """

    net: nn.Module
    quantised: int
    bits: int

    @property
    def megabits(self) -> float:
        """What the paper calls MB."""
        return self.bits / 1e6


def quantise_types(
    net: nn.Module,
    bits: int,
    types: tuple[str, ...] = tuple(TYPES),
    clip: str = "aciq",
    steps: Literal["channel", "tensor"] = "channel",
) -> ByType:
    """Round the weights of some layer types of a net.

    Args:
        net: trained; it is left as it is.
        bits: 2 to 8.
        types: "conv", "linear", "attention", "ffn", "stn": keys of `TYPES`. Those that the net
            lacks are passed over, if it has one of them.
        clip: "aciq", "minmax" or another key of tcsdk.quant.clip.clipping.METHODS.
        steps: a step for each output channel, or, as the paper's, one for a tensor.

    Raises:
        ValueError: bits outside 2..8, an unknown type or method, or a net without such layers.
    """
    made = copy.deepcopy(net).eval()
    layers = find_layers(made, types)
    with torch.no_grad():
        for layer in layers:
            _round(layer, bits, clip, steps)
    quantised = sum(layer.weight.numel() for layer in layers)
    rest = sum(parameter.numel() for parameter in made.parameters()) - quantised
    return ByType(made, quantised, bits * quantised + FLOAT_BITS * rest)


def _round(layer: Layer, bits: int, clip: str, steps: str) -> None:
    weight = layer.weight
    if steps == "channel":
        weight.copy_(quantise_weight(weight, layer.axis, bits, clip).dequantise())
    else:
        row = quantise_weight(weight.reshape(1, -1), 0, bits, clip).dequantise()
        weight.copy_(row.reshape(weight.shape))

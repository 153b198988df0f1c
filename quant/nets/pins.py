"""Layers whose precision is not free, per net: what the design fixes, with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from torch import nn

from tcsdk.models.codecs.edge import EdgeCodec
from tcsdk.quant.clip.extent import Norm
from tcsdk.quant.nets.layers import Layer

# Layers at the borders, whose output is y or z or whose input is y_hat: 1x1, next to no time. Their
# arithmetic is float, with 8-bit weights.
FLOAT_LAYERS = ("means.", "g_a.4.", "h_a.layers.4.", "g_s.0.")


@dataclass(frozen=True)
class Pin:
    """A rule for the layers whose names begin with `prefix`.

    Attributes:
        prefix: beginning of the layer's name, dot included.
        bits: of the weights, whatever is asked for; None for as many as are asked for.
        clip: the clipping method of the weights; None for the one asked for.
        float_input: whether the layer's input stays float.
        corrected: whether rounding and biases may be corrected.
        reason: as the report gives it.
    """

    prefix: str
    bits: int | None
    clip: str | None
    float_input: bool
    corrected: bool
    reason: str


def _latent(prefix: str) -> Pin:
    return Pin(prefix, 8, None, True, True, "at a latent: float arithmetic, 8-bit weights")


PINS: dict[type[nn.Module], tuple[Pin, ...]] = {
    EdgeCodec: (
        # The very grid of tcsdk.export.graphs.float_graphs.round_weights.
        Pin("means.", 8, "minmax", True, False, "one set of int8 weights in every variant"),
        Pin("scales.", 8, "minmax", True, False, "runs in integers, from the entropy bundle"),
        Pin("detector.", 8, None, False, True, "the objective does not see it"),
        _latent("g_a.4."),
        _latent("h_a.layers.4."),
        Pin("h_a.", None, None, True, True, "a hundredth of the time: float arithmetic"),
        _latent("g_s.0."),
    )
}
# Layers that take and that make pictures: uint8 holds those as they are, so nothing is rounded.
PICTURES: dict[type[nn.Module], tuple[str, str]] = {EdgeCodec: ("g_a.0", "g_s.4")}
# Layers whose outputs are terms of sums, so that no taker's grid is theirs. An integer convolution
# rounds what it puts out.
# Each channel has a grid of its own, but where a pixel shuffle comes between.
ROUNDED_OUTPUTS: dict[type[nn.Module], dict[str, Norm]] = {
    EdgeCodec: {r"g_a\.[02]|g_[as]\.[13]\.\d+\.project": Norm.RANGE, r"g_s\.2\.0": Norm.NONE}
}


def pin_of(net: nn.Module, name: str) -> Pin | None:
    """The rule for a layer of this net, if there is one."""
    rules = next((PINS[kind] for kind in PINS if isinstance(net, kind)), ())
    return next((pin for pin in rules if f"{name}.".startswith(pin.prefix)), None)


def picture_layers(net: nn.Module) -> tuple[str, str] | None:
    """Names of the layers that take and that make pictures, where that is known."""
    return next((names for kind, names in PICTURES.items() if isinstance(net, kind)), None)


def rounded_outputs(net: nn.Module, layers: Iterable[Layer]) -> dict[str, tuple[Layer, Norm]]:
    """Layers whose outputs have grids of their own, by name."""
    patterns = next((p for kind, p in ROUNDED_OUTPUTS.items() if isinstance(net, kind)), {})
    return {
        layer.name: (layer, norm)
        for layer in layers
        for pattern, norm in patterns.items()
        if re.fullmatch(pattern, layer.name)
    }

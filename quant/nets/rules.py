"""What quantisation has to be told of a net: one object per net, in a file of its name beside this.

Nets that say nothing are quantised layer by layer alike; but no model folder gets integer forms of
a net without rules (`tcsdk.quant.nets.table`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tcsdk.quant.clip.histogram import Norm
from tcsdk.quant.nets.layers import Layer


@dataclass(frozen=True)
class Rule:
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


@dataclass(frozen=True)
class Stream:
    """Channels that several layers make and several take, all scaled alike by equalisation.

    Attributes:
        makers: names of layers whose outputs are these channels, or are shuffled into them.
        takers: names of layers whose inputs they are, and nothing else's.
    """

    makers: tuple[str, ...]
    takers: tuple[str, ...]


@dataclass(frozen=True)
class IntegerRules:
    """How a net is written in integers.

    Attributes:
        rules: of layers whose precision is not free; the first that fits is a layer's.
        pictures: names of the layers that take and that make pictures, which are uint8 as they
            are; None where there are none.
        rounded_outputs: pattern of names -> what channels are brought to, of layers whose outputs
            are terms of sums, so that no taker's grid is theirs: an integer convolution rounds what
            it puts out.
        streams: the channels of a net that may be scaled.
        floats: beginnings of names, dots included, of layers that stay as they are, weights too.
        rectified: names of layers of rounded outputs that a ReLU follows: what is below zero needs
            no grid.
    """

    rules: tuple[Rule, ...] = ()
    pictures: tuple[str, str] | None = None
    rounded_outputs: Mapping[str, Norm] = field(default_factory=dict)
    streams: Callable[[Any], list[Stream]] = lambda net: []
    rectified: tuple[str, ...] = ()
    floats: tuple[str, ...] = ()

    def rule_of(self, name: str) -> Rule | None:
        """The rule of a layer, if there is one."""
        return next((rule for rule in self.rules if f"{name}.".startswith(rule.prefix)), None)

    def rounded(self, layers: Iterable[Layer]) -> dict[str, tuple[Layer, Norm]]:
        """Layers whose outputs have grids of their own, by name."""
        return {
            layer.name: (layer, norm)
            for layer in layers
            for pattern, norm in self.rounded_outputs.items()
            if re.fullmatch(pattern, layer.name)
        }


@dataclass(frozen=True)
class NetRules:
    """What there is to know of a net.

    Attributes:
        float_layers: beginnings of names, dots included, of the layers at the latents (their output
            is y or z, or their input is y_hat) or that make a reader's logits. They compute in
            float32 where others have 16 bits.
        integers: how it is written in integers; None where that is not known.
    """

    float_layers: tuple[str, ...] = ()
    integers: IntegerRules | None = None

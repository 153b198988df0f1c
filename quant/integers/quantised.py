"""The result of quantisation and the hand-over to export: integers, steps, ranges, and the rest."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from torch import Tensor, nn

from tcsdk.quant.integers.activations import ActivationRange
from tcsdk.quant.integers.weights import QuantisedWeight


@dataclass(frozen=True)
class Quantised:
    """A quantised net, apart from its architecture.

    Attributes:
        weights: by their names in the net's state_dict.
        inputs: range of what flows into a module, by the module's name; layers that are not
            listed take their input in float.
        rest: every other tensor of the state_dict, float32, corrected biases among them.
        outputs: range of what flows out of a module that no single layer takes: terms of sums.
    """

    weights: dict[str, QuantisedWeight]
    inputs: dict[str, ActivationRange]
    rest: dict[str, Tensor]
    outputs: dict[str, ActivationRange] = field(default_factory=dict)

    def apply(self, net: nn.Module) -> nn.Module:
        """A copy of the net that computes with these weights and rounds these inputs.

        Args:
            net: of the same architecture; it is left as it is.
        """
        simulated = copy.deepcopy(net)
        simulated.load_state_dict(self.state())
        for name, range_ in self.inputs.items():
            simulated.get_submodule(name).register_forward_pre_hook(_rounding(range_))
        for name, range_ in self.outputs.items():
            simulated.get_submodule(name).register_forward_hook(_rounding_output(range_))
        return simulated.eval()

    def state(self) -> dict[str, Tensor]:
        """The net's state_dict, weights dequantised."""
        weights = {name: weight.dequantise() for name, weight in self.weights.items()}
        return {**self.rest, **weights}

    @property
    def packed_bytes(self) -> int:
        """Bytes of the packed weights, a step per channel in FP16, and the rest in FP16."""
        total = sum(2 * tensor.numel() for tensor in self.rest.values())
        for weight in self.weights.values():
            per_channel = weight.integers.shape[1]
            mixed = len(weight.bits) if len(np.unique(weight.bits)) > 1 else 1
            total += -(-int(weight.bits.sum()) * per_channel // 8) + 2 * len(weight.step) + mixed
        return total


def _rounding(
    range_: ActivationRange,
) -> Callable[[nn.Module, tuple[Tensor, ...]], tuple[Tensor, ...]]:
    def call(module: nn.Module, arguments: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return tuple(range_.apply(x) if x.is_floating_point() else x for x in arguments)

    return call


def _rounding_output(
    range_: ActivationRange,
) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], Tensor]:
    def call(module: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> Tensor:
        return range_.apply(output)

    return call

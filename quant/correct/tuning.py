"""Tuning by gradient: steps, biases and integers move until the net does what the float one does.

The loss is the objective's; integers pass their gradient straight through the rounding (as in LSQ,
arXiv:1902.08153).
"""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from tcsdk.models.codecs.likelihood import round_ste
from tcsdk.quant.grid import Reals
from tcsdk.quant.integers.quantised import Quantised
from tcsdk.quant.integers.weights import QuantisedWeight, limits_of
from tcsdk.quant.judge.objectives import Objective
from tcsdk.quant.nets.layers import Layer

STEPS = 400
# Adam's, of the logarithm of steps and of biases in units of their layer's.
RATE = 2e-3
INTEGER_RATE = 1e-2  # Adam's, in steps of the grid: half of one turns an integer


# Depthwise layers have twice the speed in this format, and weights hand it on to what they make.
_FORMAT = torch.channels_last


def _to_format(net: nn.Module) -> nn.Module:
    moved: nn.Module = net.to(memory_format=_FORMAT)  # type: ignore[call-overload]
    return moved


class _TunedWeight:
    """The trainable form of a quantised weight."""

    def __init__(self, weight: QuantisedWeight) -> None:
        self._weight = weight
        shape = [1] * len(weight.shape)
        shape[weight.axis] = -1
        unit = weight.with_step(np.ones(len(weight.step)))
        whole = unit.dequantise()
        self._integers = whole.contiguous(memory_format=_FORMAT) if whole.dim() == 4 else whole
        self._step = torch.from_numpy(weight.step.copy()).reshape(shape)
        self._limit = torch.from_numpy(limits_of(weight.bits)).float().reshape(shape)
        self.log_step = torch.zeros_like(self._step, requires_grad=True)
        self.offset = torch.zeros_like(self._integers, requires_grad=True)

    def _moved(self) -> Tensor:
        moved = round_ste(self._integers + self.offset)
        return torch.minimum(torch.maximum(moved, -self._limit), self._limit)

    def value(self) -> Tensor:
        """What the net computes with, a function of the parameters."""
        return self._moved() * (self._step * self.log_step.exp())

    def result(self) -> QuantisedWeight:
        """The integers and steps learnt."""
        weight = self._weight
        rows = self._moved().movedim(weight.axis, 0).reshape(len(weight.step), -1)
        step = weight.step.astype("float64") * self.log_step.double().exp().flatten().numpy()
        return replace(weight, integers=rows.numpy().astype("int8")).with_step(step)


class _Tuned:
    """The trainable form of a quantised net, whose parts can be run."""

    def __init__(self, quantised: Quantised, net: nn.Module, layers: list[Layer]) -> None:
        self._quantised = quantised
        self._simulated = quantised.apply(net).requires_grad_(False)
        _to_format(self._simulated)
        self._weights = {layer.key: _TunedWeight(quantised.weights[layer.key]) for layer in layers}
        self._shifts = {
            layer.bias_key: torch.zeros_like(quantised.rest[layer.bias_key], requires_grad=True)
            for layer in layers
            if layer.bias_key is not None
        }
        self._unit = {
            name: float(quantised.rest[name].square().mean().sqrt().clamp(min=1e-3))
            for name in self._shifts
        }
        self._state: dict[str, Tensor] = {}
        self.update()

    def optimiser(self) -> torch.optim.Adam:
        """Over all parameters, each group at its peak rate."""
        steps = [weight.log_step for weight in self._weights.values()]
        offsets = [weight.offset for weight in self._weights.values()]
        return torch.optim.Adam(
            [
                {"params": [*steps, *self._shifts.values()], "lr": RATE},
                {"params": offsets, "lr": INTEGER_RATE},
            ]
        )

    def update(self) -> None:
        """Compute anew, from the parameters, what differs from the net."""
        weights = {key: weight.value() for key, weight in self._weights.items()}
        self._state = {**weights, **{name: self._bias(name) for name in self._shifts}}

    def part(self, name: str, *inputs: Tensor) -> Tensor:
        """Run a module of the net, "" for all of it."""
        prefix = f"{name}." if name else ""
        state = {
            key.removeprefix(prefix): value
            for key, value in self._state.items()
            if key.startswith(prefix)
        }
        output: Tensor = functional_call(self._simulated.get_submodule(name), state, inputs)
        return output

    def _bias(self, name: str) -> Tensor:
        return self._quantised.rest[name] + self._unit[name] * self._shifts[name]

    def result(self) -> Quantised:
        """The quantised net with what was learnt."""
        with torch.no_grad():
            weights = {key: weight.result() for key, weight in self._weights.items()}
            biases = {name: self._bias(name) for name in self._shifts}
        return replace(
            self._quantised,
            weights={**self._quantised.weights, **weights},
            rest={**self._quantised.rest, **biases},
        )


def tune(
    quantised: Quantised,
    net: nn.Module,
    layers: list[Layer],
    objective: Objective,
    reference: Reals,
    steps: int = STEPS,
) -> Quantised:
    """Minimise the objective's training loss; the better of before and after is kept.

    Args:
        quantised: where to start.
        net: the float net.
        layers: what may change.
        objective: with a training loss; without one nothing changes.
        reference: the float net's scores on the calibration samples.
        steps: of Adam, with a cosine from the peak rates to zero.
    """
    net = _to_format(copy.deepcopy(net))
    tuned = _Tuned(quantised, net, layers)
    optimiser = tuned.optimiser()
    cosine = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps))
    )
    for step in range(steps):
        tuned.update()
        loss = objective.training_loss(tuned.part, net, step)
        if loss is None:
            return quantised
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        cosine.step()
    better = tuned.result()
    before, after = (
        objective.loss(reference, objective.measure(q.apply(net), "calibration"))
        for q in (quantised, better)
    )
    return better if after < before else quantised

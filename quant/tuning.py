"""Tuning by the objective's gradient: steps and biases move, and integers where that is asked for.

For a codec this is what makes calibration aware of the rate: an error of the latent costs bits as
well as distortion (as in RDO-PTQ, arXiv:2211.02854, whose loss is the same sum). Integers pass
their gradient straight through the rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from tcsdk.models.likelihood import round_ste

from .grid import Reals
from .layers import Layer
from .objectives import Objective
from .quantised import Quantised
from .weights import QuantisedWeight, limits_of

STEPS = 120
# Adam's, of the logarithm of steps and of biases in units of their layer's.
RATE = 2e-3
INTEGER_RATE = 4e-3  # Adam's, in steps of the grid: half of one turns an integer
COMPARED = 16  # batches, no step's, that before and after are compared on


def _channels_last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else x


class _TunedWeight:
    """The trainable form of a quantised weight."""

    def __init__(self, weight: QuantisedWeight, integers: bool) -> None:
        self._weight = weight
        shape = [1] * len(weight.shape)
        shape[weight.axis] = -1
        unit = weight.with_step(np.ones(len(weight.step)))
        # Depthwise layers have twice the speed in this format.
        self._integers = _channels_last(unit.dequantise())
        self._step = torch.from_numpy(weight.step.copy()).reshape(shape)
        self._limit = torch.from_numpy(limits_of(weight.bits)).float().reshape(shape)
        self.log_step = torch.zeros_like(self._step, requires_grad=True)
        self.offset = torch.zeros_like(self._integers, requires_grad=True) if integers else None

    def _moved(self) -> Tensor:
        if self.offset is None:
            return self._integers
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
    """The trainable form of a quantised net."""

    def __init__(self, quantised: Quantised, layers: list[Layer], integers: bool) -> None:
        self._quantised = quantised
        self._weights = {
            layer.key: _TunedWeight(quantised.weights[layer.key], integers) for layer in layers
        }
        self._shifts = {
            layer.bias_key: torch.zeros_like(quantised.rest[layer.bias_key], requires_grad=True)
            for layer in layers
            if layer.bias_key is not None
        }
        self._unit = {
            name: float(quantised.rest[name].square().mean().sqrt().clamp(min=1e-3))
            for name in self._shifts
        }

    def optimiser(self) -> torch.optim.Adam:
        """Over all parameters, each group at its peak rate."""
        steps = [weight.log_step for weight in self._weights.values()]
        offsets = [w.offset for w in self._weights.values() if w.offset is not None]
        groups = [{"params": [*steps, *self._shifts.values()], "lr": RATE}]
        if offsets:
            groups.append({"params": offsets, "lr": INTEGER_RATE})
        return torch.optim.Adam(groups)

    def state(self) -> dict[str, Tensor]:
        """What differs from the net, as functions of the parameters."""
        weights = {key: weight.value() for key, weight in self._weights.items()}
        return {**weights, **{name: self._bias(name) for name in self._shifts}}

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
    quantised: Quantised, net: nn.Module, layers: list[Layer], objective: Objective,
    reference: Reals, steps: int = STEPS, integers: bool = False,
) -> Quantised:  # fmt: skip
    """Minimise the objective's training loss; the better of before and after is kept.

    Args:
        quantised: where to start.
        net: the float net.
        layers: what may change.
        objective: with a gradient; without one nothing changes.
        reference: the float net's scores on the calibration samples.
        steps: of Adam, with a cosine from the peak rates to zero.
        integers: whether they move as well as steps and biases.
    """
    simulated = quantised.apply(net).requires_grad_(False)
    tuned = _Tuned(quantised, layers, integers)
    optimiser = tuned.optimiser()
    cosine = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps))
    )

    def call(*arguments: Tensor) -> Tensor:
        output: Tensor = functional_call(simulated, tuned.state(), arguments)
        return output

    for step in range(steps):
        loss = objective.training_loss(call, reference, step)
        if loss is None:
            return quantised
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        cosine.step()
    better = tuned.result()
    before, after = (_mean_loss(q.apply(net), objective, reference) for q in (quantised, better))
    return better if after < before else quantised


def _mean_loss(net: Callable[..., Tensor], objective: Objective, reference: Reals) -> float:
    """Over the batches that no step saw: those numbered below zero."""
    with torch.no_grad():
        losses = [objective.training_loss(net, reference, -1 - i) for i in range(COMPARED)]
    return float(torch.stack([loss for loss in losses if loss is not None]).mean())

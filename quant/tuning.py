"""Tuning by the objective's gradient: steps and biases move, integers stay.

For a codec this is what makes calibration aware of the rate: an error of the latent costs bits as
well as distortion (as in RDO-PTQ, arXiv:2211.02854, whose loss is the same sum).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.func import functional_call

from .grid import Reals
from .layers import Layer
from .objectives import Objective
from .quantised import Quantised

STEPS = 120
RATE = 2e-3  # Adam's, of the logarithm of steps and of biases in units of their layer's


class _Tuned:
    """The trainable form of a quantised net."""

    def __init__(self, quantised: Quantised, layers: list[Layer]) -> None:
        self._quantised, self._layers = quantised, layers
        self._plain = {layer.key: quantised.weights[layer.key].dequantise() for layer in layers}
        self.log_steps = {
            layer.key: torch.zeros(len(quantised.weights[layer.key].step), requires_grad=True)
            for layer in layers
        }
        self.shifts = {
            layer.bias_key: torch.zeros_like(quantised.rest[layer.bias_key], requires_grad=True)
            for layer in layers
            if layer.bias_key is not None
        }
        self._unit = {
            name: float(quantised.rest[name].square().mean().sqrt().clamp(min=1e-3))
            for name in self.shifts
        }

    def parameters(self) -> list[Tensor]:
        return [*self.log_steps.values(), *self.shifts.values()]

    def state(self) -> dict[str, Tensor]:
        """What differs from the net, as functions of the parameters."""
        state = {name: self._bias(name) for name in self.shifts}
        for layer in self._layers:
            shape = [1] * self._plain[layer.key].dim()
            shape[layer.axis] = -1
            factor = self.log_steps[layer.key].exp().reshape(shape)
            state[layer.key] = self._plain[layer.key] * factor
        return state

    def _bias(self, name: str) -> Tensor:
        return self._quantised.rest[name] + self._unit[name] * self.shifts[name]

    def result(self) -> Quantised:
        """The quantised net with what was learnt."""
        with torch.no_grad():
            weights = dict(self._quantised.weights)
            for key, log_step in self.log_steps.items():
                step = weights[key].step.astype("float64") * log_step.double().exp().numpy()
                weights[key] = weights[key].with_step(step)
            rest = {**self._quantised.rest, **{n: self._bias(n).detach() for n in self.shifts}}
        return replace(self._quantised, weights=weights, rest=rest)


def tune(
    quantised: Quantised, net: nn.Module, layers: list[Layer], objective: Objective,
    reference: Reals, steps: int = STEPS,
) -> Quantised:  # fmt: skip
    """Minimise the objective over steps and biases; the better of before and after is kept.

    Args:
        quantised: where to start.
        net: the float net.
        layers: what may change.
        objective: with a gradient; without one nothing changes.
        reference: the float net's scores on the calibration samples.
        steps: of Adam, with a cosine from RATE to zero.
    """
    simulated = quantised.apply(net).requires_grad_(False)
    tuned = _Tuned(quantised, layers)
    optimiser = torch.optim.Adam(tuned.parameters(), RATE)
    call = _with_state(simulated, tuned)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * 0.5 * (1 + math.cos(math.pi * step / steps))
        loss = objective.training_loss(call, reference, step)
        if loss is None:
            return quantised
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    better = tuned.result()
    before, after = (
        objective.loss(reference, objective.measure(q.apply(net), "calibration"))
        for q in (quantised, better)
    )
    return better if after < before else quantised


def _with_state(simulated: nn.Module, tuned: _Tuned) -> Callable[..., Tensor]:
    def call(*arguments: Tensor) -> Tensor:
        output: Tensor = functional_call(simulated, tuned.state(), arguments)
        return output

    return call

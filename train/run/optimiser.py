"""The optimiser: Muon for the matrices of convolutions, Adam for everything else.

Muon (Jordan et al. 2024) replaces a matrix's momentum by its nearest orthogonal matrix. On the edge
net its loss is 2 to 5 % lower over 300 equal batches: docs/decisions/muon.md.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

State = dict[str, Any]

# Torch's default of 5 takes a third of a training step on two cores. Singular values of such small
# matrices lie around 0.07 of their norm, and three steps amplify up to 40 times.
NEWTON_SCHULZ_STEPS = 3


MIXERS = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)


def matrices_of(net: nn.Module) -> list[nn.Parameter]:
    """Weights of convolutions and linear layers that mix channels, in the order of parameters."""
    layers = (layer for layer in net.modules() if isinstance(layer, MIXERS))
    return [layer.weight for layer in layers if layer.weight.shape[1] > 1]


def as_matrix(weight: Tensor) -> Tensor:
    """A view (C_out, k * k * C_in) of (C_out, C_in, k, k) in channels-last memory.

    A transposed convolution has C_in and C_out the other way round; a linear layer is a matrix.
    """
    return weight.permute(0, 2, 3, 1).flatten(1) if weight.ndim == 4 else weight


def rate_factors(net: nn.Module) -> dict[int, float]:
    """Return the share of the rate at which parameters learn, by their id, where it is not 1.

    A module says it by an attribute `rate_factor`, for all that it holds.
    """
    slower = (m for m in net.modules() if hasattr(m, "rate_factor"))
    return {id(p): float(m.rate_factor) for m in slower for p in m.parameters()}


def _groups(values: list[nn.Parameter], factors: list[float]) -> list[dict[str, Any]]:
    """Gather parameters of like factor, in the order of their first one."""
    pairs = list(zip(values, factors, strict=True))
    return [
        {"params": [value for value, own in pairs if own == factor], "factor": factor}
        for factor in dict.fromkeys(factors)
    ]


class Optimiser:
    """Steps a net's parameters; the net must lie in channels-last memory on its final device.

    Args:
        net: the net to train.
        rate: learning rate of both parts (Muon's updates are scaled to Adam's size).
    """

    def __init__(self, net: nn.Module, rate: float) -> None:
        self._weights = matrices_of(net)
        mixing = {id(weight) for weight in self._weights}
        slower = rate_factors(net)
        others = [p for p in net.parameters() if id(p) not in mixing]
        self._matrices = [nn.Parameter(as_matrix(p.data)) for p in self._weights]
        for matrix, weight in zip(self._matrices, self._weights, strict=True):
            if matrix.data_ptr() != weight.data_ptr():
                raise ValueError("expected a net in torch.channels_last memory format")
        self._parts = {
            "muon": torch.optim.Muon(
                _groups(self._matrices, [slower.get(id(p), 1.0) for p in self._weights]),
                lr=rate,
                weight_decay=0.0,
                adjust_lr_fn="match_rms_adamw",
                ns_steps=NEWTON_SCHULZ_STEPS,
            ),
            "adam": torch.optim.Adam(
                _groups(others, [slower.get(id(p), 1.0) for p in others]), lr=rate
            ),
        }

    def step(self, rate: float) -> None:
        """Apply the gradients at this learning rate, and clear them."""
        for matrix, weight in zip(self._matrices, self._weights, strict=True):
            matrix.grad = None if weight.grad is None else as_matrix(weight.grad)
            weight.grad = None
        for part in self._parts.values():
            for group in part.param_groups:
                group["lr"] = rate * group["factor"]
            part.step()
            part.zero_grad(set_to_none=True)

    def state(self) -> dict[str, State]:
        """State of each part by its name, for one file each."""
        return {name: part.state_dict() for name, part in self._parts.items()}

    def load(self, state: dict[str, State]) -> None:
        """Restore what `state` gave."""
        for name, part in self._parts.items():
            factors = [group["factor"] for group in part.param_groups]
            part.load_state_dict(state[name])
            for group, factor in zip(part.param_groups, factors, strict=True):
                group["factor"] = factor  # states of before there were factors have none

    @staticmethod
    def names() -> tuple[str, ...]:
        """Names of the parts."""
        return ("muon", "adam")

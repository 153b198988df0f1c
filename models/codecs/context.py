"""Where the means of y come from: z, and for nets with a context what is decoded before.

Scales come from z alone in every net, so a decoder has all of r before it asks for a mean: a
context costs no pass through the entropy coder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from torch import Tensor

# mu (N, m, h, w) of a group of channels, and where these lie in y -> that group of y as a decoder
# has it where these are the means, of the same shape.
Decoded = Callable[[Tensor, slice], Tensor]


class Means(NamedTuple):
    """What is predicted of y, (N, M, h, w) each.

    Attributes:
        mu: what r is relative to.
        refined: the same, with what is predicted of r's rounding: a decoder adds r to this.
    """

    mu: Tensor
    refined: Tensor


class Context(Protocol):
    """Predicts y."""

    def __call__(self, z: Tensor, decoded: Decoded) -> Means:
        """Return means (N, M, h, w).

        Args:
            z: (N, C_z, h/4, w/4), dequantised.
            decoded: gives y_hat for means. A context that goes over groups of elements asks it
                once per step of a group, and looks at none but those whose means are final.
        """
        ...


class HyperContext:
    """No context: the means are a function of z alone.

    Args:
        network: dequantised z (N, C_z, h/4, w/4) -> mu (N, M, h, w).
    """

    def __init__(self, network: Callable[[Tensor], Tensor]) -> None:
        self._network = network

    def __call__(self, z: Tensor, decoded: Decoded) -> Means:
        """Return means (N, M, h, w) of dequantised z."""
        mu = self._network(z).float()
        return Means(mu, mu)

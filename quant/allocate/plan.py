"""From what is asked for (bits, a size, a loss) to the bits of every layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcsdk.quant.allocate.allocation import Sensitivity, channel_bits, descend, within_bits
from tcsdk.quant.grid import MAX_BITS, MIN_BITS, check_bits
from tcsdk.quant.integers.weights import to_rows
from tcsdk.quant.nets.layers import Layer

# By layer name: bits of the whole layer, or (C,) of each channel.
Plan = Mapping[str, "int | NDArray[np.uint8]"]


@dataclass(frozen=True)
class Request:
    """What is asked for: exactly one of the three.

    Attributes:
        bits: of a weight, on average.
        max_mb: packed parameters, in units of 1,000,000 bytes.
        max_loss: in the objective's unit.
    """

    bits: int | None = None
    max_mb: float | None = None
    max_loss: float | None = None

    def __post_init__(self) -> None:
        given = [n for n in ("bits", "max_mb", "max_loss") if getattr(self, n) is not None]
        if len(given) != 1:
            raise ValueError(
                f"expected one of bits, max_mb and max_loss, got {', '.join(given) or 'none'}"
            )
        if self.bits is not None:
            check_bits(self.bits)
        for name in ("max_mb", "max_loss"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"expected {name} above zero, got {value}")

    def __str__(self) -> str:
        if self.bits is not None:
            return f"{self.bits} bits"
        return f"at most {self.max_mb} MB" if self.max_mb else f"a loss of at most {self.max_loss}"


def uniform(layers: list[Layer], bits: int, sensitivity: Callable[[], Sensitivity]) -> Plan:
    """The same bits everywhere."""
    return {layer.name: bits for layer in layers}


def by_channel(layers: list[Layer], bits: int, sensitivity: Callable[[], Sensitivity]) -> Plan:
    """The same bits for every layer, shared out among its channels by their spread."""
    return {
        layer.name: channel_bits(
            np.sqrt(np.square(to_rows(layer.weight, layer.axis)).mean(1)), bits
        )
        for layer in layers
    }


def by_layer(layers: list[Layer], bits: int, sensitivity: Callable[[], Sensitivity]) -> Plan:
    """The bits on average, shared out among layers by what they are seen to cost."""
    if bits == MAX_BITS:
        return uniform(layers, bits, sensitivity)
    parameters = {layer.name: layer.weight.numel() for layer in layers}
    return within_bits(sensitivity(), parameters, bits * sum(parameters.values()))


ALLOCATIONS = {"uniform": uniform, "channel": by_channel, "layer": by_layer}


def check_allocation(name: str) -> None:
    """Refuse what is no allocation.

    Raises:
        ValueError: the name is unknown.
    """
    if name not in ALLOCATIONS:
        raise ValueError(f"expected an allocation of {', '.join(ALLOCATIONS)}, got {name!r}")


def within_megabytes(
    layers: list[Layer],
    max_mb: float,
    sensitivity: Callable[[], Sensitivity],
    packed_bytes: Callable[[Plan], int],
) -> Plan:
    """The best plan whose packed parameters fit.

    Args:
        layers: whose bits are free.
        max_mb: in units of 1,000,000 bytes.
        sensitivity: measures it.
        packed_bytes: of the whole net under a plan.

    Raises:
        ValueError: 2 bits everywhere are too many.
    """
    parameters = {layer.name: layer.weight.numel() for layer in layers}
    least = packed_bytes(dict.fromkeys(parameters, MIN_BITS))
    if least > max_mb * 1e6:
        raise ValueError(
            f"expected max_mb of at least {least / 1e6:.3f}, which {MIN_BITS} bits for every free "
            f"layer need, got {max_mb}"
        )
    # Each packed layer ends on a whole byte.
    spare = max_mb * 1e6 - least - len(layers)
    bits = MIN_BITS * sum(parameters.values()) + 8 * max(0.0, spare)
    return within_bits(sensitivity(), parameters, bits)


def within_loss(
    layers: list[Layer],
    max_loss: float,
    sensitivity: Callable[[], Sensitivity],
    loss: Callable[[Plan], float],
) -> Plan:
    """The smallest plan of the descent whose measured loss stays within bounds, by bisection.

    Args:
        layers: whose bits are free.
        max_loss: in the objective's unit.
        sensitivity: measures it.
        loss: of the whole net under a plan.

    Raises:
        ValueError: 8 bits everywhere lose more.
    """
    parameters = {layer.name: layer.weight.numel() for layer in layers}
    plans = list(descend(sensitivity(), parameters))
    first = loss(plans[0])
    if first > max_loss:
        raise ValueError(
            f"expected max_loss of at least {first:.4g}, which {MAX_BITS} bits for every layer "
            f"lose, got {max_loss}"
        )
    good, bad = 0, len(plans)
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if loss(plans[middle]) <= max_loss else (good, middle)
    return plans[good]

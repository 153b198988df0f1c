"""Who gets how many bits: ACIQ's rule among channels, measured sensitivity among layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from tcsdk.quant.grid import MAX_BITS, MIN_BITS, Reals, check_bits

MOST_SAVED = 16.0  # by a bit
WIDTHS = tuple(range(MIN_BITS, MAX_BITS + 1))
# Cost of each layer at each width, alone: by layer name, then bits; in units that add up.
Sensitivity = Mapping[str, Mapping[int, float]]


def channel_bits(clips: Reals, bits: int) -> NDArray[np.uint8]:
    """Bits of each channel, 2^bits of it proportional to clip^(2/3) (Banner et al., Section 4).

    The rule shares out C * 2^bits bins; after rounding no more than C * bits bits are spent.

    Args:
        clips: (C,) clipping values.
        bits: on average.

    Returns:
        (C,) uint8 in 2..8.
    """
    check_bits(bits)
    share = np.maximum(clips, 1e-30) ** (2 / 3)
    ideal = np.log2(share / share.sum() * len(clips) * 2.0**bits)
    whole = np.clip(np.rint(ideal), MIN_BITS, MAX_BITS)
    for _ in range(int(max(0, whole.sum() - len(clips) * bits))):
        excess = np.where(whole > MIN_BITS, whole - ideal, -np.inf)
        whole[excess.argmax()] -= 1
    chosen: NDArray[np.uint8] = whole.astype(np.uint8)
    return chosen


def complete(measured: Mapping[int, float]) -> dict[int, float]:
    """Losses at every width from those measured at some: log-linear between, a bit a factor of 4.

    Noise is taken out first: a loss never rises with the bits, and a bit never saves more than a
    factor of 16, or layers whose losses drown in noise would look free.

    Args:
        measured: loss by bits, two widths or more.
    """
    bits = np.array(sorted(measured), np.float64)
    loss = np.array([max(measured[int(b)], 1e-9) for b in bits])
    loss = np.log(np.maximum.accumulate(loss[::-1])[::-1])
    steepest = np.log(MOST_SAVED) * bits
    loss = np.maximum.accumulate(loss + steepest) - steepest
    found = {}
    for width in WIDTHS:
        value = float(np.interp(width, bits, loss))
        beyond = max(0.0, width - bits[-1]) - max(0.0, bits[0] - width)
        found[width] = float(np.exp(value - beyond * np.log(4.0)))
    return found


def descend(
    sensitivity: Sensitivity, parameters: Mapping[str, int], start: int = MAX_BITS
) -> Iterator[dict[str, int]]:
    """Plans of ever fewer bits, each the last with the cheapest step taken.

    A step takes one layer down to the width at which the loss per bit saved is least, so that the
    plans lie on the lower convex hull of loss over size.

    Args:
        sensitivity: loss of each layer at each width 2..8.
        parameters: weights of each layer.
        start: bits of every layer in the first plan.
    """
    plan = dict.fromkeys(sensitivity, start)
    yield dict(plan)
    while any(bits > MIN_BITS for bits in plan.values()):
        _, name, width = min(
            (_price(sensitivity[name], plan[name], width, parameters[name]), name, width)
            for name in plan
            for width in range(MIN_BITS, plan[name])
        )
        plan[name] = width
        yield dict(plan)


def _price(losses: Mapping[int, float], now: int, then: int, parameters: int) -> float:
    return (losses[then] - losses[now]) / ((now - then) * parameters)


def within_bits(
    sensitivity: Sensitivity, parameters: Mapping[str, int], bits: float
) -> dict[str, int]:
    """The best plan of at most so many bits in all.

    What the descent leaves unspent goes to the layers that gain most by a bit.

    Raises:
        ValueError: even 2 bits everywhere are too many.
    """

    def total(plan: Mapping[str, int]) -> int:
        return sum(plan[name] * parameters[name] for name in plan)

    found = next((p for p in descend(sensitivity, parameters) if total(p) <= bits), None)
    if found is None:
        least = MIN_BITS * sum(parameters[name] for name in sensitivity)
        raise ValueError(
            f"expected a budget of at least {least} bits for the free layers "
            f"({MIN_BITS} bits a weight), got {int(bits)}"
        )
    while gains := [
        (_price(sensitivity[name], found[name] + 1, found[name], parameters[name]), name)
        for name in found
        if found[name] < MAX_BITS and parameters[name] <= bits - total(found)
    ]:
        found[max(gains)[1]] += 1
    return found

"""Connectionist temporal classification: what a text costs, and its gradient.

Graves et al. 2006, "Connectionist temporal classification", section 4.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLANK = 0
_NEVER = -1e30  # logarithm of a probability of zero


def log_softmax(logits: NDArray[np.floating]) -> Floats:
    """Return the logarithms of probabilities (..., classes) of logits."""
    values = np.asarray(logits, np.float64)
    values = values - values.max(-1, keepdims=True)
    return np.asarray(values - np.log(np.exp(values).sum(-1, keepdims=True)))


def ctc_loss(
    logits: NDArray[np.floating], target: Sequence[int]
) -> tuple[float, NDArray[np.float64]]:
    """Return what a text costs in nats, and its gradient by the logits.

    Args:
        logits: (T, classes), of each step along a line.
        target: Classes of the text, none of them the blank.

    Returns:
        The cost, and (T, classes). 0 and zeros where the text does not fit into the steps.
    """
    log_p = log_softmax(logits)
    steps = len(log_p)
    states = np.full(2 * len(target) + 1, BLANK)
    states[1::2] = target
    # From a letter to the next one the blank between may be passed over, unless both are alike.
    passes = np.zeros(len(states), bool)
    passes[3::2] = states[3::2] != states[1:-2:2]
    said = log_p[:, states]
    ahead = _forward(said, passes)
    total = np.logaddexp(ahead[-1, -1], ahead[-1, -2] if len(target) else _NEVER)
    if total < _NEVER / 2:
        return 0.0, np.zeros_like(log_p)
    turned = np.zeros(len(states), bool)
    turned[2:] = passes[::-1][: len(states) - 2]
    behind = _forward(said[::-1, ::-1], turned)[::-1, ::-1]
    occupied = np.exp(ahead + behind - said - total)  # (T, states), 1 in each row
    seen = np.zeros_like(log_p)
    np.add.at(seen.T, states, occupied.T)
    assert steps == len(seen)
    return -float(total), np.exp(log_p) - seen


def _forward(said: Floats, passes: NDArray[np.bool_]) -> Floats:
    """Return log probabilities of all ways into each state at each step, (T, states)."""
    reached = np.full_like(said, _NEVER)
    reached[0, :2] = said[0, :2]
    before = np.full(said.shape[1] + 2, _NEVER)
    for step in range(1, len(said)):
        before[2:] = reached[step - 1]
        over = np.where(passes, before[:-2], _NEVER)
        ways = np.logaddexp(np.logaddexp(before[2:], before[1:-1]), over)
        reached[step] = ways + said[step]
    return reached

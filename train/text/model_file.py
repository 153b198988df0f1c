"""Write the character model as libtcs holds it (`docs/reference/format.md`, 7.4)."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from tcsdk.train.text.net import ACTIVATION_STEPS, WEIGHT_STEPS, TextNet, whole_weights

POWERS = 256
FIRMEST = 30  # a chance that was learned from more bits is as firm


def _weights(x: Tensor) -> bytes:
    whole = whole_weights(x.detach()) * WEIGHT_STEPS
    return whole.round().numpy().astype(np.int8).tobytes()


def _biases(x: Tensor, steps: int) -> bytes:
    return np.round(x.detach().numpy().astype(np.float64) * steps).astype("<i4").tobytes()


def model_bytes(net: TextNet, cases: NDArray[np.int64]) -> bytes:
    """Return the file.

    Args:
        net: the trained net.
        cases: small letters and capitals by state and style, (36, 2) int64.
    """
    shape = net.shape
    logit_steps = WEIGHT_STEPS * ACTIVATION_STEPS // 2  # the net doubles its last sum
    powers = np.minimum(np.round(2.0 ** (16 - np.arange(POWERS) / POWERS)), 65535)
    small, upper = (cases[:, n].astype(np.float64) for n in (0, 1))
    chances = np.round((upper + 1) / (small + upper + 2) * 65536)
    # How firm: what states teach carries over to pictures as far as its speakers agree.
    firmness = np.minimum((small + upper) / 50, FIRMEST)
    priors = zip(np.clip(chances, 64, 65472), firmness, strict=True)
    return b"".join(
        (
            struct.pack("<4H", shape.depth, shape.embedding, shape.first, shape.second),
            _weights(net.embedding),
            _weights(net.first),
            _weights(net.flags),
            _biases(net.first_bias, WEIGHT_STEPS**2),
            _weights(net.second),
            _biases(net.second_bias, WEIGHT_STEPS * ACTIVATION_STEPS),
            _weights(net.last),
            _biases(net.last_bias, logit_steps),
            powers.astype("<u2").tobytes(),
            *(struct.pack("<HB", int(chance), int(firm)) for chance, firm in priors),
        )
    )

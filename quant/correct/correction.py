"""Correction of what rounding shifts: per-channel spread into steps, expected output into biases.

Banner et al. 2019, Section 5, deployed as FACTS of that method ask: xi in the channel's step, the
mean through the layer's bias with the expected input.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tcsdk.quant.calibrate.patches import PatchMoments
from tcsdk.quant.grid import Reals
from tcsdk.quant.integers.weights import QuantisedWeight


def spread_ratio(rows: Reals, quantised: Reals) -> Reals:
    """Xi = ||W - EW|| / ||Wq - EWq|| of each channel, (C,); 1 where nothing is left of one.

    Args:
        rows: (C, n) weights.
        quantised: (C, n) their quantised values.
    """
    before, after = (
        np.linalg.norm(r - r.mean(1, keepdims=True), axis=1) for r in (rows, quantised)
    )
    ratio: Reals = np.divide(before, after, out=np.ones_like(before), where=after > 0)
    return ratio


def correct_spread(rows: Reals, weight: QuantisedWeight) -> QuantisedWeight:
    """Fold the spread ratio into the steps."""
    quantised = weight.integers.astype(np.float64) * weight.step[:, None]
    return weight.with_step(weight.step * spread_ratio(rows, quantised))


def output_shift(rows: Reals, weight: QuantisedWeight, moments: PatchMoments) -> Tensor:
    """What the layer's mean output loses, (C,) float32: W E[x] - Wq E[xq].

    It holds the weights' mean shift (mu of Banner et al.) and that of clipped activations.

    Args:
        rows: (C, n) weights.
        weight: the same, quantised.
        moments: of the layer's input patches.
    """
    groups, n = moments.mean.shape
    quantised = weight.integers * weight.step[:, None].astype(np.float64)
    expected = rows.reshape(groups, -1, n) @ moments.mean[:, :, None]
    got = quantised.reshape(groups, -1, n) @ moments.quantised_mean[:, :, None]
    return torch.from_numpy((expected - got).reshape(-1).astype(np.float32))

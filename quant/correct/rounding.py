"""Adaptive rounding: integers that reproduce a layer's output rather than its weights.

The objective is AdaRound's (Nagel et al. 2020), the layer's output error over calibration patches,
which is a quadratic form of the weights' error. It is minimised by cyclic coordinate descent over
the integers themselves (QuantEase, Behdin et al. 2023, arXiv:2309.01885): every update is exact,
the error never rises, and nothing depends on a learning rate. The mean of the output is left to the
bias, so that the form is the covariance of the patches.
"""

from __future__ import annotations

import numpy as np
import torch

from tcsdk.quant.calibrate.patches import PatchMoments
from tcsdk.quant.grid import Reals
from tcsdk.quant.integers.weights import QuantisedWeight, limits_of

SWEEPS = 4


def output_error(rows: Reals, weight: QuantisedWeight, moments: PatchMoments) -> float:
    """Mean squared error of the layer's output around its mean, summed over channels.

    Args:
        rows: (C, n) weights.
        weight: the same, quantised.
        moments: of the layer's input patches.
    """
    groups, n = moments.mean.shape
    error = (rows - weight.integers * weight.step[:, None].astype(np.float64)).reshape(
        groups, -1, n
    )
    return float(np.einsum("grn,grn->", error @ moments.covariance, error))


def round_adaptively(
    rows: Reals, weight: QuantisedWeight, moments: PatchMoments
) -> QuantisedWeight:
    """The same steps with better integers.

    Args:
        rows: (C, n) weights.
        weight: where to start: rounded to the nearest.
        moments: of the layer's input patches.
    """
    groups, n = moments.mean.shape
    shape = (groups, -1, n)
    target = torch.from_numpy(rows).float().reshape(shape)
    step = torch.from_numpy(weight.step).reshape(groups, -1)
    limit = torch.from_numpy(limits_of(weight.bits)).float().reshape(groups, -1)
    integers = torch.from_numpy(weight.integers.astype(np.float32)).reshape(shape).clone()
    covariance = torch.from_numpy(moments.covariance).float()
    error = target - integers * step[:, :, None]
    power = covariance.diagonal(dim1=1, dim2=2)
    # The inputs that matter most settle first.
    order = power.sum(0).argsort(descending=True).tolist()
    for _ in range(SWEEPS):
        before = integers.clone()
        for j in order:
            pull = (error @ covariance[:, :, j, None])[..., 0]
            best = integers[:, :, j] + pull / (power[:, j, None].clamp(min=1e-30) * step)
            best = torch.minimum(torch.maximum(best.round(), -limit), limit)
            integers[:, :, j] = best
            error[:, :, j] = target[:, :, j] - best * step
        if torch.equal(before, integers):
            break
    whole = integers.reshape(weight.integers.shape).to(torch.int8).numpy()
    return QuantisedWeight(whole, weight.step, weight.bits, weight.shape, weight.axis)

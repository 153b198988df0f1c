"""The rows of z_hat: a channel's distribution in each context of its neighbours, from what occurs.

Neighbouring blocks of 64 pixels resemble each other. A context is the sum of the left and the upper
neighbour in the same channel, clamped to -2..2 (docs/reference/format.md, "Which row an element of
z_hat has"): it saves an eighth of z_hat's bytes (docs/decisions/z-contexts.md).
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from tcsdk.export.entropy.tables import LIMIT, blend, hyper_row, median
from tcsdk.models.codecs.latents import Z_LIMIT
from tcsdk.models.codecs.likelihood import MixturePrior

CONTEXTS = 5
# Observations that a density counts as: training's for a channel, a channel's for a context.
PRIOR = 30.0


def assumed_masses(prior: MixturePrior) -> NDArray[np.float64]:
    """Training's probabilities of z = -127..127, (L, C_z, 255)."""
    with torch.no_grad():
        weight = torch.softmax(prior.logit.double(), -1)[..., None]
        mean, scale = (
            prior.mean.double()[..., None],
            prior.log_scale.double().clamp(-3, 4).exp()[..., None],
        )
        edges = torch.arange(-Z_LIMIT, Z_LIMIT + 2, dtype=torch.float64) - 0.5
        cumulative = (weight * torch.sigmoid((edges - mean) / scale)).sum(-2)
        mass: NDArray[np.float64] = cumulative.diff(dim=-1).numpy()
    return mass


def contexts_of(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Context 0..CONTEXTS - 1 of each element.

    Args:
        offsets: (..., hz, wz) z_hat less its channel's centre.
    """
    seen = np.where(np.abs(offsets) <= LIMIT, offsets, 0)  # an escape tells nothing
    left, above = np.zeros_like(seen), np.zeros_like(seen)
    left[..., 1:] = seen[..., :-1]
    above[..., 1:, :] = seen[..., :-1, :]
    reach = CONTEXTS // 2
    contexts: NDArray[np.int64] = np.clip(left + above, -reach, reach) + reach
    return contexts


def hyper_rows(
    prior: MixturePrior, z: NDArray[np.int64], precision: int
) -> tuple[NDArray[np.int8], NDArray[np.uint16]]:
    """Centres (L, C_z) and cumulative starts (L, CONTEXTS, C_z, 32).

    Args:
        prior: training's density.
        z: (L, N, C_z, hz, wz) z_hat of pictures at each level.
        precision: bits.
    """
    assumed = assumed_masses(prior)
    levels, channels, numbers = assumed.shape
    centres = np.zeros((levels, channels), np.int8)
    starts = np.zeros((levels, CONTEXTS, channels, LIMIT * 2 + 2), np.uint16)
    for level, c in np.ndindex(levels, channels):
        values = z[level, :, c]
        counts = np.bincount(values.ravel() + Z_LIMIT, minlength=numbers)
        mass = blend(assumed[level, c], counts, PRIOR)
        centre = median(mass, -Z_LIMIT)
        cells = contexts_of(values - centre) * numbers + values + Z_LIMIT
        seen = np.bincount(cells.ravel(), minlength=CONTEXTS * numbers)
        masses = blend(mass, seen.reshape(CONTEXTS, numbers), PRIOR)
        centres[level, c] = centre
        starts[level, :, c] = [hyper_row(m, -Z_LIMIT, centre, precision) for m in masses]
    return centres, starts

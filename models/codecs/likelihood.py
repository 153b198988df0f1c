"""Likelihoods for training: bits of r by scale index, bits of z by a static mixture per channel."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from tcsdk.models.layers.bounds import bound

NUM_SCALES = 64
SCALE_MIN = 0.11
SCALE_MAX = 256.0
# One step of the scale table: 19 of them are a factor of ten.
SCALE_RATIO = (SCALE_MAX / SCALE_MIN) ** (1 / (NUM_SCALES - 1))
LOG_SCALE_RATIO = math.log(SCALE_RATIO)
PROBABILITY_FLOOR = 1e-9


def round_ste(x: Tensor) -> Tensor:
    """Round half to even, with the identity as gradient."""
    return x + (torch.round(x) - x).detach()


def scale_of_index(index: Tensor) -> Tensor:
    """Standard deviation of a real-valued scale index (already within 0..63)."""
    return SCALE_MIN * torch.exp(index * LOG_SCALE_RATIO)


def gaussian_bits(r: Tensor, index: Tensor) -> Tensor:
    """Bits of zero-mean Gaussian symbols r (noisy or whole) under scale indexes, elementwise."""
    scale = scale_of_index(bound(index, 0.0, NUM_SCALES - 1.0))
    magnitude = r.abs()
    upper = torch.erfc((magnitude - 0.5) / (scale * math.sqrt(2.0)))
    lower = torch.erfc((magnitude + 0.5) / (scale * math.sqrt(2.0)))
    return -torch.log2(bound(0.5 * (upper - lower), PROBABILITY_FLOOR, 1.0))


class MixturePrior(nn.Module):
    """Static density of z per level and channel: a discretised mixture of three logistics.

    Args:
        levels: number of z gain levels L.
        channels: C_z.
    """

    COMPONENTS = 3

    def __init__(self, levels: int, channels: int) -> None:
        super().__init__()
        shape = (levels, channels, self.COMPONENTS)
        self.logit = nn.Parameter(torch.zeros(shape))
        self.mean = nn.Parameter(torch.linspace(-1.0, 1.0, self.COMPONENTS).expand(shape).clone())
        self.log_scale = nn.Parameter(torch.zeros(shape))

    def bits(self, z: Tensor, level: Tensor) -> Tensor:
        """Bits of z (N, C_z, h, w) coded at level (N,) int64, elementwise."""
        weight = torch.softmax(self.logit, -1)[level][:, :, None, None, :]
        mean = self.mean[level][:, :, None, None, :]
        scale = torch.exp(bound(self.log_scale, -3.0, 4.0))[level][:, :, None, None, :]
        # Symmetry keeps the difference of sigmoids in the tail where floats are dense.
        distance = (z[..., None] - mean).abs()
        mass = torch.sigmoid((0.5 - distance) / scale) - torch.sigmoid((-0.5 - distance) / scale)
        return -torch.log2(bound((weight * mass).sum(-1), PROBABILITY_FLOOR, 1.0))

"""How finely each quality codes: steps of the scale table for y, four levels of gain for z."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tcsdk.codec.quality_map import MOST_STEPS, WHOLE_STEPS
from tcsdk.models.codecs.likelihood import round_ste

NUM_QUALITIES = 64
NUM_ANCHORS = 8
NUM_Z_LEVELS = 4


class QualityGains(nn.Module):
    """Whole scale steps k[q, c] by which quality q amplifies channel c of d, and z's gain levels.

    Eight anchors per channel are learned and interpolated over the 64 qualities; rounding to
    whole steps passes the gradient, so export reads off the very integers that training used.
    """

    FIRST, LAST = -8.0, 13.0  # steps at quality 0 and 63: a factor of 13

    def __init__(self, latent: int, hyper: int) -> None:
        super().__init__()
        anchors = torch.linspace(self.FIRST, self.LAST, NUM_ANCHORS)[:, None]
        self.anchors = nn.Parameter(anchors.repeat(1, latent))
        levels = torch.linspace(-0.5, 1.0, NUM_Z_LEVELS)[:, None]
        self.log_z_gain = nn.Parameter(levels.repeat(1, hyper))

    def steps(self) -> Tensor:
        """All steps, (64, M), whole numbers."""
        position = torch.linspace(0, NUM_ANCHORS - 1, NUM_QUALITIES, device=self.anchors.device)
        left = position.floor().long().clamp(max=NUM_ANCHORS - 2)
        weight = (position - left)[:, None]
        return round_ste(self.anchors[left] * (1 - weight) + self.anchors[left + 1] * weight)

    def z_gain(self) -> Tensor:
        """Gain of z per level and channel, (4, C_z)."""
        return torch.exp(self.log_z_gain)

    def steps_at(self, quality: Tensor, offsets: Tensor | None = None) -> Tensor:
        """Steps of the pictures' qualities (N,): (N, M, 1, 1), or (N, M, h, w) with offsets.

        Args:
            quality: (N,) int64 in 0..63.
            offsets: (N, 1, h, w) whole steps by which blocks are coded finer, or None.
        """
        steps = self.steps()[quality][:, :, None, None]
        return steps if offsets is None else steps + offsets

    def z_gain_at(self, quality: Tensor) -> Tensor:
        """Gain of z, (N, C_z, 1, 1), at the pictures' qualities (N,) int64."""
        return self.z_gain()[z_level(quality)][:, :, None, None]


def z_level(quality: Tensor) -> Tensor:
    """The z gain level of each quality: four equal ranges."""
    return quality * NUM_Z_LEVELS // NUM_QUALITIES


def whole_steps(offsets: Tensor) -> Tensor:
    """Round steps to the few values that a quality map is made of."""
    return torch.round(offsets / WHOLE_STEPS).clamp(0, MOST_STEPS // WHOLE_STEPS) * WHOLE_STEPS

"""The codec's arithmetic, from y to what a stream holds: z, means, scale indexes, r.

Training, statistics, quantisation, export and studies all take it from here, so that one rule says
which elements are skipped. A stream's own indexes come from the integer network of libtcs.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tcsdk.models.codecs.likelihood import NUM_SCALES, round_ste

Z_LIMIT = 127
# Elements whose scale index is below this are not coded and are zero (scale 0.18: P(r != 0) 0.5 %).
SKIP_INDEX = 4


def bounded_z(z: Tensor, gain: Tensor) -> Tensor:
    """Return z (N, C_z, h, w) times its gain (N, C_z, 1, 1), within what is coded; not rounded."""
    return (z * gain).clamp(-Z_LIMIT, Z_LIMIT)


def is_coded(index: Tensor) -> Tensor:
    """Which elements are not skipped, bool: those whose scale index, rounded, has a row coded."""
    return torch.round(index) >= SKIP_INDEX


@dataclass(frozen=True)
class Latents:
    """What y (N, M, h, w) becomes on its way into a stream; h, w are H/16, W/16.

    Attributes:
        z: (N, C_z, h/4, w/4), times its gain and within -127..127, not rounded.
        z_hat: the same, rounded; gradients pass.
        mu: (N, M, h, w), means of y.
        refined: (N, M, h, w), what a decoder adds r to: mu, but of nets that predict more.
        scales: (N, M, h, w), what the scale network says: real-valued indexes before the steps.
        steps: (N, M, 1 or h, 1 or w), whole ones that quality and offsets add.
        coded: (N, M, h, w) bool, what is not skipped.
        gain: (N, M, 1 or h, 1 or w), 1 / quantiser step of each element of y.
        r: (N, M, h, w), y - mu in quantiser steps, not rounded.
    """

    z: Tensor
    z_hat: Tensor
    mu: Tensor
    refined: Tensor
    scales: Tensor
    steps: Tensor
    coded: Tensor
    gain: Tensor
    r: Tensor

    @property
    def index(self) -> Tensor:
        """Scale indexes of r, (N, M, h, w): real numbers, not clamped to 0..63."""
        return self.scales + self.steps

    @property
    def rows(self) -> Tensor:
        """Whole ones, (N, M, h, w) in 0..63, rounded before the steps, as the kernel's are."""
        return (torch.round(self.scales) + self.steps).clamp(0, NUM_SCALES - 1)

    @property
    def r_hat(self) -> Tensor:
        """What is sent of r, (N, M, h, w): rounded, zero where it is skipped; gradients pass."""
        return round_ste(self.r) * self.coded

    def decode(self, r: Tensor) -> Tensor:
        """Return y_hat (N, M, h, w) of r (N, M, h, w)."""
        return r / self.gain + self.refined

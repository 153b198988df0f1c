"""ELIC's context: uneven groups of channels, and within each a checkerboard."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor, nn


class ElicNetwork(nn.Module):
    """ELIC's context: uneven groups, and within each a checkerboard.

    Per group as published in code: 5x5 convolutions over all earlier groups (224, 128 and 2 g
    channels wide), a 5x5 convolution over the anchors (to 2 g), and 1x1 convolutions that take both
    and what z says. These give means alone, added to z's, and begin at zero: an untrained context
    changes nothing. Parity: anchors at (0, 1), (1, 0).

    Args:
        latent: M.
        groups: channels of each group.
        widths: of the two hidden layers, 224 and 128 as published.
    """

    steps = 2

    def __init__(self, latent: int, groups: Sequence[int], widths: tuple[int, int]) -> None:
        super().__init__()
        self.groups = tuple(groups)
        before = list(accumulate((0, *self.groups[:-1])))
        wide, narrow = widths
        self.channels = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(known, wide, 5, padding=2),
                nn.ReLU(),
                nn.Conv2d(wide, narrow, 5, padding=2),
                nn.ReLU(),
                nn.Conv2d(narrow, 2 * group, 5, padding=2),
            )
            for known, group in zip(before[1:], self.groups[1:], strict=True)
        )
        self.anchors = nn.ModuleList(
            nn.Conv2d(group, 2 * group, 5, padding=2) for group in self.groups
        )
        taken = [latent + 2 * g * (2 if k else 1) for k, g in enumerate(self.groups)]
        self.gather = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(width, wide, 1),
                nn.ReLU(),
                nn.Conv2d(wide, narrow, 1),
                nn.ReLU(),
                nn.Conv2d(narrow, group, 1),
            )
            for width, group in zip(taken, self.groups, strict=True)
        )
        for layers in self.gather:
            nn.init.zeros_(layers[-1].weight)
            nn.init.zeros_(layers[-1].bias)

    def enter(self, index: int, hyper: Tensor, known: Tensor) -> ElicGroup:
        """Return a group, as GroupNetwork says."""
        return ElicGroup(self, index, hyper, known)


class ElicGroup:
    """A group of ELIC's context: its anchors are known after step 0, the others after step 1."""

    def __init__(self, network: ElicNetwork, index: int, hyper: Tensor, known: Tensor) -> None:
        first = sum(network.groups[:index])
        self._anchors, self._gather = network.anchors[index], network.gather[index]
        self._hyper = hyper
        self._own = hyper[:, first : first + network.groups[index]]
        self._earlier = [network.channels[index - 1](known)] if index else []
        # Anchors see no neighbours: where they lie the second step says what the first did.
        self._plain = self._gathered(torch.zeros_like(self._own))

    def mean(self, step: int, own: Tensor) -> Tensor:
        """Return mu: of the anchors at step 0, of the others too at step 1."""
        mu = self._own + self._plain
        if step == 0:
            return mu
        anchors = _anchors(own)
        return mu + (1 - anchors) * (self._gathered(own * anchors) - self._plain)

    def refinement(self, own: Tensor) -> None:
        """Return None: ELIC predicts nothing of r's rounding."""

    def _gathered(self, seen: Tensor) -> Tensor:
        parts = [self._hyper, self._anchors(seen), *self._earlier]
        made: Tensor = self._gather(torch.cat(parts, 1))
        return made


def _anchors(like: Tensor) -> Tensor:
    """(1, 1, h, w), 1 at (0, 1), (1, 0) and so on; h and w are even."""
    height, width = like.shape[-2] // 2, like.shape[-1] // 2
    return like.new_tensor([[0.0, 1.0], [1.0, 0.0]]).repeat(1, 1, height, width)

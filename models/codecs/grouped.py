"""Contexts that go over groups of channels: what is decoded of the earlier ones says more of later.

Scales come from z alone, so all of r is known before a mean is asked for, and every step is plain
arithmetic in one graph.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Protocol

import torch
from torch import Tensor, nn

from tcsdk.models.codecs.context import Decoded


class GroupNetwork(Protocol):
    """Predicts groups of channels in order.

    Attributes:
        groups: channels of each.
        steps: of each group; a step predicts all of its elements, and those that it decides stay.
    """

    groups: tuple[int, ...]
    steps: int

    def predict(self, index: int, step: int, hyper: Tensor, known: Tensor, own: Tensor) -> Tensor:
        """Return mu of a group, (N, g, h, w).

        Args:
            index: of the group.
            step: 0 first.
            hyper: (N, M, h, w), what the means network says.
            known: (N, sum of earlier groups, h, w), y_hat of those.
            own: (N, g, h, w), y_hat of this group under the step before; zeros at step 0.
        """


class GroupedContext:
    """Means of y from z, then group by group from what is decoded.

    Args:
        means: dequantised z (N, C_z, h/4, w/4) -> (N, M, h, w).
        network: predicts the groups.
    """

    def __init__(self, means: Callable[[Tensor], Tensor], network: GroupNetwork) -> None:
        self._means, self._network = means, network

    def __call__(self, z: Tensor, decoded: Decoded) -> Tensor:
        """Return mu (N, M, h, w)."""
        network = self._network
        hyper = self._means(z).float()
        made = list(hyper.split(network.groups, 1))
        known = hyper[:, :0]
        for index, first in enumerate(accumulate((0, *network.groups[:-1]))):
            place = slice(first, first + network.groups[index])
            own = torch.zeros_like(made[index])
            for step in range(network.steps):
                made[index] = network.predict(index, step, hyper, known, own)
                own = decoded(torch.cat(made, 1))[:, place]
            known = torch.cat([known, own], 1)
        return torch.cat(made, 1)


class ElicNetwork(nn.Module):
    """ELIC's context: uneven groups, and within each a checkerboard.

    Per group as published in code: 5x5 convolutions over all earlier groups (to 224, 128 and 2 g
    channels), a 5x5 convolution over the anchors (to 2 g), and 1x1 convolutions that take both and
    what z says. These give means alone, added to z's, and begin at zero: an untrained context
    changes nothing. Parity: anchors at (0, 1), (1, 0).

    Args:
        latent: M.
        groups: channels of each group.
    """

    steps = 2
    WIDTHS = (224, 128)

    def __init__(self, latent: int, groups: Sequence[int]) -> None:
        super().__init__()
        self.groups = tuple(groups)
        before = list(accumulate((0, *self.groups[:-1])))
        wide, narrow = self.WIDTHS
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

    def predict(self, index: int, step: int, hyper: Tensor, known: Tensor, own: Tensor) -> Tensor:
        """Return mu of a group: of its anchors at step 0, of the others too at step 1."""
        group, first = self.groups[index], sum(self.groups[:index])
        anchors = _anchors(own)
        # Anchors see no neighbours: where they lie the second step says what the first did.
        plain = self._gathered(index, hyper, known, torch.zeros_like(own))
        mu = hyper[:, first : first + group] + plain
        if step == 0:
            return mu
        near = self._gathered(index, hyper, known, own * anchors)
        return mu + (1 - anchors) * (near - plain)

    def _gathered(self, index: int, hyper: Tensor, known: Tensor, seen: Tensor) -> Tensor:
        parts = [hyper, self.anchors[index](seen)]
        if index:
            parts.append(self.channels[index - 1](known))
        return self.gather[index](torch.cat(parts, 1))


def _anchors(like: Tensor) -> Tensor:
    """(1, 1, h, w), 1 at (0, 1), (1, 0) and so on; h and w are even."""
    height, width = like.shape[-2] // 2, like.shape[-1] // 2
    return like.new_tensor([[0.0, 1.0], [1.0, 0.0]]).repeat(1, 1, height, width)

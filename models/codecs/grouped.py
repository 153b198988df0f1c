"""Contexts that go over groups of channels: what is decoded of the earlier ones says more of later.

Scales come from z alone, so all of r is known before a mean is asked for, and every step is plain
arithmetic in one graph.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import accumulate
from typing import Protocol

import torch
from torch import Tensor, nn

from tcsdk.models.codecs.base import Codec, CodecConfig, Part
from tcsdk.models.codecs.context import Context, Decoded, Means


class Group(Protocol):
    """A group of channels, all groups before it being known."""

    def mean(self, step: int, own: Tensor) -> Tensor:
        """Return mu of the group, (N, g, h, w).

        Args:
            step: 0 first. A step predicts all elements, and those that it decides stay.
            own: (N, g, h, w), y_hat of this group under the step before; zeros at step 0.
        """
        ...

    def refinement(self, own: Tensor) -> Tensor | None:
        """Return what is added to y_hat of the group, (N, g, h, w); None for nothing.

        Args:
            own: (N, g, h, w), y_hat of this group.
        """
        ...


class GroupNetwork(Protocol):
    """Predicts groups of channels in order.

    Attributes:
        groups: channels of each.
        steps: of each group.
    """

    groups: tuple[int, ...]
    steps: int

    def enter(self, index: int, hyper: Tensor, known: Tensor) -> Group:
        """Return a group.

        Args:
            index: of the group.
            hyper: (N, M, h, w), what the means network says.
            known: (N, sum of earlier groups, h, w), y_hat of those.
        """
        ...


class GroupedContext:
    """Means of y from z, then group by group from what is decoded.

    Args:
        means: dequantised z (N, C_z, h/4, w/4) -> (N, M, h, w).
        network: predicts the groups.
    """

    def __init__(self, means: Callable[[Tensor], Tensor], network: GroupNetwork) -> None:
        self._means, self._network = means, network

    def __call__(self, z: Tensor, decoded: Decoded) -> Means:
        """Return means (N, M, h, w)."""
        network, hyper = self._network, self._means(z).float()
        known, mus, refined = hyper[:, :0], list[Tensor](), list[Tensor]()
        for index, first in enumerate(accumulate((0, *network.groups[:-1]))):
            place = slice(first, first + network.groups[index])
            group = network.enter(index, hyper, known)
            mu = own = torch.zeros_like(hyper[:, place])
            for step in range(network.steps):
                mu = group.mean(step, own).float()
                own = decoded(mu, place)
            more = group.refinement(own)
            mus.append(mu)
            refined.append(mu if more is None else mu + more.float())
            known = torch.cat([known, own if more is None else own + more.float()], 1)
        return Means(torch.cat(mus, 1), torch.cat(refined, 1))


class GroupedCodec(Codec):
    """A codec that predicts y by groups of channels: its analysis hands out y, not d.

    Args:
        config: as Codec's, and g_a and g_s too; the detector takes y.
        g_a: see there.
        g_s: see there.
        grouped: predicts the groups; a module.
    """

    grouped: GroupNetwork

    def __init__(
        self, config: CodecConfig, g_a: nn.Sequential, g_s: nn.Sequential, grouped: GroupNetwork
    ) -> None:
        super().__init__(config, g_a, g_s, feature_layers=len(g_a), features=config.latent)
        self.grouped = grouped

    def context(self, part: Part | None = None) -> Context:
        """Return what predicts y: z, then group by group what is decoded.

        Args:
            part: runs a part of the net by its name; None for the net's own.
        """
        means = self.means if part is None else partial(part, "means")
        return GroupedContext(means, self.grouped)

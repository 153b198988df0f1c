"""A deeper net goes on from a shallower one's weights and computes the same at first.

Blocks that the shallower net lacks begin silent (Net2DeeperNet of Chen et al., "Net2Net", 2016: an
identity, which a residual branch that ends in zeros is). Their hidden units begin as every block's:
drawn with unit spread, as `revive` does, they move the picture too far while what they add is
noise still (docs/studies/next-tfic.md).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

LAST = ".project."  # of a block: with zeros there it adds nothing
PLACES = "captions.places"


def grown(own: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a net's state that goes on from another net's.

    Args:
        own: state of the freshly made net.
        given: state of a net with the same parts, or with fewer blocks in its stages; or with
            fewer places of captions' tokens, behind which the net's own remain.
    """
    longer = {
        name: torch.cat([value, own[name][len(value) :]])
        for name, value in given.items()
        if name.endswith(PLACES) and name in own and len(value) < len(own[name])
    }
    given = {**given, **longer}
    new = own.keys() - given.keys()
    silent = {name: torch.zeros_like(own[name]) for name in new if LAST in name}
    return {**own, **silent, **given}

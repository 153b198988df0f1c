"""A deeper net goes on from a shallower one's weights and computes the same at first.

Blocks that the shallower net lacks begin with zeros (Net2DeeperNet of Chen et al., "Net2Net", 2016:
an identity, which a silent residual branch is). Zero hidden units never fire, so `revive` draws
them before the first step: units of unit spread behind which stand zeros.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

SILENT = (".expand.", ".project.")  # of a block: with zeros there it adds nothing


def grown(own: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a net's state that goes on from another net's.

    Args:
        own: state of the freshly made net.
        given: state of a net with the same parts, or with fewer blocks in its stages.
    """
    new = own.keys() - given.keys()
    silent = {
        name: torch.zeros_like(own[name]) for name in new if any(layer in name for layer in SILENT)
    }
    return {**own, **silent, **given}

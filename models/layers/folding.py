"""Normalisations folded into the layers before them: what ships has none."""

from __future__ import annotations

import copy
from itertools import pairwise

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

NORMALISATIONS = (nn.BatchNorm1d, nn.BatchNorm2d)


def folded(net: nn.Module) -> nn.Module:
    """Return a copy in evaluation mode, each batch normalisation folded into the layer before it.

    Args:
        net: its normalisations stand behind convolutions or linear layers of an `nn.Sequential`;
            of one that has none the copy is the same.

    Raises:
        ValueError: a normalisation stands elsewhere.
    """
    made = copy.deepcopy(net).eval()
    for sequence in [module for module in made.modules() if isinstance(module, nn.Sequential)]:
        for (name, layer), (behind, norm) in pairwise(list(sequence.named_children())):
            if isinstance(norm, nn.BatchNorm2d) and isinstance(layer, nn.Conv2d):
                sequence.add_module(name, fuse_conv_bn_eval(layer, norm))
            elif isinstance(norm, nn.BatchNorm1d) and isinstance(layer, nn.Linear):
                sequence.add_module(name, fuse_linear_bn_eval(layer, norm))
            else:
                continue
            sequence.add_module(behind, nn.Identity())
    left = [name for name, module in made.named_modules() if isinstance(module, NORMALISATIONS)]
    if left:
        raise ValueError(
            f"expected normalisations behind convolutions or linear layers of a Sequential, got "
            f"{', '.join(left)} elsewhere"
        )
    return made

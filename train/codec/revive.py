"""Hidden units that never fire are given a second life.

A ReLU whose input is below zero for every picture passes no gradient, so its unit never learns
again. New incoming weights and silent outgoing ones leave what the net computes as it is and let
the unit learn: docs/decisions/dead-units.md.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.gains import NUM_QUALITIES
from tcsdk.models.layers.blocks import DepthwiseBlock

QUALITIES = (0, NUM_QUALITIES // 3, 2 * NUM_QUALITIES // 3, NUM_QUALITIES - 1)


class _Seen:
    """What a 1x1 convolution saw and put out: the moments of the one, the peaks of the other."""

    def __init__(self, layer: nn.Conv2d) -> None:
        self.peak = layer.weight.new_full((layer.out_channels,), -torch.inf)
        self._count, self._sum, self._square = 0, torch.zeros(()), torch.zeros(())
        self._handle = layer.register_forward_hook(self._add)

    def _add(self, _: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        x = inputs[0].movedim(1, -1).flatten(0, -2)
        self.peak = torch.maximum(self.peak, output.amax((0, 2, 3)))
        self._count, self._sum = self._count + len(x), self._sum + x.sum(0)
        self._square = self._square + x.T @ x

    def close(self) -> None:
        """Stop watching."""
        self._handle.remove()

    def centred(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Scale weights (n, C) so that their sums have unit spread: those, and biases (n,)."""
        mean = self._sum / self._count
        covariance = self._square / self._count - mean[:, None] * mean
        rows = rows / ((rows @ covariance) * rows).sum(1, keepdim=True).clamp(min=1e-12).sqrt()
        return rows, -rows @ mean


@torch.no_grad()
def revive(net: Codec, pictures: Tensor) -> int:
    """Give hidden units of residual branches that no picture makes fire new weights, in place.

    Those of parts that do not learn stay as they are.

    Their incoming weights are drawn anew, so that each fires for about half of what it sees, with
    unit spread; their outgoing weights are set to zero.

    Args:
        net: computes the same before and after.
        pictures: (N, 3, H, W) float32 in 0..1, H and W multiples of 64.

    Returns:
        The number of units.
    """
    device = pictures.device
    blocks = [
        module
        for module in net.modules()
        if isinstance(module, DepthwiseBlock) and module.project.weight.requires_grad
    ]
    seen = [_Seen(block.expand) for block in blocks]
    for quality in QUALITIES if blocks else ():
        net(pictures, torch.full((len(pictures),), quality, device=device))
    revived = 0
    for block, what in zip(blocks, seen, strict=True):
        what.close()
        dead = what.peak <= 0
        drawn = torch.randn(int(dead.sum()), block.expand.in_channels)
        rows, biases = what.centred(drawn.to(device))
        block.expand.weight[dead] = rows[:, :, None, None]
        assert block.expand.bias is not None  # blocks always have one
        block.expand.bias[dead] = biases
        block.project.weight[:, dead] = 0.0
        revived += len(rows)
    return revived

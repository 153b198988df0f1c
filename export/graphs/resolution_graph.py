"""The one graph of a net for super-resolution, as a float ONNX model."""

from __future__ import annotations

import onnx
import torch
from torch import Tensor, nn

from tcsdk.export.graphs.float_graphs import to_onnx
from tcsdk.export.graphs.whole_net import WholeNet, named_as_in_net
from tcsdk.model.graphs import SUPER_RESOLUTION
from tcsdk.model.grids import CROP_SIZE


class ResolutionGraph(WholeNet):
    """Small crops and how far each is straightened -> large crops, clipped to 0..1."""

    def forward(self, small_crops: Tensor, straightening: Tensor) -> Tensor:
        """Return (N, 3, 32, 128) of crops (N, 3, 16, 64) and shares (N, 1, 1, 1)."""
        return torch.clamp(self.net(small_crops, straightening.flatten(2)), 0.0, 1.0)


def export_resolution(net: nn.Module) -> onnx.ModelProto:
    """Float ONNX of a net for super-resolution with its rectifier: any number of crops."""
    n = torch.export.Dim("n")
    inputs = (torch.rand(2, 3, *CROP_SIZE), torch.ones(2, 1, 1, 1))
    return named_as_in_net(
        to_onnx(SUPER_RESOLUTION, ResolutionGraph(net), inputs, ({0: n}, {0: n}))
    )

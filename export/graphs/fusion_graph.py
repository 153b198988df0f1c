"""The fusion block as a float ONNX model: its 5,559 numbers lie inside the graph."""

from __future__ import annotations

import copy

import onnx
import torch
from torch import Tensor, nn

from tcsdk.export.graphs.float_graphs import to_onnx
from tcsdk.model.graphs import FUSION
from tcsdk.models.codecs.fusion import COLOURS, FusionBlock


class FusionGraph(nn.Module):
    """x_hat, guidance -> x_fused in 0..1: painted everywhere or where the text reaches."""

    def __init__(self, block: FusionBlock) -> None:
        super().__init__()
        self.block = copy.deepcopy(block)

    def forward(self, x_hat: Tensor, guidance: Tensor) -> Tensor:
        """Return pictures (N, 3, H, W) of x_hat (N, 3, H, W) and guidance (N, 2, H, W)."""
        return torch.clamp(self.block.fuse(x_hat, guidance), 0.0, 1.0)


def export_fusion(block: FusionBlock) -> onnx.ModelProto:
    """Float ONNX of the fusion graph."""
    n, h, w = (torch.export.Dim(name) for name in ("n", "h", "w"))
    plane = {0: n, 2: h, 3: w}
    inputs = (torch.rand(2, COLOURS, 64, 128), torch.rand(2, 2, 64, 128))
    return to_onnx(FUSION, FusionGraph(block), inputs, (plane, plane))

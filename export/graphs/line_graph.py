"""The one graph of a recogniser, as a float ONNX model."""

from __future__ import annotations

import onnx
import torch
from torch import nn

from tcsdk.export.graphs.float_graphs import to_onnx
from tcsdk.model.graphs import RECOGNITION
from tcsdk.model.grids import LINE_HEIGHT
from tcsdk.models.recognition.reader import COLUMN


def export_lines(net: nn.Module) -> onnx.ModelProto:
    """Float ONNX of a reader: any number of lines, any width that is a multiple of a column's."""
    n, columns = torch.export.Dim("n"), torch.export.Dim("columns")
    lines = torch.rand(2, 3, LINE_HEIGHT, 5 * COLUMN)
    return to_onnx(RECOGNITION, net, (lines,), ({0: n, 3: COLUMN * columns},))

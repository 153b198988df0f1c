"""A graph that runs a whole net, with the parameters under the names of the net's own state."""

from __future__ import annotations

import copy

import onnx
from torch import Tensor, nn
from torch.nn import functional

PREFIX = "net."


class RowLinear(nn.Linear):
    """A linear layer that flattens what it is given to rows.

    So that ONNX gets a Gemm, whose weight is the tensor that the checkpoint has. Over more
    dimensions the exporter makes a MatMul with another tensor, transposed, that no packed or shared
    weights could stand for.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return (..., out) of (..., in)."""
        rows = functional.linear(input.reshape(-1, self.in_features), self.weight, self.bias)
        return rows.reshape(*input.shape[:-1], self.out_features)


class WholeNet(nn.Module):
    """What torch exports; see `named_as_in_net`.

    Args:
        net: it is copied, and its linear layers turned into rows.
    """

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = copy.deepcopy(net).eval()
        for module in self.net.modules():
            if type(module) is nn.Linear:
                module.__class__ = RowLinear


def named_as_in_net(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model after its parameters were given their names in the net's state."""
    graph = model.graph
    for tensor in graph.initializer:
        tensor.name = tensor.name.removeprefix(PREFIX)
    for node in graph.node:
        node.input[:] = [name.removeprefix(PREFIX) for name in node.input]
    return model

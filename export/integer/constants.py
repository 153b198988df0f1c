"""What an INT8 graph computes of its weights alone, before any picture comes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper


@dataclass(frozen=True)
class Weights:
    """Integers and the value of 1 in each output channel."""

    integers: NDArray[np.int8]
    steps: NDArray[np.float64]


class Constants:
    """A graph's constants, as its nodes are met.

    Args:
        graph: with its initializers in it.

    Attributes:
        values: by name.
        weights: of convolutions, by name.
    """

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.values = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        self.weights: dict[str, Weights] = {}

    def compute(self, node: onnx.NodeProto) -> bool:
        """Compute a node whose inputs are all constants; says whether it is one."""
        if not all(name in self.values or name in self.weights for name in node.input):
            return False
        out, first = node.output[0], node.input[0]
        if node.op_type == "Cast":
            self.weights[out] = Weights(self.values[first], np.ones(len(self.values[first])))
        elif node.op_type == "Mul" and first in self.weights:
            steps = self.values[node.input[1]].astype(np.float64).reshape(-1)
            self.weights[out] = Weights(self.weights[first].integers, steps)
        elif node.op_type == "Mul":
            self.values[out] = np.multiply(*(self.values[n].astype(np.float64) for n in node.input))
        elif self.values[first].dtype == np.int8:
            steps = self.values[node.input[1]].astype(np.float64).reshape(-1)
            self.weights[out] = Weights(self.values[first], steps)
        else:
            self.values[out] = self.values[first].astype(np.float64) * self.values[node.input[1]]
        return True

    def split(self, node: onnx.NodeProto) -> tuple[str, NDArray[np.float64] | None]:
        """Return the input of a node that is no constant, and the constant."""
        known = [n for n in node.input if n in self.values]
        (other, *_) = [n for n in node.input if n not in self.values]
        return other, self.values[known[0]].astype(np.float64).reshape(-1) if known else None

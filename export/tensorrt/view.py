"""A graph as the rules look at it, and what they say of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper


@dataclass(frozen=True)
class Violation:
    """A rule that a graph breaks.

    Attributes:
        rule: Its name.
        node: Name of the node or tensor.
        text: What was expected and what came.
    """

    rule: str
    node: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.node}: {self.text}"


@dataclass(frozen=True)
class View:
    """A graph with what the rules look up.

    Attributes:
        graph: The graph.
        opset: Of the default domain.
        constants: Initializers by name.
        producer: Tensor name -> node that makes it.
        types: Tensor name -> element type, where known.
    """

    graph: onnx.GraphProto
    opset: int
    constants: dict[str, TensorProto] = field(repr=False)
    producer: dict[str, onnx.NodeProto] = field(repr=False)
    types: dict[str, int] = field(repr=False)

    @classmethod
    def of(cls, model: onnx.ModelProto) -> View:
        """Look at a model; its types are inferred."""
        graph = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph
        values = (*graph.input, *graph.output, *graph.value_info)
        types = {value.name: value.type.tensor_type.elem_type for value in values}
        types.update({tensor.name: tensor.data_type for tensor in graph.initializer})
        return cls(
            graph,
            next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 0),
            {tensor.name: tensor for tensor in graph.initializer},
            {output: node for node in graph.node for output in node.output},
            types,
        )

    def made_by(self, tensor: str, operator: str) -> onnx.NodeProto | None:
        """Return the node that makes a tensor, if it is of this operator."""
        node = self.producer.get(tensor)
        return node if node is not None and node.op_type == operator else None

    def value(self, name: str) -> NDArray[np.generic] | None:
        """Return an initializer's value, or None where it is none."""
        tensor = self.constants.get(name)
        return None if tensor is None else numpy_helper.to_array(tensor)


def type_name(kind: int | None) -> str:
    """Return the name of a tensor's element type, such as "FLOAT16"."""
    return "unknown" if kind is None else str(helper.tensor_dtype_to_string(kind)).split(".")[-1]

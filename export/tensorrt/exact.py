"""What stays float32 in the FP16 graph of a net that takes crops."""

from __future__ import annotations

import onnx

# What may come between a layer and what a graph gives.
_BETWEEN = frozenset("Add Reshape Transpose Squeeze Unsqueeze Concat ArgMax Clip".split())


def exact_nodes(model: onnx.ModelProto, float_layers: tuple[str, ...]) -> list[str]:
    """Name the nodes that say where a crop is bent, and those that make the logits.

    A place is needed to a fraction of a pixel, and ONNX Runtime's CUDA has GridSample in float32
    alone; of near logits the larger one is read.

    Args:
        model: A folded float graph; nodes without a name get one.
        float_layers: Of the net's rules (tcsdk.quant.nets).
    """
    nodes = model.graph.node
    for number, node in enumerate(nodes):
        node.name = node.name or f"unnamed.{number}"
    kept: set[str] = set()
    bending: set[str] = set()
    for node in reversed(nodes):  # from where a crop is bent back to what it is seen by
        if node.op_type == "GridSample" or bending & set(node.output):
            bending |= set(node.input)
            kept.add(node.name)
    exact: set[str] = set()
    for node in nodes:
        layer = any(name.startswith(float_layers) for name in node.input) if float_layers else False
        if layer or (node.op_type in _BETWEEN and exact & set(node.input)):
            kept.add(node.name)
            if node.op_type != "ArgMax":  # whole numbers
                exact |= set(node.output)
    return [node.name for node in nodes if node.name in kept]

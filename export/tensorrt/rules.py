"""What TensorRT's documentation demands of an ONNX graph, checked without TensorRT.

    python -m tcsdk.export.tensorrt.rules zoo/tfic           the graphs meant for TensorRT
    python -m tcsdk.export.tensorrt.rules graph.onnx ...     these

Sources: TensorRT's developer guide ("Working with Quantized Types", "Strongly Typed Networks",
layer and data type support), its operator reference, and the operator list of its ONNX parser.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from tcsdk.engines.tensorrt.versions import PRECISIONS
from tcsdk.errors import ModelFileError
from tcsdk.export.graphs.nested import nodes_of
from tcsdk.export.tensorrt.operators import ANY, FLOATS, OPERATORS, OPSETS
from tcsdk.export.tensorrt.view import View, Violation, type_name
from tcsdk.model.graphs import INPUTS
from tcsdk.model.manifest import MANIFEST, read_manifest
from tcsdk.model.tasks import TASKS

# Operators whose float inputs must all have one type in a strongly typed network.
_SAME_TYPE = frozenset(
    "Add Sub Mul Div Pow Min Max Concat Conv ConvTranspose Gemm MatMul Clip Where GridSample "
    "LayerNormalization".split()
)
_ONE_OUTPUT = frozenset({"MaxPool", "LayerNormalization"})
_RESIZE_MODES = ("nearest", "linear")
_RESIZE_GRIDS = ("half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners")
# Below so many channels int8 convolutions have no kernel worth the conversion.
MIN_INT8_CHANNELS = 16


def _operators(view: View) -> Iterator[Violation]:
    """Only operators of the parser's list, inside of loops too, in opsets that it reads."""
    if view.opset not in OPSETS:
        expected = f"expected opset {OPSETS.start}..{OPSETS.stop - 1}"
        yield Violation("operator", view.graph.name, f"{expected}, got {view.opset}")
    for node in nodes_of(view.graph):
        if node.op_type not in OPERATORS or node.domain not in ("", "ai.onnx"):
            yield Violation(
                "operator", node.name, f"{node.domain}{node.op_type} is not on the list"
            )


def _types(view: View) -> Iterator[Violation]:
    """Types that TensorRT has; no uint8, int16, double."""
    for node in view.graph.node:
        allowed = OPERATORS.get(node.op_type, ANY)
        for output in node.output:
            kind = view.types.get(output)
            if kind is None or kind not in allowed:
                names = ", ".join(sorted(map(type_name, allowed)))
                yield Violation("type", node.name, f"expected {names}, got {type_name(kind)}")


def _agreement(view: View) -> Iterator[Violation]:
    """Strong typing: operands of one node have one float type."""
    for node in view.graph.node:
        if node.op_type in _SAME_TYPE:
            kinds = {view.types.get(name) for name in node.input if name} & FLOATS
            if len(kinds) > 1:
                yield Violation("agreement", node.name, "its inputs mix FLOAT and FLOAT16")


def _borders(view: View) -> Iterator[Violation]:
    """Inputs and outputs are float32; inputs are those that profiles know, with fixed channels."""
    constants = set(view.constants)
    for value in view.graph.input:
        if value.name in constants:
            continue
        dims = value.type.tensor_type.shape.dim
        if value.name not in INPUTS:
            known = ", ".join(INPUTS)
            yield Violation("border", value.name, f"expected an input among {known}")
        elif len(dims) != 4 or dims[1].dim_value < 1:
            yield Violation("border", value.name, "expected (N, C, H, W) with fixed C")
    for value in (*view.graph.input, *view.graph.output):
        kind = value.type.tensor_type.elem_type
        if value.name not in constants and kind != TensorProto.FLOAT:
            yield Violation("border", value.name, f"expected FLOAT, got {type_name(kind)}")


def _scales(view: View) -> Iterator[Violation]:
    """Symmetric int8: zero points are int8 zeros, scales are positive constants."""
    for node in view.graph.node:
        if node.op_type not in ("QuantizeLinear", "DequantizeLinear"):
            continue
        scale = view.value(node.input[1])
        if scale is None or not bool(np.all(np.isfinite(scale) & (scale.astype(np.float64) > 0))):
            yield Violation("scale", node.name, "expected positive constants as scales")
        elif scale.size > 1 and node.input[0] not in view.constants:
            text = f"expected one scale for an activation, got {scale.size}"
            yield Violation("scale", node.name, text)
        if len(node.input) < 3 or not node.input[2]:
            if node.op_type == "QuantizeLinear":  # ONNX's default is uint8
                yield Violation("scale", node.name, "expected an int8 zero point, got none")
            continue
        zero = view.value(node.input[2])
        if zero is None or zero.dtype != np.int8 or np.any(zero):
            came = "no constant" if zero is None else f"{zero.dtype} {np.unique(zero)[:3]}"
            yield Violation("scale", node.name, f"expected int8 zeros as zero point, got {came}")


def _dequantised(view: View) -> Iterator[Violation]:
    """What is dequantised comes from QuantizeLinear or is an int8 constant; no int32 biases."""
    for node in view.graph.node:
        if node.op_type != "DequantizeLinear":
            continue
        source = node.input[0]
        constant = source in view.constants
        kind = view.types.get(source)
        if constant and kind != TensorProto.INT8:
            text = f"expected int8 constants, got {type_name(kind)}: biases stay float"
            yield Violation("dequantise", node.name, text)
        elif not constant and view.made_by(source, "QuantizeLinear") is None:
            yield Violation("dequantise", node.name, "expected QuantizeLinear before it")


def _convolutions(view: View) -> Iterator[Violation]:
    """Weights are constants or dequantised constants, and quantised on both sides or neither."""
    for node in view.graph.node:
        if node.op_type not in ("Conv", "ConvTranspose"):
            continue
        weight = node.input[1]
        source = view.made_by(weight, "DequantizeLinear")
        stored = weight if source is None else source.input[0]
        if stored not in view.constants:
            text = "expected weights as an initializer, or DequantizeLinear of one"
            yield Violation("weights", node.name, text)
            continue
        fed = view.made_by(node.input[0], "DequantizeLinear") is not None
        if fed != (source is not None):
            text = "expected both activations and weights quantised, or neither"
            yield Violation("weights", node.name, text)
        elif source is not None:
            yield from _int8_convolution(view, node, source, list(view.constants[stored].dims))


def _int8_convolution(
    view: View, node: onnx.NodeProto, source: onnx.NodeProto, shape: list[int]
) -> Iterator[Violation]:
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    groups = int(attributes.get("group", 1))
    transposed = node.op_type == "ConvTranspose"
    channels = (shape[0], shape[1] * groups) if transposed else (shape[1] * groups, shape[0])
    if min(channels) < MIN_INT8_CHANNELS:
        text = f"expected at least {MIN_INT8_CHANNELS} channels for int8, got {channels}"
        yield Violation("channels", node.name, text)
    axes = {a.name: helper.get_attribute_value(a) for a in (*source.attribute,)}
    scale = view.value(source.input[1])
    expected = 1 if transposed else 0
    if scale is not None and scale.size > 1 and axes.get("axis", 1) != expected:
        text = f"expected scales along axis {expected}, got axis {axes.get('axis', 1)}"
        yield Violation("channels", node.name, text)


def _bounds(view: View) -> Iterator[Violation]:
    """Clip's bounds are constants."""
    for node in view.graph.node:
        dynamic = [name for name in node.input[1:] if name and name not in view.constants]
        if node.op_type == "Clip" and dynamic:
            yield Violation("bounds", node.name, f"expected constants, got {dynamic}")


def _outputs(view: View) -> Iterator[Violation]:
    """What has further outputs in ONNX gives its first alone."""
    for node in view.graph.node:
        if node.op_type in _ONE_OUTPUT and len([name for name in node.output if name]) > 1:
            yield Violation("outputs", node.name, f"expected one output, got {list(node.output)}")


def _resizing(view: View) -> Iterator[Violation]:
    """Resize by ways that the parser's list names, without smoothing."""
    for node in view.graph.node:
        if node.op_type != "Resize":
            continue
        given = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        mode = given.get("mode", b"nearest").decode()
        grid = given.get("coordinate_transformation_mode", b"half_pixel").decode()
        if mode not in _RESIZE_MODES or grid not in _RESIZE_GRIDS or given.get("antialias", 0):
            came = f"{mode}, {grid}" + (", antialias" if given.get("antialias", 0) else "")
            text = f"expected {' or '.join(_RESIZE_MODES)} of {', '.join(_RESIZE_GRIDS)}"
            yield Violation("resize", node.name, f"{text}, got {came}")


RULES: tuple[Callable[[View], Iterator[Violation]], ...] = (
    _operators,
    _types,
    _agreement,
    _borders,
    _scales,
    _dequantised,
    _convolutions,
    _bounds,
    _outputs,
    _resizing,
)


def check_graph(model: onnx.ModelProto) -> list[Violation]:
    """Return every rule that a graph breaks.

    Args:
        model: The graph, with its external weights loaded.

    Raises:
        onnx.shape_inference.InferenceError: It is no valid ONNX.
    """
    view = View.of(model)
    return [violation for rule in RULES for violation in rule(view)]


def graph_files(path: Path) -> list[Path]:
    """Return a file itself, or those graphs of a model folder that are meant for TensorRT.

    Raises:
        ValueError: The folder has none.
    """
    if not (path / MANIFEST).exists():
        return [path]
    manifest = read_manifest(path)
    rows = manifest["precisions"]
    roles = TASKS[manifest["task"]].roles_of(rows)
    files = [path / row[g] for name, row in rows.items() if name in PRECISIONS for g in roles]
    if not files:
        raise ValueError(
            f"expected a precision among {', '.join(PRECISIONS)} in {path}, got {', '.join(rows)}; "
            "add them with: python -m tcsdk.export FOLDER --target tensorrt"
        )
    return files


def main(arguments: list[str]) -> int:
    """Check files and model folders; returns 1 where a rule is broken, 2 for wrong use."""
    try:
        files = [file for argument in arguments for file in graph_files(Path(argument))]
    except (ValueError, ModelFileError) as error:
        print(error, file=sys.stderr)
        return 2
    failed = False
    for file in files:
        found = check_graph(onnx.load(str(file)))
        failed = failed or bool(found)
        print(f"{file}: {'ok' if not found else f'{len(found)} violations'}")
        for violation in found:
            print(f"  {violation}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

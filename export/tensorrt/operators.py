"""Operators of TensorRT's ONNX parser that our exporters may emit, and the types that they take."""

from __future__ import annotations

from onnx import TensorProto

# TensorRT 10.3, the oldest that we run on, reads up to 20; later ones read more.
OPSETS = range(9, 21)
FLOATS = frozenset({TensorProto.FLOAT, TensorProto.FLOAT16})
_WHOLE = frozenset({TensorProto.INT32, TensorProto.INT64})
ANY = FLOATS | _WHOLE | {TensorProto.BOOL, TensorProto.INT8}
# No Loop: "scan output length cannot be dynamic" (the list of 10.15), and ours ends with the last
# word; it is written out (export/graphs/unrolled.py).
# Operators of the parser's list that our exporters may emit -> types of their outputs.
_TYPES = {
    "Conv ConvTranspose Gemm MatMul Relu LeakyRelu Sigmoid HardSigmoid Tanh Erf Gelu Softmax "
    "LayerNormalization InstanceNormalization Round Exp Sqrt AveragePool GlobalAveragePool MaxPool "
    "PRelu GridSample Resize DequantizeLinear": FLOATS,
    "Add Sub Mul Div Pow Min Max Clip Neg Abs ReduceMean ReduceSum ReduceMin ReduceMax": FLOATS
    | _WHOLE,
    "Concat Split Slice Reshape Transpose Expand Gather Squeeze Unsqueeze Pad Where Identity Cast "
    "GatherND Constant ConstantOfShape DepthToSpace SpaceToDepth Shape Range Tile": ANY,
    "Equal Less Greater Not And Or": frozenset({TensorProto.BOOL}),
    "QuantizeLinear": frozenset({TensorProto.INT8}),
    "ArgMax": _WHOLE,
}
OPERATORS = {name: types for names, types in _TYPES.items() for name in names.split()}

"""Where weights live: FP16 in one safetensors file, int8 beside it, the means network once."""

from __future__ import annotations

import json
import struct
from collections.abc import Container, Iterable
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tcsdk.export.graphs.nested import graphs_of, nodes_of

# Smaller tensors stay inside the graph: a reference costs as much as they do.
EXTERNAL_FROM = 1024  # bytes


def tensor_offsets(path: Path) -> dict[str, tuple[int, int]]:
    """Absolute offset and length in bytes of each tensor of a safetensors file."""
    with path.open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    header.pop("__metadata__", None)
    begin = 8 + size
    return {
        name: (
            begin + entry["data_offsets"][0],
            entry["data_offsets"][1] - entry["data_offsets"][0],
        )
        for name, entry in header.items()
    }


def refer(tensor: TensorProto, file: str, offset: int, length: int) -> None:
    """Turn a tensor into a reference to bytes of a file beside the model."""
    for field in ("raw_data", "float_data", "int32_data", "int64_data"):
        tensor.ClearField(field)
    tensor.data_location = TensorProto.EXTERNAL
    del tensor.external_data[:]
    for key, value in (("location", file), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))


class Blob:
    """A file of raw tensors that several graphs refer to; equal bytes are stored once."""

    ALIGN = 64

    def __init__(self, name: str) -> None:
        self.name = name
        self._parts: list[bytes] = []
        self._offset_of: dict[bytes, int] = {}
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes that are stored."""
        return self._size

    def store(self, tensor: TensorProto) -> None:
        """Move a tensor's data here."""
        data = numpy_helper.to_array(tensor).tobytes()
        if data not in self._offset_of:
            padding = -self._size % self.ALIGN
            self._parts += [b"\0" * padding, data]
            self._offset_of[data] = self._size + padding
            self._size += padding + len(data)
        refer(tensor, self.name, self._offset_of[data], len(data))

    def write(self, folder: Path) -> None:
        """Write the file."""
        (folder / self.name).write_bytes(b"".join(self._parts))


def _insert_after_load(
    graph: onnx.GraphProto, tensor: TensorProto, stored: TensorProto, *nodes: onnx.NodeProto
) -> None:
    """Replace initializer `tensor` by `stored` and nodes that make the old name from it."""
    graph.initializer.remove(tensor)
    graph.initializer.append(stored)
    for node in reversed(nodes):
        graph.node.insert(0, node)


def widening(
    stored: str, dims: int, scale: NDArray[np.float32], output: str
) -> tuple[TensorProto, list[onnx.NodeProto]]:
    """Return a tensor and nodes that make float weights of integers while a graph is loaded.

    DequantizeLinear says the same, but ONNX Runtime keeps it for each run, and then has no constant
    weights to lay out for its blocked convolutions. Those sum in one order; the others split their
    sums by the number of threads, and streams differed by it (docs/reference/determinism.md).

    Args:
        stored: name of the integers.
        dims: how many dimensions these have.
        scale: (C,) of each output channel.
        output: name of the float weights.
    """
    names = f"{output}.wide", f"{output}.scale"
    steps = numpy_helper.from_array(scale.reshape(-1, *[1] * (dims - 1)), names[1])
    nodes = [
        helper.make_node("Cast", [stored], [names[0]], to=TensorProto.FLOAT),
        helper.make_node("Mul", list(names), [output]),
    ]
    return steps, nodes


def int8_weights(model: onnx.ModelProto, blob: Blob, layers: tuple[str, ...]) -> None:
    """Store float layers' weights as int8 with a scale per output channel, widened at load.

    Args:
        model: a graph that still has these layers as float convolutions.
        blob: where the integers go.
        layers: beginnings of the layers' parameter names.
    """
    graph = model.graph
    for tensor in list(graph.initializer):
        known = tensor.name.startswith(layers) and tensor.data_type == TensorProto.FLOAT
        if not known or len(tensor.dims) != 4:
            continue
        weight = numpy_helper.to_array(tensor)
        scale = (np.abs(weight).max((1, 2, 3)).clip(1e-12) / 127.0).astype(np.float32)
        whole = np.rint(weight / scale[:, None, None, None]).astype(np.int8)
        stored = numpy_helper.from_array(whole, f"{tensor.name}.int8")
        blob.store(stored)
        steps, nodes = widening(stored.name, whole.ndim, scale, tensor.name)
        graph.initializer.append(steps)
        _insert_after_load(graph, tensor, stored, *nodes)


def half_weights(
    model: onnx.ModelProto, weights: Path, values: dict[str, NDArray[np.float16]]
) -> None:
    """Store float weights as references into the checkpoint's FP16, cast to float32 at load.

    Tensors whose value is not the checkpoint's (a folded offset) stay inside the graph.
    """
    offsets, graph = tensor_offsets(weights), model.graph
    for tensor in list(graph.initializer):
        known = values.get(tensor.name)
        if known is None or tensor.data_type != TensorProto.FLOAT or known.nbytes < EXTERNAL_FROM:
            continue
        if not np.array_equal(numpy_helper.to_array(tensor), known.astype(np.float32)):
            continue
        stored = numpy_helper.from_array(known, f"{tensor.name}.half")
        refer(stored, weights.name, *offsets[tensor.name])
        node = helper.make_node("Cast", [stored.name], [tensor.name], to=TensorProto.FLOAT)
        _insert_after_load(graph, tensor, stored, node)


def share_equal(model: onnx.ModelProto) -> None:
    """Keep one of initializers with equal contents; a QDQ graph has hundreds of zero points.

    Those of weights stay: where a processor's int8 saturates, ONNX Runtime makes unsigned weights
    and zero points of them, and from 1.32 on refuses to make one twice.
    """
    first: dict[tuple[int, tuple[int, ...], bytes], str] = {}
    new_name: dict[str, str] = {}
    kept = _zero_points_of_weights(model)
    for tensor in list(model.graph.initializer):
        if tensor.data_location == TensorProto.EXTERNAL or tensor.name in kept:
            continue
        array = numpy_helper.to_array(tensor)
        key = (tensor.data_type, array.shape, array.tobytes())
        new_name[tensor.name] = first.setdefault(key, tensor.name)
        if new_name[tensor.name] != tensor.name:
            model.graph.initializer.remove(tensor)
    for node in nodes_of(model.graph):
        node.input[:] = [new_name.get(name, name) for name in node.input]


def _zero_points_of_weights(model: onnx.ModelProto) -> set[str]:
    stored = {tensor.name for tensor in model.graph.initializer}
    return {
        node.input[2]
        for node in nodes_of(model.graph)
        if node.op_type == "DequantizeLinear" and node.input[0] in stored and len(node.input) > 2
    }


def refer_packed(model: onnx.ModelProto, file: str, names: Container[str]) -> None:
    """Turn tensors into references to a packed file, which a reader fills by their names."""
    for tensor in model.graph.initializer:
        if tensor.name in names:
            refer(tensor, file, 0, numpy_helper.to_array(tensor).nbytes)


def shorten_names(model: onnx.ModelProto, kept_names: Iterable[str] = ()) -> None:
    """Give everything but inputs, outputs and nodes a short name.

    Long ones are a tenth of the file.

    Args:
        model: changed in place.
        kept_names: of tensors that keep theirs.
    """
    graph = model.graph
    values = [value for each in graphs_of(graph) for value in (*each.input, *each.output)]
    kept = {value.name for value in values} | {"", *kept_names}
    short: dict[str, str] = {}

    def rename(name: str) -> str:
        return name if name in kept else short.setdefault(name, f"t{len(short):x}")

    for tensor in graph.initializer:
        tensor.name = rename(tensor.name)
    for node in nodes_of(graph):
        node.input[:] = map(rename, node.input)
        node.output[:] = map(rename, node.output)
    del graph.value_info[:]


def move_out(model: onnx.ModelProto, blob: Blob) -> None:
    """Store every other large tensor in a blob."""
    for tensor in model.graph.initializer:
        inside = tensor.data_location != TensorProto.EXTERNAL
        if inside and numpy_helper.to_array(tensor).nbytes >= EXTERNAL_FROM:
            blob.store(tensor)

"""One precision of a model folder: its two graphs, its weights, and its row of the manifest."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from torch import nn

from tcsdk.export.graphs.float_graphs import MEANS, with_parameters
from tcsdk.export.graphs.integer_graphs import BIAS, LARGEST_BIAS, WEIGHT, integer_graph
from tcsdk.export.graphs.packed import PackedTensor, write_packed
from tcsdk.export.graphs.storage import (
    Blob,
    half_weights,
    move_out,
    refer_packed,
    share_equal,
    shorten_names,
)
from tcsdk.model.manifest import PACKED_SUFFIX
from tcsdk.quant.grid import MAX_BITS
from tcsdk.quant.integers.activations import ActivationRange
from tcsdk.quant.integers.quantised import Quantised
from tcsdk.quant.integers.weights import QuantisedWeight
from tcsdk.quant.nets.table import integer_rules
from tcsdk.train.run.weights import WEIGHTS as WEIGHTS_FILE

# Of the manifest: the roles of graphs name files, "files" lists all of them.
Row = dict[str, "str | list[str]"]
Graphs = Mapping[str, onnx.ModelProto]
Modules = Mapping[str, Callable[[Any], nn.Module]]
# Parts with integers of their own: the means network in means.bin, the scale network in the bundle.
_ELSEWHERE = (MEANS, "scales.")
# Pictures have 8 bits: the graphs take and give them as they are.
PICTURE = ActivationRange("uint8", 1 / 255, 0, "exact")


def write_float(
    folder: Path, graphs: Graphs, values: dict[str, NDArray[np.float16]], weights: str
) -> Row:
    """Write the FP32 graphs, whose weights are the checkpoint's FP16.

    Args:
        folder: of the model; it holds the checkpoint.
        graphs: float, by role, the means network in integers.
        values: of the checkpoint.
        weights: the checkpoint's file.
    """
    row: Row = {}
    for role, graph in graphs.items():
        model = onnx.ModelProto()
        model.CopyFrom(graph)
        half_weights(model, folder / weights, values)
        share_equal(model)
        row[role] = _save(model, folder, f"{role}.fp32.onnx")
    return {**row, "files": [*map(str, row.values()), weights]}


def write_integers(
    folder: Path,
    name: str,
    graphs: Graphs,
    modules: Modules,
    net: nn.Module,
    quantised: Quantised,
    values: Mapping[str, NDArray[np.float16]] | None = None,
) -> Row:
    """Write the graphs of an integer precision, and its weights.

    Weights of 8 bits are stored as they are, in a file that TensorRT's graphs share; fewer bits
    are packed, and widened to int8 at load.

    Args:
        folder: of the model.
        name: of the precision.
        graphs: float, by role, a codec's means network in integers.
        modules: what makes the torch form of each graph of a net.
        net: the float one.
        quantised: its integer form.
        values: of the checkpoint in the folder, to which parts refer that stay floats; None where
            none does.
    """
    rounded, form = _net_of(net, quantised), _form_of(net, quantised)
    models = {
        role: integer_graph(with_parameters(graph, modules[role](rounded)), form)
        for role, graph in graphs.items()
    }
    floats = integer_rules(net).floats
    kept = {key: value for key, value in (values or {}).items() if key.startswith(floats)}
    for model in models.values() if kept else ():
        half_weights(model, folder / WEIGHTS_FILE, kept)
    whole = all(int(weight.bits.min()) == MAX_BITS for weight in form.weights.values())
    store = _store_raw if whole else _store_packed
    weights = store(folder, name, models, form)
    saved = {}
    for role, model in models.items():
        share_equal(model)
        shorten_names(model, () if whole else form.weights)
        saved[role] = _save(model, folder, f"{role}.{name}.onnx")
    return {**saved, "files": [*saved.values(), weights, *([WEIGHTS_FILE] if kept else [])]}


def _net_of(net: nn.Module, quantised: Quantised) -> nn.Module:
    """The float net that computes with the quantised weights and corrected biases."""
    made = copy.deepcopy(net)
    kept = {k: v for k, v in net.state_dict().items() if k.startswith(_ELSEWHERE)}
    made.load_state_dict({**quantised.state(), **kept})
    return made


def _form_of(net: nn.Module, quantised: Quantised) -> Quantised:
    """What the graphs are made of: pictures on their own grid, without what lies elsewhere."""
    inputs, outputs = dict(quantised.inputs), dict(quantised.outputs)
    pictures = integer_rules(net).pictures
    if inputs and pictures is not None:
        inputs[pictures[0]] = outputs[pictures[1]] = PICTURE
    form = replace(quantised, inputs=inputs, outputs=outputs)
    keys = (key for key in form.weights if not key.startswith(_ELSEWHERE))
    return replace(form, weights={key: _holding_bias(form, key) for key in keys})


def _holding_bias(quantised: Quantised, key: str) -> QuantisedWeight:
    """A weight whose steps are not so small that int32 cannot hold the bias in units of them."""
    layer, weight = key.removesuffix(WEIGHT), quantised.weights[key]
    bias, taken = quantised.rest.get(layer + BIAS), quantised.inputs.get(layer)
    if bias is None or taken is None:
        return weight
    given = quantised.outputs.get(layer)
    stored = bias.double().numpy() + (given.shifts() if given else 0)
    return weight.with_least_step(np.abs(stored) / (LARGEST_BIAS * taken.steps()))


def _store_raw(folder: Path, name: str, models: Graphs, form: Quantised) -> str:
    file = f"weights.{name}.bin"
    blob = Blob(file)
    for model in models.values():
        share_equal(model)
        move_out(model, blob)
    blob.write(folder)
    return file


def _store_packed(folder: Path, name: str, models: Graphs, form: Quantised) -> str:
    file = f"weights.{name}{PACKED_SUFFIX}"
    tensors = {
        key: PackedTensor(weight.integers.reshape(weight.shape), weight.bits)
        for key, weight in form.weights.items()
    }
    write_packed(folder / file, tensors)
    for model in models.values():
        refer_packed(model, file, tensors)
    return file


def _save(model: onnx.ModelProto, folder: Path, name: str) -> str:
    onnx.save(model, str(folder / name))
    return name

"""`--target tensorrt`: add the graphs for GPUs, and golden vectors, to a model folder.

The folder's own graphs are the source, so calibration, weights and entropy bundle stay what they
are, and no pictures are needed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from safetensors.numpy import load_file

from tcsdk.engines.golden import FILE as GOLDEN
from tcsdk.export.folder import whole_folder
from tcsdk.export.graphs.storage import EXTERNAL_FROM, Blob, refer, share_equal, tensor_offsets
from tcsdk.export.tensorrt.golden import write_golden
from tcsdk.export.tensorrt.graphs import fold_weights, half_graph, symmetric_graph
from tcsdk.export.tensorrt.kinds import KINDS, REFUSED, SOURCES, Kind
from tcsdk.export.tensorrt.rules import check_graph
from tcsdk.model.find import named_model
from tcsdk.model.folder import CodecFolder, ModelFolder
from tcsdk.model.manifest import read_manifest, write_manifest
from tcsdk.quant.nets.table import rules_of
from tcsdk.train.run.weights import WEIGHTS

BLOB = "weights.tensorrt.bin"


def add_tensorrt_graphs(folder: Path) -> dict[str, float]:
    """Add the precisions "fp16" and "s8s8" and golden vectors to a model folder.

    `left_out` says where it is "fp16" alone. What an earlier call added is replaced. The folder
    changes whole or not at all.

    Args:
        folder: A model folder with the precision "fp32".

    Returns:
        "<precision> <role> <output>" -> relative error of that output on the CPU against
        the FP32 graph.

    Raises:
        ModelFileError: It is no sound model folder.
        ValueError: Its graphs run in ONNX Runtime alone, it lacks FP32, or a graph breaks a rule
            of TensorRT's.
    """
    model, kind = _model_of(folder)
    made = [precision for precision in SOURCES if precision not in left_out(folder)]
    for precision in made:
        for role in model.roles:  # refuses files that differ from the manifest
            model.graph_file(SOURCES[precision], role)
    with whole_folder(folder) as partial:
        for file in folder.iterdir():
            shutil.copy2(file, partial / file.name)
        rows = _write_graphs(partial, model, kind, made)
        manifest = read_manifest(folder)
        for precision in SOURCES:
            manifest["precisions"].pop(precision, None)
        manifest["precisions"].update(rows)
        manifest["default_precision"].update({"cuda": "fp16", "tensorrt": made[-1]})
        errors = write_golden(partial, model, manifest["precisions"])
        names = {*manifest["sha256"], *(f for row in rows.values() for f in row["files"]), GOLDEN}
        write_manifest(partial, manifest, sorted(names))
    return errors


def left_out(folder: Path) -> dict[str, str]:
    """Return the precisions for GPUs that a model does not get, and why.

    Raises:
        ModelFileError, ValueError: As `add_tensorrt_graphs`.
    """
    model, kind = _model_of(folder)
    why = dict(kind.without)
    for precision, source in SOURCES.items():
        if precision not in why and source not in model.precisions:
            why[precision] = f"it is made of {source!r}, which the folder lacks"
    if "s8s8" not in why and not _quantises(folder / model.precisions["int8"][model.roles[0]]):
        why["s8s8"] = "its int8 form has whole weights alone and computes in floats"
    return why


def _model_of(folder: Path) -> tuple[ModelFolder, Kind]:
    model, _ = named_model(folder)
    task = read_manifest(folder)["task"]
    if task in REFUSED:
        text = f"{folder}: expected a codec or a net of crops, got {REFUSED[task]}"
        if isinstance(model, CodecFolder) and model.drawing is not None:
            text += f" (its codec is {model.drawing.codec.path})"
        raise ValueError(text)
    if "fp32" not in model.precisions:
        raise ValueError(
            f"{folder}: expected the precision fp32, got {', '.join(model.precisions)}: export "
            "the model's weights anew"
        )
    return model, KINDS[model.contract(model.roles[0])]


def _quantises(path: Path) -> bool:
    graph = onnx.load(str(path), load_external_data=False).graph
    return any(node.op_type == "QuantizeLinear" for node in graph.node)


def _write_graphs(
    partial: Path, model: ModelFolder, kind: Kind, precisions: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Write all forms of all graphs and their weights; returns their manifest rows."""
    blob, layers = Blob(BLOB), rules_of(kind.net(partial)).float_layers
    rows: dict[str, dict[str, Any]] = {precision: {} for precision in precisions}
    for role in model.roles:
        for precision, row in rows.items():
            source = partial / model.precisions[SOURCES[precision]][role]
            graph = kind.settle(_FORMS[precision](source, kind, layers))
            _store(graph, blob, partial)
            row[role] = f"{role}.{precision}.onnx"
            onnx.save(graph, str(partial / row[role]))
    blob.write(partial)
    for row in rows.values():
        names = list(row.values())
        for name in names:
            _refuse_violations(partial / name)
        used = {file for name in names for file in _external_files(partial / name)}
        row["files"] = [*names, *sorted(used), *_beside(model)]
    return rows


def _half(source: Path, kind: Kind, layers: tuple[str, ...]) -> onnx.ModelProto:
    float32 = kind.rewrite(fold_weights(onnx.load(str(source))))
    return half_graph(float32, kind.exact(float32, layers))


def _symmetric(source: Path, kind: Kind, layers: tuple[str, ...]) -> onnx.ModelProto:
    u8s8 = onnx.load(str(source), load_external_data=False)
    return symmetric_graph(u8s8, fold_weights(onnx.load(str(source))))


_FORMS = {"fp16": _half, "s8s8": _symmetric}


def _beside(model: ModelFolder) -> list[str]:
    """Files that every precision needs beside graphs and weights: a codec's bundle."""
    return [model.bundle_file] if isinstance(model, CodecFolder) else []


def _store(graph: onnx.ModelProto, blob: Blob, partial: Path) -> None:
    """Move large tensors out: halves to where the checkpoint has them, the rest to the blob."""
    graph.producer_name, graph.producer_version = "tcsdk", ""
    del graph.metadata_props[:]
    values, offsets = load_file(partial / WEIGHTS), tensor_offsets(partial / WEIGHTS)
    share_equal(graph)
    for tensor in graph.graph.initializer:
        if tensor.data_location == TensorProto.EXTERNAL:
            continue
        value = numpy_helper.to_array(tensor)
        if value.nbytes < EXTERNAL_FROM:
            continue
        known = values.get(tensor.name)
        if value.dtype == np.float16 and known is not None and np.array_equal(value, known):
            refer(tensor, WEIGHTS, *offsets[tensor.name])
        else:
            blob.store(tensor)


def _external_files(path: Path) -> set[str]:
    model = onnx.load(str(path), load_external_data=False)
    entries = (e for tensor in model.graph.initializer for e in tensor.external_data)
    return {entry.value for entry in entries if entry.key == "location"}


def _refuse_violations(path: Path) -> None:
    found = check_graph(onnx.load(str(path)))
    if found:
        raise ValueError(f"{path.name} breaks TensorRT's rules: {'; '.join(map(str, found))}")

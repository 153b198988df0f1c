"""`--target tensorrt`: add the graphs for GPUs, and golden vectors, to a model folder.

The folder's own graphs are the source, so calibration, weights and entropy bundle stay what they
are, and no pictures are needed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper
from safetensors.numpy import load_file

from tcsdk.engines.golden import FILE as GOLDEN
from tcsdk.engines.golden import relative_error
from tcsdk.engines.ort import CpuEngine
from tcsdk.export.folder import load_checkpoint, whole_folder
from tcsdk.export.graphs.storage import EXTERNAL_FROM, Blob, refer, share_equal, tensor_offsets
from tcsdk.export.tensorrt.graphs import fold_weights, half_graph, symmetric_graph
from tcsdk.export.tensorrt.rules import check_graph
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.find import find_model
from tcsdk.model.folder import CodecFolder
from tcsdk.model.graphs import (
    ANALYSIS,
    CODED,
    CONTEXT_ANALYSIS,
    GAIN,
    GRAPHS,
    INV_GAIN,
    Z_GAIN,
    Z_INVERSE_GAIN,
    D,
    R,
    X,
    Y,
)
from tcsdk.model.manifest import of_packed_nets, read_manifest, write_manifest
from tcsdk.quant.nets.table import rules_of
from tcsdk.train.run.weights import WEIGHTS

Arrays = dict[str, NDArray[np.float32]]
BLOB = "weights.tensorrt.bin"
SIZE = (64, 128)
# How far another engine may be off, over what ONNX Runtime's CPU is off with the same graph.
_MARGIN, _LEAST_LIMIT, _MOST_LIMIT = 3.0, 0.02, 0.7


def add_tensorrt_graphs(folder: Path) -> dict[str, float]:
    """Add the precisions "fp16" and "s8s8" and golden vectors to a model folder.

    Codecs with a context ship in floats and get "fp16" alone. What an earlier call added is
    replaced. The folder changes whole or not at all.

    Args:
        folder: A model folder with the precisions "fp32" and, without a context, "int8".

    Returns:
        "<precision> <role> <output>" -> relative error of that output on the CPU against
        the FP32 graph.

    Raises:
        ModelFileError, WrongTaskError: It is no sound model folder, or holds no codec.
        ValueError: It lacks a precision, or a graph breaks a rule of TensorRT's.
    """
    model, _ = find_model(folder)
    if model.drawing is not None:
        raise ValueError(
            f"{folder}: expected a codec, got what draws into another's pictures: add the graphs "
            f"to {model.drawing.codec.path}; the net that draws runs in ONNX Runtime"
        )
    if isinstance(model, CaptionedCodec):
        raise ValueError(
            f"{folder}: expected a codec, got an encoder that is told captions: its graphs run in "
            "ONNX Runtime"
        )
    sources = ("fp32",) if model.has_context else ("fp32", "int8")
    missing = {*sources} - set(model.precisions)
    if missing:
        raise ValueError(f"{folder}: expected precisions fp32 and int8, got none of {missing}")
    for precision in sources:
        for role in model.roles:
            model.graph_file(precision, role)  # refuses files that differ from the manifest
    with whole_folder(folder) as partial:
        for file in folder.iterdir():
            shutil.copy2(file, partial / file.name)
        rows = _write_graphs(partial, model)
        manifest = read_manifest(folder)
        manifest["precisions"].update(rows)
        manifest["default_precision"].update({"cuda": "fp16", "tensorrt": next(reversed(rows))})
        errors = _write_golden(partial, model, manifest["precisions"])
        names = sorted(
            {*manifest["sha256"], *(f for row in rows.values() for f in row["files"]), GOLDEN}
        )
        write_manifest(partial, manifest, names)
    return errors


def _write_graphs(partial: Path, model: CodecFolder) -> dict[str, dict[str, Any]]:
    """Write all forms of all graphs and their weights; returns their manifest rows."""
    blob, layers = Blob(BLOB), rules_of(load_checkpoint(partial).codec).float_layers
    rows: dict[str, dict[str, Any]] = {"fp16": {}}
    if not model.has_context:
        rows["s8s8"] = {}
    for role in model.roles:
        float32 = fold_weights(onnx.load(str(partial / model.precisions["fp32"][role])))
        forms = {"fp16": half_graph(float32, layers)}
        if "s8s8" in rows:
            integers = str(partial / model.precisions["int8"][role])
            u8s8 = onnx.load(integers, load_external_data=False)
            forms["s8s8"] = symmetric_graph(u8s8, fold_weights(onnx.load(integers)))
        for precision in sorted(forms, reverse=True):
            graph = forms[precision]
            _store(graph, blob, partial)
            name = f"{role}.{precision}.onnx"
            onnx.save(graph, str(partial / name))
            rows[precision][role] = name
    blob.write(partial)
    for row in rows.values():
        for role in model.roles:
            _refuse_violations(partial / row[role])
        used = {file for role in model.roles for file in _external_files(partial / row[role])}
        row["files"] = [*(row[role] for role in model.roles), *sorted(used), model.bundle_file]
    return rows


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


def golden_picture() -> NDArray[np.float32]:
    """Return the picture of the golden vectors, (1, 3, 64, 128) in 0..1: waves and bars."""
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]].astype(np.float32)
    picture = np.stack([0.5 + 0.4 * np.sin(x / 11), 0.5 + 0.4 * np.cos(y / 9), x / SIZE[1]])
    picture[:, 20:40][:, :, np.arange(SIZE[1]) // 4 % 2 == 0] = 0.1
    return picture[None].astype(np.float32)


def _feeds(
    partial: Path, model: CodecFolder, row: Mapping[str, Any], engine: CpuEngine
) -> Iterator[tuple[str, Arrays, Arrays]]:
    """Yield each role, what goes into its graph, and what the FP32 one makes of it, in order."""
    bundle = model.load_bundle()
    level = int(bundle.z_level_of_quality[model.default_quality])
    inverse = bundle.z_inverse_gain[level].reshape(1, -1, 1, 1)
    ones = np.ones((1, model.latent, 1, 1), np.float32)
    known: Arrays = {
        X: golden_picture(),
        Z_GAIN: bundle.z_gain[level].reshape(1, -1, 1, 1),
        Z_INVERSE_GAIN: inverse,
        GAIN: ones,
        INV_GAIN: ones,
    }
    for role in model.roles:
        names = CONTEXT_ANALYSIS if role == ANALYSIS and model.has_context else role
        inputs = {name: known[name] for name in GRAPHS[names].inputs}
        made = engine.load(partial / row[role]).run(inputs)
        known |= made
        if Y in made:
            known[CODED] = np.ones_like(made[Y])
        if D in made:
            known[R] = np.rint(made[D])
        yield role, inputs, dict(made)


def _write_golden(
    partial: Path, model: CodecFolder, precisions: dict[str, dict[str, Any]]
) -> dict[str, float]:
    """Write golden vectors and limits; returns the relative errors that the limits come from."""
    engine = CpuEngine(1)
    arrays: dict[str, NDArray[np.float32]] = {}
    errors: dict[str, float] = {}
    for role, inputs, expected in _feeds(partial, model, precisions["fp32"], engine):
        arrays |= {f"{role}.in.{name}": array for name, array in inputs.items()}
        arrays |= {f"{role}.out.{name}": array for name, array in expected.items()}
        for precision, row in precisions.items():
            if of_packed_nets(row):
                continue
            came = engine.load(partial / row[role]).run(inputs)
            for name, array in expected.items():
                error = relative_error(came[name], array)
                errors[f"{precision} {role} {name}"] = error
                limit = np.clip(_MARGIN * error, _LEAST_LIMIT, _MOST_LIMIT)
                arrays[f"{role}.limit.{precision}.{name}"] = limit.astype(np.float32)
    with (partial / GOLDEN).open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    return errors

"""The packed nets of a model folder: ranges are measured, steps chosen, both graphs lowered."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from tcsdk._kernels import decode_tile, encode_tile, inverse_gain
from tcsdk.export.folder import whole_folder
from tcsdk.export.integer.lowering import TEXT_STEP, Lowering
from tcsdk.export.integer.net_file import CONV, DEPTHWISE, WIDE_MAX, Layer, NetForm
from tcsdk.model.find import find_model
from tcsdk.model.folder import CodecFolder
from tcsdk.model.graphs import (
    ANALYSIS,
    INV_GAIN,
    SYNTHESIS,
    TEXT,
    Z_GAIN,
    Z_HAT,
    Z_INVERSE_GAIN,
    D,
    R,
    X,
)
from tcsdk.model.manifest import NET_SUFFIX, read_manifest, write_manifest

# The precision's name in a manifest.
PACKED = "packed"
Arrays = dict[str, NDArray[np.float32]]
QUALITIES = (8, 32, 56)
_MEASURED = ("Conv", "Add", "Mul", "Relu", "DepthToSpace", "Sub")


def packed_nets(
    model: CodecFolder, precision: str, pictures: Iterable[NDArray[np.float32]]
) -> dict[str, bytes]:
    """Return the packed net of each role.

    Args:
        model: a codec whose graphs are the edge net's.
        precision: of the graphs to take, "int8" mostly.
        pictures: (3, H, W) float32 in 0..1, sides multiples of 64; ranges are measured on them.
    """
    graphs = {r: onnx.load(str(model.graph_file(precision, r))) for r in (ANALYSIS, SYNTHESIS)}
    ranges = _ranges(model, precision, graphs, list(pictures))
    latents = max(_latent_range(graphs[r], ranges[r]) for r in graphs)
    y_step = float(2.0 ** math.ceil(math.log2(2 * latents / WIDE_MAX)))
    return {
        role: _form(role, model, graph, ranges[role], y_step).to_bytes()
        for role, graph in graphs.items()
    }


def _latent_range(graph: onnx.ModelProto, ranges: Mapping[str, float]) -> float:
    latents = Lowering(graph, ranges, 1.0, {}).at_y
    return max(ranges[name] for name in latents if name in ranges)


def _ranges(
    model: CodecFolder,
    precision: str,
    graphs: Mapping[str, onnx.ModelProto],
    pictures: list[NDArray[np.float32]],
) -> dict[str, dict[str, float]]:
    """Largest magnitudes of what both graphs compute, by role and name."""
    import onnxruntime

    found: dict[str, dict[str, float]] = {role: {} for role in graphs}
    sessions = {}
    for role, graph in graphs.items():
        told = onnx.ModelProto()
        told.CopyFrom(graph)
        names = [n.output[0] for n in graph.graph.node if n.op_type in _MEASURED]
        have = {o.name for o in told.graph.output}
        told.graph.output.extend(
            onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, None)
            for n in names
            if n not in have
        )
        sessions[role] = onnxruntime.InferenceSession(
            told.SerializeToString(), providers=["CPUExecutionProvider"]
        )

    def run(role: str, inputs: Arrays) -> Arrays:
        names = [o.name for o in sessions[role].get_outputs()]
        outputs = dict(zip(names, sessions[role].run(names, inputs), strict=True))
        for name, array in outputs.items():
            largest = float(np.abs(array).max(initial=0))
            found[role][name] = max(found[role].get(name, 0.0), largest)
        return outputs

    bundle = model.load_bundle()
    for picture in pictures:
        for quality in QUALITIES:
            level = int(bundle.z_level_of_quality[quality])
            inverse = bundle.z_inverse_gain[level].reshape(1, -1, 1, 1)
            gain = bundle.z_gain[level].reshape(1, -1, 1, 1)
            said = run(ANALYSIS, {X: picture[None], Z_GAIN: gain, Z_INVERSE_GAIN: inverse})
            z_hat = said[Z_HAT][0].astype(np.int8)
            payload = encode_tile(bundle, z_hat, np.ascontiguousarray(said[D][0]), quality)
            _, r = decode_tile(bundle, payload, quality, *said[D].shape[2:])
            back = inverse_gain(bundle, quality)[None]
            inputs = {Z_HAT: said[Z_HAT], R: r[None].astype(np.float32), INV_GAIN: back}
            run(SYNTHESIS, {**inputs, Z_INVERSE_GAIN: inverse})
    return found


def _form(
    role: str, model: CodecFolder, graph: onnx.ModelProto, ranges: Mapping[str, float], step: float
) -> NetForm:
    """Lower a graph, with coarser tensors where a sum would leave int32."""
    caps: dict[str, int] = {}
    while True:
        lowering = Lowering(graph, ranges, step, caps)
        layers = lowering.run()
        wide = [one for one in layers if one.op in (CONV, DEPTHWISE) and _overflows(one)]
        if not wide:
            break
        for layer in wide:
            assert layer.source is not None
            name = lowering.names[layer.source]
            caps[name] = layer.source.limit // 2
    steps = lowering.steps
    bits = tuple(
        round(-math.log2(s)) for s in (step, steps.get("z", 1.0), steps["z_in"], TEXT_STEP)
    )
    planes = 0
    thresholds = np.zeros(0, np.int32)
    if TEXT in steps:
        planes = 2 if model.adaptive else 1
        k = np.arange(1, 256) / 256
        thresholds = np.ceil(np.log(k / (1 - k)) / steps[TEXT]).astype(np.int32)
    number = {ANALYSIS: 1, SYNTHESIS: 2}[role]
    return NetForm(number, model.latent, model.hyper, bits, planes, layers, thresholds)  # type: ignore[arg-type]


def _overflows(layer: Layer) -> bool:
    assert layer.weight is not None
    assert layer.bias is not None
    assert layer.source is not None
    axis = (1, 2, 3) if layer.op == CONV else (0, 1)
    weights = np.abs(layer.weight.astype(np.int64)).sum(axis).reshape(-1)
    if layer.op == DEPTHWISE:
        weights = np.abs(layer.weight.astype(np.int64)).sum((0, 1)).reshape(-1)
    largest = weights * layer.source.limit + np.abs(layer.bias.astype(np.int64))
    return bool(largest.max() >= 2**31)


def add_packed_nets(folder: Path, pictures: Iterable[NDArray[np.float32]]) -> dict[str, int]:
    """Add the precision "packed" to a model folder, made of its "int8".

    The folder changes whole or not at all.

    Args:
        folder: a codec's, with an edge net's INT8 graphs.
        pictures: as of `packed_nets`.

    Returns:
        File name -> bytes.

    Raises:
        ModelFileError, WrongTaskError: It is no sound model folder, or holds no codec.
        ValueError: It has no INT8 graphs of its own.
    """
    model, _ = find_model(folder)
    if model.drawing is not None or "int8" not in model.precisions:
        raise ValueError(f"{folder}: expected a codec with INT8 graphs of its own, got none")
    nets = packed_nets(model, "int8", pictures)
    files = {role: f"{role}{NET_SUFFIX}" for role in nets}
    manifest = read_manifest(folder)
    manifest["precisions"][PACKED] = {**files, "files": [*files.values(), model.bundle_file]}
    manifest["default_precision"]["libtcs"] = PACKED
    with whole_folder(folder) as partial:
        for file in folder.iterdir():
            shutil.copy2(file, partial / file.name)
        for role, data in nets.items():
            (partial / files[role]).write_bytes(data)
        write_manifest(partial, manifest, sorted({*manifest["sha256"], *files.values()}))
    return {files[role]: len(data) for role, data in nets.items()}

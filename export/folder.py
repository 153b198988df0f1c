"""Model folders: a checkpoint in, graphs, bundle, weights and manifest out, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from torch import Tensor

from tcsdk.export.entropy import make_bundle, scale_table
from tcsdk.export.graphs import MEANS, export_analysis, export_synthesis, round_weights
from tcsdk.export.statistics import count_symbols
from tcsdk.export.storage import (
    Blob,
    half_weights,
    int8_weights,
    move_out,
    share_equal,
    shorten_names,
)
from tcsdk.export.tables import residual_shifts
from tcsdk.models.edge import EdgeCodec
from tcsdk.quant.static import FLOAT_LAYERS

FORMAT = 1
WEIGHTS, BUNDLE, MEANS_FILE, MANIFEST = (
    "weights.safetensors",
    "entropy.tcsb",
    "means.bin",
    "manifest.json",
)
# Wire ids are assigned by hand and never reused; 0xF000 and above are private.
WIRE_IDS = {"tfic": 1, "base": 2}
PRIVATE_WIRE_ID = 0xF000
DEFAULT_QUALITY = 32
# Pixels of context around a tile. At 64 a seam can be measured: docs/decisions/halo.md.
HALO = 128

# Turns a float graph ("analysis" or "synthesis") into its int8 form.
Quantiser = Callable[[str, onnx.ModelProto], onnx.ModelProto]


@dataclass(frozen=True)
class Checkpoint:
    """A trained model: FP16 weights as shipped, and the net in float32 made from exactly those.

    The net's means network is on its int8 grid (`round_weights`), `values` are not.
    """

    values: dict[str, NDArray[np.float16]]
    codec: EdgeCodec
    digest: bytes  # SHA-256 over names, shapes and FP16 bytes in the order of names


def canonical_digest(values: dict[str, NDArray[np.float16]]) -> bytes:
    """SHA-256 of a checkpoint, independent of the file it lies in."""
    digest = hashlib.sha256()
    for name in sorted(values):
        digest.update(f"{name} {values[name].shape}\n".encode())
        digest.update(np.ascontiguousarray(values[name], "<f2").tobytes())
    return digest.digest()


def load_checkpoint(path: Path) -> Checkpoint:
    """Read `weights.pt` of a training run, or `weights.safetensors` of a model folder.

    Args:
        path: either file, or a folder that holds one of them.

    Raises:
        FileNotFoundError: the folder holds neither.
    """
    if path.is_dir():
        found = [p for p in (path / WEIGHTS, path / "weights.pt") if p.exists()]
        if not found:
            raise FileNotFoundError(f"expected {WEIGHTS} or weights.pt in {path}, found neither")
        path = found[0]
    if path.suffix == ".safetensors":
        values = load_file(path)
    else:
        loaded: dict[str, Tensor] = torch.load(path, weights_only=True)
        values = {k: v.half().contiguous().numpy() for k, v in loaded.items()}
    codec = EdgeCodec().eval()
    codec.load_state_dict({k: torch.from_numpy(v.astype(np.float32)) for k, v in values.items()})
    round_weights(codec.means)
    return Checkpoint(values, codec, canonical_digest(values))


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target` that takes its place when the block succeeds."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        partial = Path(scratch) / target.name
        partial.mkdir()
        yield partial
        if target.exists():
            for kept in target.glob("*.md"):  # the card is written by hand or by the benchmarks
                shutil.copy2(kept, partial / kept.name)
            shutil.rmtree(target)
        partial.rename(target)


def _finish(model: onnx.ModelProto, folder: Path, name: str) -> str:
    onnx.save(model, str(folder / name))
    return name


def write_folder(
    checkpoint: Checkpoint,
    family: str,
    target: Path,
    quantise: Quantiser,
    pictures: list[NDArray[np.float32]],
) -> None:
    """Write a model folder with its FP32 and INT8 forms.

    Args:
        checkpoint: the trained model.
        family: "tfic", "base", or a name of your own (then it gets a private wire id).
        target: folder to write; an older one there is replaced.
        quantise: makes the int8 form of a float graph.
        pictures: (3, H, W) float32 in 0..1, whose symbols the entropy tables are made from.
    """
    wire_id = WIRE_IDS.get(family, PRIVATE_WIRE_ID)
    exporters = {"analysis": export_analysis, "synthesis": export_synthesis}
    with whole_folder(target) as folder:
        save_file(checkpoint.values, folder / WEIGHTS)
        (folder / WEIGHTS).chmod(0o644)
        counts = count_symbols(checkpoint.codec, pictures, residual_shifts(scale_table()))
        bundle = make_bundle(checkpoint.codec, wire_id, checkpoint.digest, counts)
        (folder / BUNDLE).write_bytes(bundle.to_bytes())
        means, int8 = Blob(MEANS_FILE), Blob("weights.int8.bin")
        precisions: dict[str, dict[str, str | list[str]]] = {"fp32": {}, "int8": {}}
        for role, export in exporters.items():
            quantised = quantise(role, export(checkpoint.codec))
            model = export(checkpoint.codec)
            int8_weights(model, means, (MEANS,))
            half_weights(model, folder / WEIGHTS, checkpoint.values)
            precisions["fp32"][role] = _finish(model, folder, f"{role}.fp32.onnx")
            int8_weights(quantised, means, (MEANS,))
            int8_weights(quantised, int8, FLOAT_LAYERS)
            share_equal(quantised)
            move_out(quantised, int8)
            shorten_names(quantised)
            precisions["int8"][role] = _finish(quantised, folder, f"{role}.int8.onnx")
        means.write(folder)
        int8.write(folder)
        for name, extra in (("fp32", WEIGHTS), ("int8", int8.name)):
            graphs = [str(precisions[name][role]) for role in exporters]
            precisions[name]["files"] = [*graphs, extra, MEANS_FILE, BUNDLE]
        _write_manifest(folder, checkpoint, family, wire_id, precisions)


def _write_manifest(
    folder: Path, checkpoint: Checkpoint, family: str, wire_id: int,
    precisions: dict[str, dict[str, str | list[str]]],
) -> None:  # fmt: skip
    files = sorted(p.name for p in folder.iterdir())
    manifest = {
        "format": FORMAT,
        "family": family,
        "wire_id": wire_id,
        "latent": checkpoint.codec.config.latent,
        "hyper": checkpoint.codec.config.hyper,
        "pad": 64,
        "halo": HALO,
        "licence": "Apache-2.0",
        "default_quality": DEFAULT_QUALITY,
        "detects_text": True,
        "default_precision": {"cpu": "int8", "cuda": "fp32"},
        "checkpoint": checkpoint.digest.hex(),
        "bundle": BUNDLE,
        "precisions": precisions,
        "sha256": {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in files},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")

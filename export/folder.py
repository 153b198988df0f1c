"""Model folders: a checkpoint in, graphs, bundle, weights and manifest out, whole or not at all."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from tcsdk.export.entropy.from_codec import make_bundle, scale_table
from tcsdk.export.entropy.statistics import collect_symbols
from tcsdk.export.entropy.tables import residual_shifts
from tcsdk.export.graphs.float_graphs import MEANS, ROLES, round_weights
from tcsdk.export.graphs.precisions import Row, write_float, write_integers
from tcsdk.export.graphs.storage import Blob, int8_weights
from tcsdk.model.manifest import write_manifest
from tcsdk.model.tasks import CODEC
from tcsdk.models.codecs.base import Codec
from tcsdk.models.registry import codec_of
from tcsdk.quant.integers.quantised import Quantised
from tcsdk.train.run.checkpoint import load_weights

WEIGHTS, BUNDLE, MEANS_FILE = "weights.safetensors", "entropy.tcsb", "means.bin"
# Wire ids are assigned by hand and never reused; 0xF000 and above are private.
WIRE_IDS = {"tfic": 1, "base": 2, "base-tinylic": 3, "tfic-tinylic": 4}
PRIVATE_WIRE_ID = 0xF000
DEFAULT_QUALITY = 32
# Pixels of context around a tile. At 64 a seam can be measured: docs/decisions/halo.md.
HALO = 128


@dataclass(frozen=True)
class Checkpoint:
    """A trained model: FP16 weights as shipped, and the net in float32 made from exactly those.

    The net's means network is on its int8 grid (`round_weights`), `values` are not.
    """

    values: dict[str, NDArray[np.float16]]
    codec: Codec
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
        FileNotFoundError: there is neither.
        ValueError: the weights are of none of our nets.
    """
    weights = load_weights(path)
    codec = codec_of(weights)
    round_weights(codec.means)
    values = {k: v.half().contiguous().numpy() for k, v in weights.items()}
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


def write_folder(
    checkpoint: Checkpoint,
    family: str,
    target: Path,
    quantised: Mapping[str, Quantised],
    pictures: list[NDArray[np.float32]],
) -> None:
    """Write a model folder with its FP32 form and integer ones.

    Args:
        checkpoint: the trained model.
        family: one of WIRE_IDS, or a name of your own (then it gets a private wire id).
        target: folder to write; an older one there is replaced.
        quantised: integer forms of the net by precision id, such as "int8"; none for a net that
            ships in FP32 alone.
        pictures: (3, H, W) float32 in 0..1, whose symbols the entropy tables are made from.
    """
    wire_id = WIRE_IDS.get(family, PRIVATE_WIRE_ID)
    with whole_folder(target) as folder:
        save_file(checkpoint.values, folder / WEIGHTS)
        (folder / WEIGHTS).chmod(0o644)
        symbols = collect_symbols(checkpoint.codec, pictures, residual_shifts(scale_table()))
        bundle = make_bundle(checkpoint.codec, wire_id, checkpoint.digest, symbols)
        (folder / BUNDLE).write_bytes(bundle.to_bytes())
        graphs = {name: role.export(checkpoint.codec) for name, role in ROLES.items()}
        means = Blob(MEANS_FILE)
        for graph in graphs.values():
            int8_weights(graph, means, (MEANS,))
        means.write(folder)
        rows = {"fp32": write_float(folder, graphs, checkpoint.values, WEIGHTS)}
        for name, form in quantised.items():
            rows[name] = write_integers(folder, name, graphs, checkpoint.codec, form)
        for row in rows.values():
            row["files"] = [*row["files"], MEANS_FILE, BUNDLE]
        write_manifest(
            folder,
            _fields(checkpoint, family, wire_id, rows),
            sorted(path.name for path in folder.iterdir()),
        )


def _fields(
    checkpoint: Checkpoint, family: str, wire_id: int, precisions: Mapping[str, Row]
) -> dict[str, object]:
    """What the manifest says; its tables are in tcsdk/model/tasks.py."""
    return {
        "task": CODEC,
        "family": family,
        "wire_id": wire_id,
        "latent": checkpoint.codec.config.latent,
        "hyper": checkpoint.codec.config.hyper,
        "halo": HALO,
        "licence": "Apache-2.0",
        "default_quality": DEFAULT_QUALITY,
        "detects_text": True,
        "adaptive": checkpoint.codec.config.adaptive,
        "default_precision": {"cpu": "int8" if "int8" in precisions else "fp32", "cuda": "fp32"},
        "checkpoint": checkpoint.digest.hex(),
        "bundle": BUNDLE,
        "precisions": precisions,
    }

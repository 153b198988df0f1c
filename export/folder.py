"""Model folders: a checkpoint in, graphs, bundle, weights and manifest out, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tcsdk.export.entropy.from_codec import make_bundle, scale_table
from tcsdk.export.entropy.statistics import collect_symbols
from tcsdk.export.entropy.tables import residual_shifts
from tcsdk.export.graphs.float_graphs import MEANS, round_weights
from tcsdk.export.graphs.precisions import Row, write_float, write_integers
from tcsdk.export.graphs.roles import roles_of
from tcsdk.export.graphs.storage import Blob, int8_weights
from tcsdk.model.manifest import write_manifest
from tcsdk.model.tasks import CODEC
from tcsdk.models.codecs.base import Codec
from tcsdk.models.families import FAMILIES, Family, family_of, row_of
from tcsdk.models.registry import codec_of
from tcsdk.quant.integers.quantised import Quantised
from tcsdk.train.run.weights import (
    WEIGHTS,
    Origin,
    digest_of,
    load_origin,
    load_weights,
    save_weights,
)

TABLES = 5  # pictures: from 48 alone z_hat takes 1 % more than from 200
BUNDLE, MEANS_FILE = "entropy.tcsb", "means.bin"


@dataclass(frozen=True)
class Checkpoint:
    """A trained model: FP16 weights as shipped, and the net in float32 made from exactly those.

    The net's means network is on its int8 grid (`round_weights`), `values` are not.
    """

    values: dict[str, NDArray[np.float16]]
    codec: Codec
    digest: bytes  # of its values: tcsdk.train.run.weights.digest_of
    origin: Origin


def load_checkpoint(path: Path) -> Checkpoint:
    """Read the weights of a training run or of a model folder.

    Args:
        path: `weights.safetensors`, or a folder that holds it.

    Raises:
        FileNotFoundError: there is none.
        ValueError: they do not say where they come from, or are none of our nets'.
    """
    weights, origin = load_weights(path), load_origin(path)
    codec = codec_of(weights, origin.net)
    round_weights(codec.means)
    values = {k: v.half().contiguous().numpy() for k, v in weights.items()}
    return Checkpoint(values, codec, digest_of(weights), origin)


def name_of(checkpoint: Checkpoint, given: str | None) -> str:
    """Return the name of a checkpoint's family: its recipe's, or one of one's own.

    Raises:
        ValueError: none is given, and weights of this recipe are no family's.
    """
    name = given or family_of(checkpoint.origin.recipe)
    if name is None:
        known = ", ".join(recipe for row in FAMILIES.values() for recipe in row.recipes)
        raise ValueError(
            f"expected weights of one of the recipes {known}, got those of "
            f"{checkpoint.origin.recipe!r}: give a name of your own with --family"
        )
    return name


def entropy_bundle(
    checkpoint: Checkpoint, family: str, pictures: list[NDArray[np.float32]]
) -> bytes:
    """Return a model's entropy path: tables of what occurs in pictures, the scale network, gains.

    Args:
        checkpoint: the trained model.
        family: as in `write_folder`.
        pictures: (3, H, W) float32 in 0..1; TABLES for each one of calibration.
    """
    row = row_of(family, checkpoint.origin.net, checkpoint.origin.recipe)
    symbols = collect_symbols(checkpoint.codec, pictures, residual_shifts(scale_table()))
    return make_bundle(checkpoint.codec, row.wire_id, checkpoint.digest, symbols).to_bytes()


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
    bundle: bytes,
) -> None:
    """Write a model folder with its FP32 form and integer ones.

    Args:
        checkpoint: the trained model.
        family: the checkpoint's, or a name of one's own (then it gets a private wire id).
        target: folder to write; an older one there is replaced.
        quantised: integer forms of the net by precision id, such as "int8"; none for a net that
            ships in FP32 alone.
        bundle: entropy tables and the integer scale network, as `entropy_bundle` makes them.
    """
    origin = checkpoint.origin
    row = row_of(family, origin.net, origin.recipe)
    with whole_folder(target) as folder:
        tensors = {name: torch.from_numpy(value) for name, value in checkpoint.values.items()}
        save_weights(folder / WEIGHTS, tensors, origin)
        (folder / BUNDLE).write_bytes(bundle)
        roles = roles_of(checkpoint.codec)
        graphs = {name: role.export(checkpoint.codec) for name, role in roles.items()}
        modules = {name: role.module for name, role in roles.items()}
        means = Blob(MEANS_FILE)
        for graph in graphs.values():
            int8_weights(graph, means, (MEANS,))
        means.write(folder)
        rows = {"fp32": write_float(folder, graphs, checkpoint.values, WEIGHTS)}
        for name, form in quantised.items():
            codec, values = checkpoint.codec, checkpoint.values
            rows[name] = write_integers(folder, name, graphs, modules, codec, form, values)
        for entry in rows.values():
            entry["files"] = [*entry["files"], MEANS_FILE, BUNDLE]
        write_manifest(
            folder,
            _fields(checkpoint, family, row, rows),
            sorted(path.name for path in folder.iterdir()),
        )


def _fields(
    checkpoint: Checkpoint, family: str, row: Family, precisions: Mapping[str, Row]
) -> dict[str, object]:
    """What the manifest says; its tables are in tcsdk/model/tasks.py."""
    return {
        "task": CODEC,
        "family": family,
        "wire_id": row.wire_id,
        "latent": checkpoint.codec.config.latent,
        "hyper": checkpoint.codec.config.hyper,
        "halo": row.halo,
        "licence": "Apache-2.0",
        "default_quality": row.default_quality,
        "detects_text": True,
        "adaptive": checkpoint.codec.config.adaptive,
        "default_precision": {
            "cpu": next((name for name in precisions if name != "fp32"), "fp32"),
            "cuda": "fp32",
        },
        "checkpoint": checkpoint.digest.hex(),
        "bundle": BUNDLE,
        "precisions": precisions,
    }

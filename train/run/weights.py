"""Weights that ship, FP16 in one safetensors file that says what they are and where they come from.

The file alone decides which net it is and how its integer forms are judged: nothing is read off a
folder's name or a command line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from tcsdk.output import write_file

WEIGHTS = "weights.safetensors"
NO_PARENT = "none"


@dataclass(frozen=True)
class Origin:
    """Where weights come from, in the file's metadata.

    Attributes:
        net: a name in tcsdk.models.registry.NETS, or "own-reader".
        recipe: what they were trained by, last.
        steps: done of it.
        seed: of that training.
        parent: recipe and digest of the weights that it started from, and of its teacher's; "none"
            where it started from nothing.
    """

    net: str
    recipe: str
    steps: int
    seed: int
    parent: str = NO_PARENT


def digest_of(values: Mapping[str, Tensor]) -> bytes:
    """SHA-256 over names, shapes and FP16 bytes in the order of names, whatever file they are in.

    Args:
        values: float tensors; they are rounded to FP16.
    """
    digest = hashlib.sha256()
    for name in sorted(values):
        half = values[name].half().contiguous().numpy()
        digest.update(f"{name} {half.shape}\n".encode())
        digest.update(half.astype("<f2", copy=False).tobytes())
    return digest.digest()


def weights_bytes(values: Mapping[str, Tensor], origin: Origin) -> bytes:
    """Return the file of weights: FP16, the same bytes for the same weights and origin."""
    halves = {name: value.half().contiguous() for name, value in values.items()}
    said = {name: str(value) for name, value in asdict(origin).items()}
    data = save(halves, said)
    # safetensors writes metadata in an order that changes from process to process.
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header["__metadata__"] = said
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode().ljust(size)
    return data[:8] + text + data[8 + size :]


def save_weights(path: Path, values: Mapping[str, Tensor], origin: Origin) -> None:
    """Write weights and their origin, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    write_file(path, weights_bytes(values, origin))


def weights_file(path: Path) -> Path:
    """Return the file of weights that a path names.

    Args:
        path: the file, or the folder of a run or a model that holds one.

    Raises:
        FileNotFoundError: there is none.
    """
    file = path / WEIGHTS if path.is_dir() else path
    if not file.is_file():
        raise FileNotFoundError(f"expected {WEIGHTS} in {path}, found none")
    return file


def load_weights(path: Path) -> dict[str, Tensor]:
    """Return weights as float32.

    Args:
        path: as `weights_file` takes it.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is no safetensors file.
    """
    file = weights_file(path)
    try:
        return {name: value.to(torch.float32) for name, value in load_file(file).items()}
    except SafetensorError as error:
        raise ValueError(f"expected a safetensors file at {file}, got another: {error}") from error


def load_origin(path: Path) -> Origin:
    """Return what a file of weights says of itself.

    Args:
        path: as `weights_file` takes it.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is no safetensors file, or its metadata do not say it.
    """
    file, names = weights_file(path), [field.name for field in fields(Origin)]
    try:
        with safe_open(file, framework="pt") as opened:
            said = opened.metadata() or {}
    except SafetensorError as error:
        raise ValueError(f"expected a safetensors file at {file}, got another: {error}") from error
    missing = [name for name in names if name not in said]
    counts = {name: said.get(name, "") for name in ("steps", "seed")}
    if missing or not all(value.isdigit() for value in counts.values()):
        raise ValueError(
            f"expected metadata {', '.join(names)} in {file}, steps and seed whole numbers, got "
            f"{said or 'none'}: write it with tcsdk.train.run.weights.save_weights"
        )
    whole = {name: int(value) for name, value in counts.items()}
    return Origin(**{name: said[name] for name in names} | whole)  # type: ignore[arg-type]


def parent_of(paths: Sequence[Path]) -> str:
    """Return recipe and digest of the weights that a training starts from; "none" without any.

    Raises:
        FileNotFoundError, ValueError: as `load_origin`.
    """
    named = [f"{load_origin(p).recipe} {digest_of(load_weights(p)).hex()[:16]}" for p in paths]
    return ", ".join(named) or NO_PARENT

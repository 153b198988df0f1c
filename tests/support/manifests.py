"""Manifests changed in ways that no writer would, with a digest that fits all the same."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from tcsdk.model.manifest import MANIFEST, digest_of


def read(folder: Path) -> dict[str, Any]:
    """What a manifest says, as it lies there."""
    return json.loads((folder / MANIFEST).read_text())


def save(folder: Path, manifest: dict[str, Any]) -> None:
    """Write a manifest, whatever it says."""
    fitting = {**manifest, "digest": digest_of(manifest)}
    (folder / MANIFEST).write_text(json.dumps(fitting))


def edit(folder: Path, **fields: Any) -> None:
    """Give fields other values."""
    save(folder, {**read(folder), **fields})


def digest(file: Path) -> str:
    """What a manifest says of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()

"""What a plan was built for: everything that makes another plan necessary when it changes."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from tcsdk.distribution import installed_version
from tcsdk.errors import ModelFileError
from tcsdk.model.manifest import MANIFEST, read_manifest
from tcsdk.model.tasks import TASKS

if TYPE_CHECKING:
    from tcsdk.engines.cuda import Device


@dataclass(frozen=True)
class PlanKey:
    """What a plan is of, and the machine that it was built on.

    Attributes:
        family: Of the model.
        precision: Of its graphs.
        graph: Its role.
        model: Digest of the graph's files, weights included.
        tensorrt: Version.
        cuda: Version of the CUDA runtime.
        driver: CUDA version of the driver.
        gpu: Name of the GPU.
        capability: Its compute capability.
        platform: Operating system and processor.
        tcsdk: Our version.
    """

    family: str
    precision: str
    graph: str
    model: str
    tensorrt: str
    cuda: str
    driver: str
    gpu: str
    capability: str
    platform: str
    tcsdk: str

    @property
    def digest(self) -> str:
        """24 hex digits that differ wherever a field differs."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    @property
    def subject(self) -> tuple[str, str, str]:
        """Family, precision and graph: what a plan is of, wherever it was built."""
        return self.family, self.precision, self.graph

    def differences(self, other: PlanKey) -> list[str]:
        """Say how another key differs, such as "tensorrt 10.3.0 instead of 10.16.1"."""
        pairs = ((f.name, getattr(other, f.name), getattr(self, f.name)) for f in fields(self))
        return [
            f"{name} {theirs} instead of {ours}" for name, theirs, ours in pairs if theirs != ours
        ]


def key_of_graph(path: Path, tensorrt: str, device: Device) -> PlanKey:
    """Return the key of a model folder's graph on this machine.

    Args:
        path: The graph's file in a model folder.
        tensorrt: Version.
        device: The GPU.

    Raises:
        ModelFileError: The folder has no sound manifest, or none that lists the graph.
    """
    manifest = read_manifest(path.parent)
    roles = TASKS[manifest["task"]].roles_of(manifest["precisions"])
    precision, graph = _place_of(path, manifest["precisions"], roles)
    row, digests = manifest["precisions"][precision], manifest["sha256"]
    others = {row[role] for role in roles} - {path.name}
    names = sorted(set(row["files"]) - others)
    missing = [name for name in names if name not in digests]
    if missing:
        raise ModelFileError(f"{path.parent / MANIFEST}: expected SHA-256 of {missing}, got none")
    listing = "".join(f"{name} {digests[name]}\n" for name in names)
    return PlanKey(
        family=manifest["family"],
        precision=precision,
        graph=graph,
        model=hashlib.sha256(listing.encode()).hexdigest(),
        tensorrt=tensorrt,
        cuda=device.cuda,
        driver=device.driver,
        gpu=device.name,
        capability=device.capability,
        platform=f"{platform.system()}-{platform.machine()}",
        tcsdk=installed_version(),
    )


def _place_of(
    path: Path, precisions: dict[str, dict[str, object]], roles: tuple[str, ...]
) -> tuple[str, str]:
    for precision, row in precisions.items():
        for role in roles:
            if row[role] == path.name:
                return precision, role
    raise ModelFileError(
        f"{path.parent / MANIFEST}: expected a precision with the graph {path.name}, got none"
    )

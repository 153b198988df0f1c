"""Model folders: what a manifest says, which files are sound, and which model an id names."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tcsdk._kernels import Bundle, external_initializers
from tcsdk.errors import (
    BundleMismatchError,
    ModelFileError,
    PackedWeightsError,
    UnknownModelError,
)
from tcsdk.model.graphs import GRAPHS
from tcsdk.model.manifest import MANIFEST, read_manifest

# Installed, the zoo is a folder of the package; in an editable checkout it lies beside it.
_ZOO = tuple(folder / "zoo" for folder in Path(__file__).parents[1:3])


@dataclass(frozen=True)
class ModelFolder:
    """One model family on disk, as its manifest describes it; no graph is loaded.

    Attributes:
        path: The folder.
        family: Its name, such as "tfic".
        wire_id: Its number in streams.
        latent: M, channels of r.
        hyper: C_z, channels of z_hat.
        halo: Pixels of context around a tile, a multiple of 64.
        default_quality: Quality of an encoder that names none.
        detects_text: Whether its analysis graph says where text is.
        adaptive: Whether it says too how much finer than the rest a block wants to be coded.
        default_precision: Device kind ("cpu", "cuda") -> precision.
        precisions: Precision -> {role: file of its graph, "files": all its files}.
        licence: SPDX name.
        bundle_file: Name of the entropy bundle.
        sha256: File name -> hex digest.
    """

    path: Path
    family: str
    wire_id: int
    latent: int
    hyper: int
    halo: int
    default_quality: int
    detects_text: bool
    adaptive: bool
    licence: str
    bundle_file: str
    default_precision: dict[str, str] = field(repr=False)
    precisions: dict[str, dict[str, Any]] = field(repr=False)
    sha256: dict[str, str] = field(repr=False)

    @property
    def roles(self) -> tuple[str, ...]:
        """What its graphs do, in the order in which they run."""
        return tuple(GRAPHS)

    @property
    def bundle_hash(self) -> int:
        """The first 4 bytes of the bundle's SHA-256 as streams carry them (little-endian)."""
        return int.from_bytes(bytes.fromhex(self.sha256[self.bundle_file])[:4], "little")

    @property
    def size(self) -> int:
        """Bytes of all files that the manifest lists, itself included."""
        names = {MANIFEST, *self.sha256}
        return sum(f.stat().st_size for name in names if (f := self.path / name).exists())

    def precision_for(self, device: str, precision: str | None) -> str:
        """Return a precision that this model has: the one asked for, or the device's default.

        Raises:
            UnknownModelError: The model has no such precision.
        """
        chosen = precision or self.default_precision.get(device, next(iter(self.precisions)))
        if chosen not in self.precisions:
            raise UnknownModelError(
                f"model {self.family} has no precision {chosen!r}; "
                f"it has {', '.join(self.precisions)}"
            )
        return chosen

    def graph_file(self, precision: str, role: str) -> Path:
        """Return the path of the graph of a role after checking all its files.

        Raises:
            ModelFileError: A file is missing or differs from the manifest, or the graph takes
                weights from one that is not among the precision's files.
        """
        row = self.precisions[precision]
        file, files = str(row[role]), row["files"]
        graphs = [row[role] for role in self.roles]
        for name in files:
            if name not in graphs:
                self.read_checked(name)
        unlisted = _weight_files(self.read_checked(file)) - {*files}
        if unlisted:  # or they would be loaded unchecked
            raise ModelFileError(
                f"{self.path / file}: expected weights in the files that {MANIFEST} lists for "
                f"precision {precision!r} ({', '.join(files)}), got {', '.join(sorted(unlisted))}"
            )
        return self.path / file

    def read_checked(self, name: str) -> bytes:
        """Return a file's bytes after comparing them with the manifest's hash.

        Raises:
            ModelFileError: The file is missing, unreadable, unlisted or differs.
        """
        try:
            data = (self.path / name).read_bytes()
        except OSError as error:
            raise ModelFileError(f"model file {self.path / name}: {error.strerror}") from error
        came = hashlib.sha256(data).hexdigest()
        expected = self.sha256.get(name, "none in the manifest")
        if came != expected:
            raise ModelFileError(
                f"model file {self.path / name}: expected SHA-256 {expected}, got {came}; "
                "install the model again"
            )
        return data

    def load_bundle(self) -> Bundle:
        """Load the entropy bundle.

        Raises:
            ModelFileError: The file is missing or differs from the manifest.
            BundleError: Its content breaks the format.
        """
        bundle = Bundle(self.read_checked(self.bundle_file))
        for name in ("wire_id", "latent", "hyper"):
            expected, came = getattr(bundle, name), getattr(self, name)
            if came != expected:
                raise ModelFileError(
                    f"{self.path / MANIFEST}: expected {name} {expected} as in "
                    f"{self.bundle_file}, got {came}; install the model again"
                )
        return bundle


def _weight_files(graph: bytes) -> set[str]:
    """Names of the files that an ONNX graph takes weights from.

    None where the graph is damaged: the runtime then says in what way.
    """
    try:
        return {location for _, location in external_initializers(graph)}
    except PackedWeightsError:
        return set()


def bundle_name(bundle_hash: int) -> str:
    """Return a stream's bundle hash as hex digits in the order in which sha256sum prints them."""
    return bundle_hash.to_bytes(4, "little").hex()


def read_model_folder(path: str | os.PathLike[str]) -> ModelFolder:
    """Read a model folder's manifest.

    Raises:
        ModelFileError: It is missing, is not JSON, is of another format, or a field is missing or
            holds something else than it has to.
    """
    manifest = read_manifest(Path(path))
    return ModelFolder(
        path=Path(path),
        family=manifest["family"],
        wire_id=manifest["wire_id"],
        latent=manifest["latent"],
        hyper=manifest["hyper"],
        halo=manifest["halo"],
        default_quality=manifest["default_quality"],
        detects_text=manifest["detects_text"],
        adaptive=manifest["adaptive"],
        licence=manifest["licence"],
        bundle_file=manifest["bundle"],
        default_precision=manifest["default_precision"],
        precisions=manifest["precisions"],
        sha256=manifest["sha256"],
    )


def list_models(models: Iterable[str | os.PathLike[str]] = ()) -> tuple[ModelFolder, ...]:
    """List the models at hand: those given first, then the shipped ones by name.

    Args:
        models: Paths of further model folders.

    Raises:
        ModelFileError: A folder given has no sound manifest.
    """
    zoo = next((folder for folder in _ZOO if folder.is_dir()), None)
    shipped = sorted(zoo.iterdir()) if zoo else []
    found = [read_model_folder(folder) for folder in models]
    return (*found, *(read_model_folder(f) for f in shipped if (f / MANIFEST).is_file()))


def find_model(
    model: str | os.PathLike[str], precision: str | None = None
) -> tuple[ModelFolder, str | None]:
    """Find the model that an id names.

    Args:
        model: A family ("tfic"), a family and precision ("tfic-int8"), or the path of a folder.
        precision: The precision, where the id names none.

    Returns:
        The model and its precision, None where the device is to choose.

    Raises:
        UnknownModelError: Nothing is called so; the message lists what there is.
        ModelFileError: The folder has no sound manifest.
        ValueError: Id and argument name different precisions.
    """
    if isinstance(model, str):
        shipped = {folder.family: folder for folder in reversed(list_models())}
        if model in shipped:
            return shipped[model], precision
        family, _, named = model.rpartition("-")
        if family in shipped and named in shipped[family].precisions:
            if precision not in (None, named):
                raise ValueError(f"model {model!r} and precision={precision!r} contradict")
            return shipped[family], named
        if not Path(model).is_dir():
            ids = [f"{m.family}-{p}" for m in shipped.values() for p in m.precisions]
            known = ", ".join([*shipped, *ids]) or "none is installed"
            raise UnknownModelError(f"no model {model!r}; expected a folder or one of: {known}")
    return read_model_folder(model), precision


def model_of_stream(
    wire_id: int, bundle_hash: int | None, models: Sequence[ModelFolder]
) -> ModelFolder:
    """Find the model that decodes a stream.

    Args:
        wire_id: From the stream's header.
        bundle_hash: From the header; None for a bare stream, which names no bundle.
        models: What there is, by preference.

    Raises:
        UnknownModelError: No model has this wire id.
        BundleMismatchError: Models of this wire id are there, but not with this bundle.
    """
    same_family = [model for model in models if model.wire_id == wire_id]
    for model in same_family:
        if bundle_hash in (None, model.bundle_hash):
            return model
    what = f"wire id {wire_id:#06x}"
    if bundle_hash is not None:
        what += f" with entropy bundle {bundle_name(bundle_hash)}"
    if not same_family:
        have = ", ".join(f"{m.family} ({m.wire_id:#06x})" for m in models) or "none"
        raise UnknownModelError(
            f"the stream needs the model of {what}; here: {have}; "
            "give the folder of a private model as Decoder(models=[path])"
        )
    have = ", ".join(f"{m.family} ({bundle_name(m.bundle_hash)})" for m in same_family)
    raise BundleMismatchError(
        f"the stream needs the model of {what}; here: {have}; install the release that made it"
    )

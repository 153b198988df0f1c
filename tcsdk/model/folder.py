"""Model folders: what a manifest says, and which files are sound."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tcsdk._kernels import Bundle, GlyphAtlas, external_initializers
from tcsdk.errors import ModelFileError, PackedWeightsError, UnknownModelError
from tcsdk.model.graphs import ANALYSIS, CONTEXT_ANALYSIS, RESIDUAL
from tcsdk.model.manifest import MANIFEST, of_packed_nets
from tcsdk.model.tasks import READS, TASKS


@dataclass(frozen=True)
class ModelFolder:
    """One model family on disk, as its manifest describes it; no graph is loaded.

    Attributes:
        path: The folder.
        family: Its name, such as "tfic".
        task: What it does: "codec", "super_resolution" or "recognition".
        licence: SPDX name.
        default_precision: Device kind ("cpu", "cuda") -> precision.
        precisions: Precision -> {role: file of its graph, "files": all its files}.
        sha256: File name -> hex digest.
    """

    path: Path
    family: str
    task: str
    licence: str
    default_precision: dict[str, str] = field(repr=False)
    precisions: dict[str, dict[str, Any]] = field(repr=False)
    sha256: dict[str, str] = field(repr=False)

    @property
    def roles(self) -> tuple[str, ...]:
        """What its graphs do, in the order in which they run."""
        return TASKS[self.task].roles_of(self.precisions)

    def contract(self, role: str) -> str:
        """Return what the graph of a role takes and gives: a key of `tcsdk.model.graphs.GRAPHS`."""
        return role

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

    def graph_path(self, precision: str, role: str) -> Path:
        """Return where the graph of a role lies; nothing is looked at."""
        return self.path / str(self.precisions[precision][role])

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


@dataclass(frozen=True)
class CodecFolder(ModelFolder):
    """A model that codes pictures.

    Attributes:
        wire_id: Its number in streams.
        latent: M, channels of r.
        hyper: C_z, channels of z_hat.
        halo: Pixels of context around a tile, a multiple of 64.
        default_quality: Quality of an encoder that names none.
        detects_text: Whether its analysis graph says where text is.
        adaptive: Whether it says too how much finer than the rest a block wants to be coded.
        bundle_file: Name of the entropy bundle.
        drawing: What draws sent text into its pictures, and the codec that makes them; None for a
            codec that shows its pictures as they are.
    """

    wire_id: int
    latent: int
    hyper: int
    halo: int
    default_quality: int
    detects_text: bool
    adaptive: bool
    bundle_file: str
    drawing: Drawing | None = None

    @property
    def size(self) -> int:
        """Bytes of all files that the manifest lists, itself included; with those of `drawing`."""
        if self.drawing:
            return self.drawing.codec.size + self.drawing.folder.size
        return super().size

    def graph_path(self, precision: str, role: str) -> Path:
        """Return where the graph of a role lies; nothing is looked at."""
        if self.drawing:
            return self.drawing.codec.graph_path(precision, role)
        return super().graph_path(precision, role)

    def graph_file(self, precision: str, role: str) -> Path:
        """Return the path of the graph of a role after checking all its files.

        Raises:
            ModelFileError: As of a ModelFolder.
        """
        if self.drawing:
            return self.drawing.codec.graph_file(precision, role)
        return super().graph_file(precision, role)

    def read_checked(self, name: str) -> bytes:
        """Return a file's bytes after comparing them with the manifest's hash.

        Raises:
            ModelFileError: As of a ModelFolder.
        """
        if self.drawing:
            return self.drawing.codec.read_checked(name)
        return super().read_checked(name)

    def contract(self, role: str) -> str:
        """Return what the graph of a role takes and gives."""
        return CONTEXT_ANALYSIS if role == ANALYSIS and self.has_context else role

    @property
    def has_context(self) -> bool:
        """Whether r depends on what is decoded before: a graph of the role `residual` makes it."""
        return RESIDUAL in self.roles

    @property
    def bundle_hash(self) -> int:
        """The first 4 bytes of the bundle's SHA-256 as streams carry them (little-endian)."""
        return int.from_bytes(bytes.fromhex(self.sha256[self.bundle_file])[:4], "little")

    def load_bundle(self) -> Bundle:
        """Load the entropy bundle.

        Raises:
            ModelFileError: The file is missing or differs from the manifest.
            BundleError: Its content breaks the format.
        """
        if self.drawing:
            return self.drawing.codec.load_bundle()
        bundle = Bundle(self.read_checked(self.bundle_file))
        for name in ("wire_id", "latent", "hyper"):
            expected, came = getattr(bundle, name), getattr(self, name)
            if came != expected:
                raise ModelFileError(
                    f"{self.path / MANIFEST}: expected {name} {expected} as in "
                    f"{self.bundle_file}, got {came}; install the model again"
                )
        return bundle


@dataclass(frozen=True)
class DrawingFolder(ModelFolder):
    """A model that draws sent text into the pictures of a codec beside it.

    Attributes:
        wire_id: Number, in streams, of the codec and this together.
        default_quality: Quality of an encoder that names none.
        backbone: Name of the codec's folder.
        backbone_bundle: Hex digest of the codec's entropy bundle.
        atlas_file: Name of the file of letters.
        frame: Whether it paints the whole picture, not where text reaches alone.
    """

    wire_id: int
    default_quality: int
    backbone: str
    backbone_bundle: str
    atlas_file: str
    frame: bool

    def load_atlas(self) -> GlyphAtlas:
        """Load the letters.

        Raises:
            ModelFileError: The file is missing or differs from the manifest.
            GlyphAtlasError: Its content breaks the format.
        """
        return GlyphAtlas(self.read_checked(self.atlas_file))

    def with_codec(self, codec: CodecFolder) -> CodecFolder:
        """Return the codec whose pictures this draws into, as a model of this name."""
        graphs = {p: row for p, row in codec.precisions.items() if not of_packed_nets(row)}
        return replace(
            codec,
            precisions=graphs,
            path=self.path,
            family=self.family,
            wire_id=self.wire_id,
            default_quality=self.default_quality,
            drawing=Drawing(self, codec),
        )


@dataclass(frozen=True)
class Drawing:
    """What draws sent text into pictures.

    Attributes:
        folder: Its own files.
        codec: The codec, under its own name.
    """

    folder: DrawingFolder
    codec: CodecFolder


@dataclass(frozen=True)
class RecogniserFolder(ModelFolder):
    """A model that reads text.

    Attributes:
        characters: What it can read, in the order of its classes.
        reads: "lines" or "words".
    """

    characters: str
    reads: str

    def contract(self, role: str) -> str:
        """Return what the graph of a role takes and gives."""
        return READS[self.reads]


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

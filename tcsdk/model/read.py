"""From a path to a model folder: the class of its task, with the codec that it builds on."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

from tcsdk.errors import ModelFileError
from tcsdk.model.captioned import CaptionedFolder
from tcsdk.model.folder import CodecFolder, DrawingFolder, ModelFolder, RecogniserFolder
from tcsdk.model.graphs import RECOGNITION
from tcsdk.model.manifest import MANIFEST, read_manifest
from tcsdk.model.tasks import CAPTIONED, CODEC, DRAWING

# Task -> class of its folders, and the manifest's name of each attribute that has another.
_CLASSES: dict[str, type[ModelFolder]] = {
    CAPTIONED: CaptionedFolder,
    CODEC: CodecFolder,
    DRAWING: DrawingFolder,
    RECOGNITION: RecogniserFolder,
}
_NAMES = {"bundle_file": "bundle", "atlas_file": "atlas"}
# What no manifest says.
_DERIVED = ("path", "drawing")


def read_model_folder(path: str | os.PathLike[str]) -> ModelFolder:
    """Read a model folder's manifest.

    Returns:
        What it describes; a `CodecFolder` where its task is "codec", a `RecogniserFolder` where it
        is "recognition"; where it is "drawing" the codec beside it, with what draws; where it is
        "captioned" that codec with an analysis of its own, a `CaptionedCodec`.

    Raises:
        ModelFileError: It is missing, is not JSON, is of another format, or a field is missing or
            holds something else than it has to.
    """
    manifest = read_manifest(Path(path))
    kind = _CLASSES.get(manifest["task"], ModelFolder)
    names = [each.name for each in fields(kind) if each.name not in _DERIVED]
    said: dict[str, Any] = {name: manifest.get(_NAMES.get(name, name)) for name in names}
    read = kind(path=Path(path), **said)
    if isinstance(read, DrawingFolder | CaptionedFolder):
        return read.with_codec(_codec_beside(read))
    return read


def _codec_beside(model: DrawingFolder | CaptionedFolder) -> CodecFolder:
    """Return the codec that a model builds on.

    Raises:
        ModelFileError: It is not there, is no codec by itself, or is of other weights.
    """
    beside, manifest = model.path.resolve().parent / model.backbone, model.path / MANIFEST
    task = read_manifest(beside)["task"]  # first: folders that name each other have no end
    codec = read_model_folder(beside) if task == CODEC else None
    if not isinstance(codec, CodecFolder):
        raise ModelFileError(
            f"{manifest}: expected a model of the task {CODEC!r} at {beside}, got one of {task!r}; "
            "install the model again"
        )
    if codec.sha256[codec.bundle_file] != model.backbone_bundle:
        raise ModelFileError(
            f"{manifest}: expected the {model.backbone} whose {codec.bundle_file} has SHA-256 "
            f"{model.backbone_bundle}, got another at {beside}; install the release that has both"
        )
    return codec

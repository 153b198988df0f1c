"""Manifests of model folders: every field is checked before a file that it names is opened."""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tcsdk.errors import ModelFileError
from tcsdk.model.graphs import GRAPHS

MANIFEST = "manifest.json"
# External files of graphs: those of this suffix are packed, others hold plain tensors.
PACKED_SUFFIX = ".tcsw"
_FORMAT = 1


@dataclass(frozen=True)
class _Kind:
    """What a field has to hold: in words, and as a test."""

    words: str
    holds: Callable[[Any], bool]


def _whole(low: int, high: int, step: int = 1) -> _Kind:
    words = f"a whole number {low}..{high}" + (f", a multiple of {step}" if step > 1 else "")
    return _Kind(words, lambda v: type(v) is int and low <= v <= high and v % step == 0)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_file(value: Any) -> bool:
    """A name that stays within its folder, wherever that lies."""
    plain = _is_text(value) and value.isprintable() and value not in (".", "..")
    return plain and "/" not in value and "\\" not in value


def _is_object(value: Any, key: Callable[[Any], bool], entry: Callable[[Any], bool]) -> bool:
    return isinstance(value, dict) and all(key(k) and entry(v) for k, v in value.items())


def _is_digest(value: Any) -> bool:
    return _is_text(value) and re.fullmatch("[0-9a-f]{64}", value) is not None


_TEXT = _Kind("a text", _is_text)
_FILE = _Kind("the plain name of a file in the folder", _is_file)
_BOOL = _Kind("true or false", lambda v: isinstance(v, bool))
_FIELDS = {
    "family": _TEXT,
    "wire_id": _whole(0, 0xFFFF),
    "latent": _whole(1, 0xFFFF),
    "hyper": _whole(1, 0xFFFF),
    "halo": _whole(0, 0xFFC0, 64),
    "default_quality": _whole(0, 63),
    "detects_text": _BOOL,
    "adaptive": _BOOL,
    "licence": _TEXT,
    "bundle": _FILE,
    "precisions": _Kind(
        "an object of at least one precision",
        lambda v: _is_object(v, _is_text, lambda row: isinstance(row, dict)) and bool(v),
    ),
    "default_precision": _Kind(
        "an object of precisions by device", lambda v: _is_object(v, _is_text, _is_text)
    ),
    "sha256": _Kind(
        "an object of 64 hex digits by plain file name",
        lambda v: _is_object(v, _is_file, _is_digest),
    ),
}
_PRECISION = {
    **dict.fromkeys(GRAPHS, _FILE),
    "files": _Kind(
        "a list of plain file names", lambda v: isinstance(v, list) and all(map(_is_file, v))
    ),
}


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a model folder's manifest.

    Args:
        folder: The model folder; nothing else in it is opened.

    Returns:
        The JSON object, with all fields of `ModelFolder` there and of their types.

    Raises:
        ModelFileError: It is missing, is not JSON, is of another format, or a field is missing or
            holds something else than it has to.
    """
    file = folder / MANIFEST
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelFileError(f"no model folder at {folder}: {file}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{file}: damaged manifest: expected JSON ({error})") from error
    if not isinstance(manifest, dict):
        raise _damaged(file, "an object", reprlib.repr(manifest))
    if manifest.get("format") != _FORMAT:
        raise ModelFileError(
            f"{file}: expected manifest format {_FORMAT}, got "
            f"{reprlib.repr(manifest.get('format'))}; a newer tcsdk may read it"
        )
    for name in ("detects_text", "adaptive"):  # folders of before there were such
        manifest.setdefault(name, False)
    _check_fields(file, manifest, _FIELDS)
    for name, row in manifest["precisions"].items():
        _check_fields(file, row, _PRECISION, f" of precision {name!r}")
    _check_names(file, manifest)
    return manifest


def _check_fields(
    file: Path, fields: Mapping[str, Any], table: Mapping[str, _Kind], where: str = ""
) -> None:
    for name, kind in table.items():
        if name not in fields or not kind.holds(fields[name]):
            came = reprlib.repr(fields[name]) if name in fields else "nothing"
            raise _damaged(file, f"{name}{where} as {kind.words}", came)


def _check_names(file: Path, manifest: Mapping[str, Any]) -> None:
    """Check that what one field names is there in another."""
    bundle, precisions = manifest["bundle"], manifest["precisions"]
    if bundle not in manifest["sha256"]:
        raise _damaged(file, f"bundle {bundle!r} among the names in sha256", "nothing")
    for name, row in precisions.items():
        for used in (row[role] for role in GRAPHS):
            if used not in row["files"]:  # or it would be loaded unchecked
                raise _damaged(file, f"{used!r} among the files of precision {name!r}", "nothing")
    for device, name in manifest["default_precision"].items():
        if name not in precisions:
            known = " or ".join(map(repr, precisions))
            raise _damaged(file, f"default_precision of {device!r} as {known}", repr(name))


def _damaged(file: Path, expected: str, came: str) -> ModelFileError:
    return ModelFileError(f"{file}: damaged manifest: expected {expected}, got {came}")

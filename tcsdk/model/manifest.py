"""Manifests of model folders: written by one function, and checked whole before a file is opened.

Format 2 names the model's task and ends with a digest of all that it says; format 1 knew codecs
alone, and its values are taken as they come.
"""

from __future__ import annotations

import hashlib
import json
import reprlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tcsdk.errors import ModelFileError
from tcsdk.model.tasks import CODEC, TASKS, Field, Kind
from tcsdk.output import write_file

MANIFEST = "manifest.json"
# External files of graphs: those of this suffix are packed, others hold plain tensors.
PACKED_SUFFIX = ".tcsw"
NET_SUFFIX = ".tcsn"  # of packed nets, in the place of graphs
FORMAT = 2
_CODECS_ONLY = 1  # the format before there were tasks
_TASK = Field(
    Kind(" or ".join(map(repr, TASKS)), lambda v: isinstance(v, str) and v in TASKS),
    "What the model does.",
)
_DIGEST = Field(
    Kind("the digest of the other fields", lambda v: isinstance(v, str)), "Of all other fields."
)


def of_packed_nets(row: Mapping[str, Any]) -> bool:
    """Return whether a row of a manifest's precisions holds packed nets: libtcs alone runs them."""
    return any(str(file).endswith(NET_SUFFIX) for file in row["files"])


def digest_of(manifest: Mapping[str, Any]) -> str:
    """Return SHA-256 over the canonical JSON of all fields but `digest`, in hex.

    Canonical is: keys sorted, no blanks, ASCII with escapes.
    """
    said = {name: value for name, value in manifest.items() if name != "digest"}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def write_manifest(folder: Path, fields: Mapping[str, Any], files: Iterable[str]) -> None:
    """Write a model folder's manifest, whole or not at all.

    Args:
        folder: The model folder, with all files in place.
        fields: "task" and the fields of that task (tcsdk/model/tasks.py). Those that follow from
            the others (format, sha256, digest) are made anew.
        files: Names of the files that the model consists of.

    Raises:
        ModelFileError: A field is missing, unknown, or holds something else than it has to.
        OSError: A file cannot be read, or the manifest not written.
    """
    file = folder / MANIFEST
    made = ("format", "sha256", "digest")
    manifest = {"format": FORMAT, **{n: v for n, v in fields.items() if n not in made}}
    manifest["sha256"] = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files
    }
    checked = _checked(file, manifest)
    known = ("format", "task", *TASKS[checked["task"]].table)
    if unknown := checked.keys() - set(known):
        raise ModelFileError(
            f"{file}: expected fields among {', '.join(known)}, got {', '.join(sorted(unknown))}"
        )
    ordered = {name: checked[name] for name in known if name in checked}
    ordered["digest"] = digest_of(ordered)
    write_file(file, (json.dumps(ordered, indent=1) + "\n").encode("ascii"))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a model folder's manifest.

    Args:
        folder: The model folder; nothing else in it is opened.

    Returns:
        The JSON object, with its task and all fields of that task there and of their types.

    Raises:
        ModelFileError: It is missing, is not JSON, is of another format or task, a field is
            missing or holds something else than it has to, or a value was changed since the
            manifest was written.
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
    if manifest.get("format") == _CODECS_ONLY:
        return _checked(file, {**manifest, "task": CODEC})
    if manifest.get("format") != FORMAT:
        raise ModelFileError(
            f"{file}: expected manifest format {_CODECS_ONLY} or {FORMAT}, got "
            f"{reprlib.repr(manifest.get('format'))}; a newer tcsdk may read it"
        )
    checked = _checked(file, manifest)
    _check_fields(file, manifest, {"digest": _DIGEST})
    if manifest["digest"] != digest_of(manifest):
        raise ModelFileError(
            f"{file}: expected digest {digest_of(manifest)} of its values, got "
            f"{manifest['digest']}: one was changed; install the model again, or write it with "
            "tcsdk.model.manifest.write_manifest"
        )
    return checked


def _checked(file: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields after checking each, and that what one names is there in another."""
    _check_fields(file, manifest, {"task": _TASK})
    task = TASKS[manifest["task"]]
    defaults = {name: f.default for name, f in task.table.items() if f.default is not None}
    made = {**defaults, **manifest}
    _check_fields(file, made, task.table)
    for name, row in made["precisions"].items():
        _check_fields(file, row, task.precision, f" of precision {name!r}")
    _check_names(file, made, task.roles_of(made["precisions"]))
    return made


def _check_fields(
    file: Path, fields: Mapping[str, Any], table: Mapping[str, Field], where: str = ""
) -> None:
    for name, field in table.items():
        if field.optional and name not in fields:
            continue
        if name not in fields or not field.kind.holds(fields[name]):
            came = reprlib.repr(fields[name]) if name in fields else "nothing"
            raise _damaged(file, f"{name}{where} as {field.kind.words}", came)


def _check_names(file: Path, manifest: Mapping[str, Any], roles: Iterable[str]) -> None:
    """Check that what one field names is there in another."""
    bundle, precisions = manifest.get("bundle"), manifest["precisions"]
    if bundle is not None and bundle not in manifest["sha256"]:
        raise _damaged(file, f"bundle {bundle!r} among the names in sha256", "nothing")
    for name, row in precisions.items():
        for role in roles:
            if role not in row:
                raise _damaged(file, f"a graph of the role {role} in precision {name!r}", "nothing")
            if row[role] not in row["files"]:  # or it would be loaded unchecked
                expected = f"{row[role]!r} among the files of precision {name!r}"
                raise _damaged(file, expected, "nothing")
    for device, name in manifest["default_precision"].items():
        if name not in precisions:
            known = " or ".join(map(repr, precisions))
            raise _damaged(file, f"default_precision of {device!r} as {known}", repr(name))


def _damaged(file: Path, expected: str, came: str) -> ModelFileError:
    return ModelFileError(f"{file}: damaged manifest: expected {expected}, got {came}")

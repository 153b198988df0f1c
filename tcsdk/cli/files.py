"""Which files a command reads and writes."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from tcsdk.image_formats import is_readable, skipped
from tcsdk.media_type import SUFFIX
from tcsdk.output import PICTURE_FORMATS

PIPE = "-"
_RESULTS = frozenset({SUFFIX}).union(PICTURE_FORMATS)


@dataclass(frozen=True)
class Input:
    """A file to read.

    Attributes:
        path: The file, or None for standard input.
        below: Its path within the folder that was named, or its name: where its result goes in
            an output folder.
    """

    path: Path | None
    below: Path

    def __str__(self) -> str:
        return PIPE if self.path is None else str(self.path)


@dataclass(frozen=True)
class Job:
    """A file to read and the file to write.

    Attributes:
        source: What to read.
        target: What to write, or None for standard output.
        may_replace: Whether a file that exists may be replaced.
    """

    source: Input
    target: Path | None
    may_replace: bool


@dataclass(frozen=True)
class Kind:
    """What a verb looks for in folders.

    Attributes:
        name: What messages call it.
        is_wanted: Tells by a file's name whether it is one.
        say: What is to be said of other files, by their names: lines.
    """

    name: str
    is_wanted: Callable[[str], bool]
    say: Callable[[list[str]], list[str]]


def _is_stream(name: str) -> bool:
    return PurePath(name).suffix.lower() == SUFFIX


PICTURES = Kind("picture", is_readable, skipped)
STREAMS = Kind("stream", _is_stream, lambda others: [])
BOTH = Kind("picture or stream", lambda name: is_readable(name) or _is_stream(name), skipped)


@dataclass(frozen=True)
class Found:
    """What names of files, folders and globs led to.

    Attributes:
        inputs: What is to be read, in order.
        left_out: What was found and is not read, a line for each reason.
        unreadable: Folders that cannot be searched, each with its error.
    """

    inputs: list[Input]
    left_out: list[str]
    unreadable: list[OSError]


def find_inputs(names: Sequence[str], kind: Kind) -> Found:
    """Expand files, folders (their files of a kind, at any depth) and globs.

    A name that is none of these stays in the list and fails when it is read, alone. Links to
    folders are followed where they are named, not within folders.

    Raises:
        ValueError: A folder or glob has no file to offer.
    """
    found = Found([], [], [])
    for name in names:
        path = Path(name)
        if name == PIPE:
            found.inputs.append(Input(None, Path("stdin")))
        elif os.path.isdir(path):  # noqa: PTH112 - False where it cannot be looked at
            _search(path, kind, found)
        elif glob.has_magic(name) and not path.exists():
            _expand(name, found)
        else:
            found.inputs.append(Input(path, Path(path.name)))
    return found


def _search(folder: Path, kind: Kind, found: Found) -> None:
    """Add a folder's files of a kind, at any depth."""
    inner: list[Path] = []
    others: list[str] = []
    links = 0
    errors: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=errors.append):
        links += sum(Path(place, name).is_symlink() for name in folders)
        inner += [Path(place, name) for name in files if kind.is_wanted(name)]
        others += [name for name in files if not kind.is_wanted(name)]
    left_out = kind.say(others)
    if links:
        left_out.append(f"links to folders are not followed ({links}): name them to read them")
    if not inner:
        reasons = [*left_out, *(f"{error.filename}: {error.strerror}" for error in errors)]
        raise ValueError("; ".join([f"no {kind.name} in folder {folder}", *reasons]))
    found.inputs.extend(Input(file, file.relative_to(folder)) for file in sorted(inner))
    found.left_out.extend(f"{folder}: {line}" for line in left_out)
    found.unreadable.extend(errors)


def _expand(pattern: str, found: Found) -> None:
    """Add the files that a glob matches."""
    matches = sorted(map(Path, glob.glob(pattern, recursive=True)))  # noqa: PTH207 - takes any path
    files = [path for path in matches if not path.is_dir()]
    if not files:
        raise ValueError(f"no file matches {pattern}")
    inside = {folder for file in files for folder in file.parents}
    folders = sum(path not in inside for path in matches if path.is_dir())
    found.inputs.extend(Input(file, Path(file.name)) for file in files)
    if folders:
        line = f"folders match and are not searched ({folders}): name them to read them"
        found.left_out.append(f"{pattern}: {line}")


def plan(inputs: Sequence[Input], output: str | None, suffix: str, force: bool) -> list[Job]:
    """Say where each result goes.

    Args:
        inputs: What is read.
        output: A file or a pipe (one input), a folder, "-", or None for beside the input.
        suffix: Of the results' names.
        force: Replace files that exist.

    Raises:
        ValueError: Several results for one file or for standard output.
    """
    if output is None:
        return [Job(source, _beside(source, suffix), force) for source in inputs]
    if _is_standard_output(output):
        output = PIPE
    into_folder = output.endswith("/") or Path(output).is_dir()
    is_file = output == PIPE or Path(output).exists() or Path(output).suffix.lower() in _RESULTS
    if len(inputs) > 1 and is_file and not into_folder:
        raise ValueError(f"expected a folder as output of {len(inputs)} inputs, got {output}")
    if output == PIPE:
        return [Job(inputs[0], None, force)]
    if len(inputs) == 1 and not into_folder:
        return [Job(inputs[0], Path(output), force)]
    return [Job(i, Path(output) / i.below.with_suffix(suffix), force) for i in inputs]


def _is_standard_output(output: str) -> bool:
    """Whether a name such as /dev/stdout leads to where standard output goes."""
    try:
        return os.path.samestat(Path(output).stat(), os.fstat(1))
    except OSError:
        return False


def _beside(source: Input, suffix: str) -> Path | None:
    return None if source.path is None else source.path.with_suffix(suffix)

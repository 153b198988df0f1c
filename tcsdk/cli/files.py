"""Which files a command reads and writes."""

from __future__ import annotations

import glob
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from tcsdk.media_type import SUFFIX
from tcsdk.output import PICTURE_FORMATS

PIPE = "-"
STREAMS = frozenset({SUFFIX})
_RESULTS = STREAMS.union(PICTURE_FORMATS)


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


def find_inputs(names: Sequence[str], suffixes: Collection[str]) -> list[Input]:
    """Expand files, folders (their files of known suffixes, at any depth) and globs.

    A name that is none of these stays in the list and fails when it is read, alone.

    Raises:
        ValueError: A folder or glob has no file to offer.
    """
    found: list[Input] = []
    for name in names:
        path = Path(name)
        if name == PIPE:
            found.append(Input(None, Path("stdin")))
        elif path.is_dir():
            inner = sorted(f for f in path.rglob("*") if f.suffix.lower() in suffixes)
            if not inner:
                raise ValueError(f"no {' '.join(sorted(suffixes))} file in folder {name}")
            found += [Input(file, file.relative_to(path)) for file in inner]
        elif glob.has_magic(name) and not path.exists():
            matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - takes any path
            files = [Path(match) for match in matches if not Path(match).is_dir()]
            if not files:
                raise ValueError(f"no file matches {name}")
            found += [Input(file, Path(file.name)) for file in files]
        else:
            found.append(Input(path, Path(path.name)))
    return found


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

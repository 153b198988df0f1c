"""Files in folders and object stores, by path or URI, through Arrow's file systems.

Arrow knows `s3://`, `gs://`, `abfs://`, `hdfs://`, `file://` and local paths; credentials and
regions come from the environment or the URI, as Arrow documents them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from tcsdk.distribution import install_extra
from tcsdk.errors import MissingRuntimeError, OutputError
from tcsdk.output import write_file

# Stores where an object is there whole or not at all once its upload is closed.
_WHOLE_OBJECTS = frozenset({"s3", "gcs", "abfs"})
_LOCAL = "local"


def import_arrow() -> Any:
    """Import Arrow's file systems.

    Raises:
        MissingRuntimeError: pyarrow is not installed.
    """
    try:
        from pyarrow import fs
    except ImportError as error:
        raise MissingRuntimeError(
            f"pyarrow is needed to reach files of a batch and cannot be imported ({error}): "
            f"{install_extra('ray')}"
        ) from error
    return fs


def absolute(uri: str) -> str:
    """Return a path as a worker in another folder finds it; a URI is that already."""
    return uri if "://" in uri else Path(uri).absolute().as_posix()


@dataclass(frozen=True)
class Listing:
    """What a folder holds.

    Attributes:
        files: Paths of the files at any depth, relative to it, in order.
        unreadable: Paths of the folders that cannot be searched, each with its error.
    """

    files: list[str]
    unreadable: dict[str, OSError]


@dataclass(frozen=True)
class Place:
    """A file or folder in a file system.

    Attributes:
        filesystem: Arrow's.
        path: Within it.
    """

    filesystem: Any
    path: str

    @classmethod
    def at(cls, uri: str) -> Place:
        """Find the place that a path or URI names; it need not exist.

        Raises:
            ValueError: The URI is malformed or its scheme unknown.
        """
        fs = import_arrow()
        if "://" not in uri:
            return cls(fs.LocalFileSystem(), absolute(uri))
        return cls(*fs.FileSystem.from_uri(uri))

    @property
    def local(self) -> bool:
        """Whether it is on this machine."""
        return str(self.filesystem.type_name) == _LOCAL

    def within(self, relative: str) -> Place:
        """Return the place of a path below this one."""
        return Place(self.filesystem, f"{self.path.rstrip('/')}/{relative}")

    def read(self) -> bytes:
        """Return the file's bytes.

        Raises:
            OSError: There is none, or it cannot be read.
        """
        with self.filesystem.open_input_stream(self.path) as file:
            return bytes(file.read())

    def write(self, data: bytes) -> None:
        """Write a file that others see whole or not at all; its folder is made if need be.

        Raises:
            OutputError: It cannot be written.
        """
        try:
            if self.local:
                Path(self.path).parent.mkdir(parents=True, exist_ok=True)
                write_file(self.path, data)
            elif self.filesystem.type_name in _WHOLE_OBJECTS:
                self._upload(data)
            else:
                self._upload_and_rename(data)
        except OutputError:
            raise
        except OSError as error:
            raise OutputError(f"cannot write {self.path}: {error}") from error

    def _upload(self, data: bytes) -> None:
        with self.filesystem.open_output_stream(self.path) as file:
            file.write(data)

    def _upload_and_rename(self, data: bytes) -> None:
        path = PurePosixPath(self.path)
        self.filesystem.create_dir(str(path.parent), recursive=True)
        name = f".tcsdk-{secrets.token_hex(8)}.tmp"
        temporary = Place(self.filesystem, str(path.with_name(name)))
        try:
            temporary._upload(data)
            self.filesystem.move(temporary.path, self.path)
        except BaseException:
            if temporary.is_file():
                self.filesystem.delete_file(temporary.path)
            raise

    def is_file(self) -> bool:
        """Tell whether there is a file."""
        return bool(self.filesystem.get_file_info(self.path).is_file)

    def files(self) -> Listing | None:
        """List the files of a folder at any depth; None for no folder.

        Raises:
            OSError: The store does not answer.
        """
        fs = import_arrow()
        if self.filesystem.get_file_info(self.path).type != fs.FileType.Directory:
            return None
        root = PurePosixPath(self.path)
        unreadable: dict[str, OSError] = {}
        inner = [PurePosixPath(file).relative_to(root) for file in self._walk(fs, unreadable)]
        return Listing(sorted(map(str, inner)), unreadable)

    def _walk(self, fs: Any, unreadable: dict[str, OSError]) -> Iterator[str]:
        """Yield paths of files; note the folders that cannot be searched."""
        whole = self.filesystem.type_name in _WHOLE_OBJECTS  # has no folders, and one request does
        folders = [self.path]
        while folders:
            folder = folders.pop()
            try:
                found = self.filesystem.get_file_info(fs.FileSelector(folder, recursive=whole))
            except OSError as error:
                unreadable[folder] = error
                continue
            yield from (info.path for info in found if info.is_file)
            if not whole:
                folders += [info.path for info in found if info.type == fs.FileType.Directory]


@lru_cache(maxsize=64)
def place_at(uri: str) -> Place:
    """Return `Place.at(uri)`, kept: a file system opens connections of its own."""
    return Place.at(uri)

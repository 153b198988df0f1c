"""What has been measured before, on disk: one CSV per set, one row per measurement."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
from pathlib import Path
from typing import Any, NamedTuple

_log = logging.getLogger(__name__)
_MOST_CHARACTERS = 1 << 24  # of one cell: a page's reading


class Key(NamedTuple):
    """What a measurement depends on: when any of it changes, the old row is not used.

    Attributes:
        picture, digest: Name of the picture and digest of its pixels.
        codec, version, setting: Of the operating point; the version of a model is its digest.
        task, task_version: What was measured, and by which release of the reader.
    """

    picture: str
    digest: str
    codec: str
    version: str
    setting: str
    task: str
    task_version: str


class Measured(NamedTuple):
    """A measurement.

    Attributes:
        bytes: Of the file.
        value: What the task gives, of types that JSON has.
    """

    bytes: int
    value: Any


HEADER = (*Key._fields, *Measured._fields)


class Cache:
    """The measurements of one set.

    Rows are appended whole, so a run that is killed loses at most the one in work; what is left of
    a row without its end is removed when the file is opened next.

    Args:
        path: The CSV; made with the first row.

    Raises:
        ValueError: The file is another kind of table.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[Key, Measured] = {}
        if path.exists():
            self._load()

    def __contains__(self, key: Key) -> bool:
        return key in self._rows

    def __getitem__(self, key: Key) -> Measured:
        return self._rows[key]

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, key: Key, measured: Measured) -> None:
        """Keep a measurement, here and on disk."""
        if not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._append(HEADER)
        value = json.dumps(measured.value, separators=(",", ":"))
        self._append((*key, measured.bytes, value))
        self._rows[key] = measured

    def _append(self, cells: tuple[object, ...]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(cells)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, line.getvalue().encode())
        finally:
            os.close(descriptor)

    def _load(self) -> None:
        data = self._path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            _log.warning("%s: removed the last row, which was cut short", self._path)
            os.truncate(self._path, whole)
        csv.field_size_limit(_MOST_CHARACTERS)
        rows = csv.reader(io.StringIO(data[:whole].decode(), newline=""))
        header = tuple(next(rows, ()))
        if header not in (HEADER, ()):
            raise ValueError(
                f"{self._path}: expected the columns {', '.join(HEADER)}, got {', '.join(header)}; "
                "name another --cache folder"
            )
        for row in rows:
            *key, size, value = row
            self._rows[Key(*key)] = Measured(int(size), json.loads(value))

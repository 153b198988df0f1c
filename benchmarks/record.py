"""Tables of results: read, and grown by rows that take the place of those that say the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.rate_accuracy.rows import NAN, replace_file


def read(file: Path) -> list[dict[str, str]]:
    """Return the rows of a table of results; none where there is no file."""
    if not file.is_file():
        return []
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


def value(row: Mapping[str, str], name: str) -> float:
    """A cell's number; nan for an empty one."""
    return float(row[name] or NAN)


def record(file: Path, rows: Sequence[Mapping[str, str]], named_by: Sequence[str]) -> None:
    """Write rows to a CSV, in place of those that are equal in the columns `named_by`, in order."""

    def key(row: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(row[name] for name in named_by)

    new = {key(row) for row in rows}
    kept = [row for row in read(file) if key(row) not in new]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(sorted([*kept, *rows], key=key))  # before the file is touched
    replace_file(file, text.getvalue())

"""Tables of results that grow: new rows take the place of those that say the same thing."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.rate_accuracy.rows import replace_file


def record(file: Path, rows: Sequence[Mapping[str, str]], named_by: Sequence[str]) -> None:
    """Write rows to a CSV, in place of those that are equal in the columns `named_by`, in order."""

    def key(row: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(row[name] for name in named_by)

    new = {key(row) for row in rows}
    kept: list[Mapping[str, str]] = []
    if file.exists():
        with file.open(newline="") as old:
            kept = [row for row in csv.DictReader(old) if key(row) not in new]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(sorted([*kept, *rows], key=key))  # before the file is touched
    replace_file(file, text.getvalue())

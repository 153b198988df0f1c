"""Tables of results that grow: new rows take the place of those that say the same thing."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path


def record(file: Path, rows: Sequence[Mapping[str, str]], named_by: Sequence[str]) -> None:
    """Write rows to a CSV, in place of those that are equal in the columns `named_by`, in order."""

    def key(row: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(row[name] for name in named_by)

    new = {key(row) for row in rows}
    kept: list[Mapping[str, str]] = []
    if file.exists():
        with file.open(newline="") as old:
            kept = [row for row in csv.DictReader(old) if key(row) not in new]
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(sorted([*kept, *rows], key=key))

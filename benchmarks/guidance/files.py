"""Where the rows of sets lie, and how new ones get there."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from benchmarks.guidance.tally import Row
from benchmarks.rate_accuracy.rows import replace_file
from benchmarks.record import read

PREFIX, TRUST = "guidance_", "_trust"


def merged(old: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    """Return old rows of the same pictures, new ones in place of those that say the same, and more.

    Args:
        old: Of a file.
        new: At least one.
    """
    kept = [row for row in old if row["digest"] == new[0]["digest"]]
    return list({(row["codec"], row["setting"]): row for row in (*kept, *new)}.values())


def write(rows: Sequence[Row], file: Path) -> None:
    """Write rows as CSV beside those of other codecs, whole or not at all; none change nothing."""
    if not rows:
        return
    rows = merged(read(file), rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    replace_file(file, text.getvalue())

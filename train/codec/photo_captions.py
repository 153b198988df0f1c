"""Captions of photographs, written by looking at each: one short and one long."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tcsdk.captions_file import Captions, read_captions

CAPTIONS = Path(__file__).with_name("photo_captions.csv")
COLUMNS = ("short", "long")


@cache
def photo_captions(column: str) -> Captions:
    """Return the captions of the project's photographs by file.

    Args:
        column: one of COLUMNS.

    Raises:
        ValueError: another one.
    """
    if column not in COLUMNS:
        raise ValueError(f"expected captions that are {' or '.join(COLUMNS)}, got {column!r}")
    return read_captions(CAPTIONS, column)

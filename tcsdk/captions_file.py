"""Captions of many pictures in a CSV: a row per picture, which its file's name finds."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

FILE, CAPTION = "file", "caption"


@dataclass(frozen=True)
class Captions:
    """Captions by the names of pictures.

    Attributes:
        by_name: Name, or path from some folder on with "/", -> caption.
    """

    by_name: Mapping[str, str]

    def of(self, path: str | os.PathLike[str]) -> str | None:
        """Return the caption of a picture; None where there is none.

        Args:
            path: Of the picture, as long as it may be: the row that has the most of its end wins.

        Examples:
            >>> captions = Captions({"a.png": "a wall", "in/a.png": "a door"})
            >>> captions.of("/photos/in/a.png"), captions.of("a.png"), captions.of("b.png")
            ('a door', 'a wall', None)
        """
        parts = PurePath(path).parts
        ends = ("/".join(parts[at:]) for at in range(len(parts)))
        return next((self.by_name[end] for end in ends if end in self.by_name), None)


def read_captions(path: str | os.PathLike[str], column: str = CAPTION) -> Captions:
    """Read a CSV of captions, UTF-8 with names of columns in its first row.

    Args:
        path: Of the file. Its column "file" has the pictures' names.
        column: Which has the captions; an empty one is none.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no such CSV, or names a picture twice.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            columns = list(rows.fieldnames or ())
            if not {FILE, column} <= set(columns):
                raise ValueError(
                    f"{path}: expected the columns {FILE} and {column}, got {', '.join(columns)}"
                )
            found: dict[str, str] = {}
            for row in rows:
                name, caption = row[FILE], row[column]
                if not name or caption is None:
                    raise ValueError(f"{path}: expected a {FILE} and a {column} in {row}")
                if name in found:
                    raise ValueError(f"{path}: expected each {FILE} once, got {name!r} twice")
                found[name] = caption
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path}: expected a CSV in UTF-8: {error}") from error
    return Captions(found)

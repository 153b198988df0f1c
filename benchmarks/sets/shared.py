"""Real pictures of the project's shared data folder, which is not part of the repository."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.sets.folders import VARIABLE, Folders
from benchmarks.sets.picture import KnownLine, Picture
from benchmarks.sets.places import Quad, mask_of
from benchmarks.sets.rendered import Maker


def shared(name: str) -> Maker:
    """The pictures of `dev/NAME` in the order of the index.

    Raises FileNotFoundError, on the first picture, where the folder is absent.
    """

    def make(count: int, folders: Folders) -> Iterator[Picture]:
        for row in _rows(folders.data / "dev", name)[:count]:
            with Image.open(folders.data / "dev" / row["file"]) as image:
                yield annotated(Path(row["file"]).stem, image, row["transcript"])

    return make


def annotated(name: str, image: Image.Image, transcript: str) -> Picture:
    """A picture with its transcript: JSON as the index has it, or "" for a picture without text.

    Texts of null are illegible. A transcript without places is a page's text or, on one line, that
    of a picture which is a single word.
    """
    pixels = np.asarray(image.convert("RGB"))
    size = (image.height, image.width)
    known: dict[str, Any] = json.loads(transcript or '{"items": []}')
    if "items" not in known:
        text = str(known["text"])
        whole = np.array([(0, 0), (size[1], 0), size[::-1], (0, size[0])], np.float32)
        word = [] if "\n" in text else [KnownLine(text, whole)]
        return Picture(name, pixels, tuple(word), np.zeros(size, np.bool_), text)
    marks = [(item["text"], _quad(item["poly"])) for item in known["items"]]
    lines = tuple(KnownLine(text, quad) for text, quad in marks if text is not None)
    illegible = mask_of([quad for text, quad in marks if text is None], size)
    return Picture(name, pixels, lines, illegible)


def _quad(polygon: list[float]) -> Quad:
    if len(polygon) != 8:
        raise ValueError(f"expected a polygon of 8 numbers, got {len(polygon)}: {polygon}")
    return np.array(polygon, np.float32).reshape(4, 2)


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    index = folder / "index.csv"
    if not index.is_file():
        raise FileNotFoundError(
            f"the set {name!r} needs the project's shared data: expected {index}, which is not "
            f"there. Name the data folder by --data or ${VARIABLE}, or take the rendered sets, "
            "which need fonts alone"
        )
    csv.field_size_limit(1 << 20)  # a page's transcript
    with index.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["file"].startswith(f"{name}/")]

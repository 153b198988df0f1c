"""Captions of photographs, written by looking at each: one short and one long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tcsdk.captions_file import Captions, read_captions

CAPTIONS = Path(__file__).with_name("photo_captions.csv")
COLUMNS = ("short", "long")


@dataclass(frozen=True)
class WholeFrame:
    """A photograph and what it shows.

    Attributes:
        file: Its name.
        pixels: (H, W, 3) uint8, all of it: a caption is not true of a part.
        caption: What it shows.
    """

    file: str
    pixels: NDArray[np.uint8]
    caption: str


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


def whole_frames(
    photos: Path, column: str, captions: Captions | None = None
) -> Iterator[WholeFrame]:
    """Yield the photographs of a folder that have captions, by name.

    Args:
        photos: the folder; it is searched at any depth.
        column: one of COLUMNS.
        captions: of other photographs than the project's; None for those.

    Raises:
        FileNotFoundError: no photograph of the folder has one.
    """
    known = photo_captions(column) if captions is None else captions
    named = ((file, known.of(file)) for file in sorted(photos.rglob("*")) if file.is_file())
    found = [(file, caption) for file, caption in named if caption]
    if not found:
        raise FileNotFoundError(f"expected photographs with captions in {photos}, found none")
    for file, caption in found:
        with Image.open(file) as image:
            yield WholeFrame(file.name, np.asarray(image.convert("RGB")), caption)

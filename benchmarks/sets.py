"""Test sets: pictures with lines of known text and place."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

RENDERED_SIZE = (256, 512)
RENDERED_SEED = 777
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True)
class KnownLine:
    """A line of text: what it says and where, (4, 2) float32 corners TL, TR, BR, BL in pixels."""

    text: str
    quad: NDArray[np.float32]


@dataclass(frozen=True)
class Picture:
    """One test picture, (H, W, 3) uint8, with its known lines."""

    name: str
    image: NDArray[np.uint8]
    lines: tuple[KnownLine, ...]


def rendered(count: int, photos: Path | None = None) -> Iterator[Picture]:
    """Rendered 256x512 pictures with fonts and words that training never saw (TFIC's test)."""
    from tcsdk.train.render import Assets, render

    assets = Assets.load("test", photos)
    made, index = 0, 0
    while made < count:
        sample = render(assets, np.random.default_rng((RENDERED_SEED, index)), RENDERED_SIZE)
        index += 1
        if sample.lines:
            made += 1
            lines = tuple(KnownLine(line.text, line.quad) for line in sample.lines)
            yield Picture(f"rendered-{index - 1:04}", sample.image, lines)


def natural(count: int) -> Iterator[Picture]:
    """Kodak and CID22 validation pictures, without text, from the shared data folder."""
    for path in _shared_files("natural", count):
        yield Picture(path.stem, np.asarray(Image.open(path).convert("RGB")), ())


def scene(count: int) -> Iterator[Picture]:
    """ICDAR 2015 scenes with the lines marked legible."""
    with (SHARED / "dev" / "index.csv").open(newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    for path in _shared_files("scene", count):
        marks = json.loads(rows[f"scene/{path.name}"]["transcript"])
        lines = tuple(
            KnownLine(mark["text"], np.array(mark["polygon"], np.float32).reshape(4, 2))
            for mark in marks
            if mark["text"] != "###"
        )
        yield Picture(path.stem, np.asarray(Image.open(path).convert("RGB")), lines)


def _shared_files(folder: str, count: int) -> list[Path]:
    path = SHARED / "dev" / folder
    if not path.is_dir():
        raise FileNotFoundError(
            f"this set needs the project's shared data folder at {SHARED}; it is not there. "
            "Use --set rendered, which needs fonts alone"
        )
    files = sorted(p for p in path.iterdir() if p.suffix in (".png", ".jpg", ".webp"))
    return files[:count]


SETS = {"rendered": rendered, "natural": natural, "scene": scene}

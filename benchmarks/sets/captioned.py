"""Pictures of other sets with what may be said of them: true captions, and such as know less."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.sets.folders import Folders
from benchmarks.sets.picture import Picture
from benchmarks.sets.places import mask_of
from benchmarks.sets.registry import SETS
from tcsdk.train.codec.captions import GIVEN, Given, exchanged, scene_caption
from tcsdk.train.codec.photo_captions import CAPTIONS, photo_captions


@dataclass(frozen=True)
class Told:
    """A picture and its captions.

    Attributes:
        name: Of the picture.
        pixels: (H, W, 3) uint8, the whole of it.
        captions: Its own, another picture's, one for all, and none.
    """

    name: str
    pixels: NDArray[np.uint8]
    captions: dict[Given, str | None]


def told(pictures: Sequence[tuple[str, NDArray[np.uint8]]], captions: Sequence[str]) -> list[Told]:
    """Return pictures with every caption that they are given in turn.

    Args:
        pictures: Names and pixels.
        captions: True ones, in the same order; a shuffled one is the next picture's.

    Raises:
        ValueError: Two pictures beside each other have one caption: shuffled would be true.
    """
    given = {kind: exchanged(captions, kind) for kind in GIVEN}
    same = [
        n for n, (a, b) in enumerate(zip(given["true"], given["shuffled"], strict=True)) if a == b
    ]
    if same:
        raise ValueError(f"expected unlike captions, got {captions[same[0]]!r} twice in a row")
    return [
        Told(name, pixels, {kind: texts[at] or None for kind, texts in given.items()})
        for at, (name, pixels) in enumerate(pictures)
    ]


def photographs(column: str) -> Callable[[int, Folders], list[Told]]:
    """Return what makes the set `natural` with captions written by looking at its pictures.

    Args:
        column: Of the file of captions: "short" or "long".
    """

    def make(count: int, folders: Folders) -> list[Told]:
        captions = photo_captions(column)
        pictures = list(SETS["natural"].make(count, folders))
        said = [captions.of(f"natural/{picture.name}.png") for picture in pictures]
        missing = [p.name for p, caption in zip(pictures, said, strict=True) if not caption]
        if missing:
            raise ValueError(f"expected a caption of {missing[0]} in {CAPTIONS}, got none")
        return told([(p.name, p.image) for p in pictures], [str(caption) for caption in said])

    return make


def scenes(count: int, folders: Folders) -> list[Told]:
    """Return the set `rendered`, whose scenes describe themselves."""
    pictures = list(SETS["rendered"].make(count, folders))
    said = [_described(picture, n) for n, picture in enumerate(pictures)]
    return told([(p.name, p.image) for p in pictures], said)


def _described(picture: Picture, number: int) -> str:
    known = mask_of([line.quad for line in picture.lines], picture.image.shape[:2])
    rng = np.random.default_rng((781, number))
    pixels = picture.image.astype(np.float32) / 255
    return scene_caption(pixels, picture.lines, known | picture.unlisted, rng)


CAPTIONED_SETS: dict[str, Callable[[int, Folders], list[Told]]] = {
    "natural-short": photographs("short"),
    "natural-long": photographs("long"),
    "rendered": scenes,
}

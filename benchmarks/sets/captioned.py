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
from tcsdk.train.codec.photo_captions import CAPTIONS, COLUMNS, photo_captions
from tcsdk.train.codec.wordings import Seen


@dataclass(frozen=True)
class Told:
    """A picture and its captions.

    Attributes:
        name: Of the picture.
        pixels: (H, W, 3) uint8, the whole of it.
        captions: Its own, another picture's, one for all, and none.
        seen: What else can be told of it.
    """

    name: str
    pixels: NDArray[np.uint8]
    captions: dict[Given, str | None]
    seen: Seen


def told(pictures: Sequence[tuple[str, NDArray[np.uint8]]], seen: Sequence[Seen]) -> list[Told]:
    """Return pictures with every caption that they are given in turn.

    Args:
        pictures: Names and pixels.
        seen: What can be told of each; true captions are its scenes, a shuffled one the next's.

    Raises:
        ValueError: Two pictures beside each other have one caption: shuffled would be true.
    """
    captions = [each.scene for each in seen]
    given = {kind: exchanged(captions, kind) for kind in GIVEN}
    same = [
        n for n, (a, b) in enumerate(zip(given["true"], given["shuffled"], strict=True)) if a == b
    ]
    if same:
        raise ValueError(f"expected unlike captions, got {captions[same[0]]!r} twice in a row")
    return [
        Told(name, pixels, {kind: texts[at] or None for kind, texts in given.items()}, seen[at])
        for at, (name, pixels) in enumerate(pictures)
    ]


def without_text(pixels: NDArray[np.uint8], said: str, short: str = "", long: str = "") -> Seen:
    """Return what can be told of a picture in which no text is known.

    Args:
        pixels: (H, W, 3) uint8.
        said: Its true caption, which stands where a scene's own would.
        short, long: As somebody wrote them.
    """
    picture = pixels.astype(np.float32) / 255
    return Seen(said, picture, (), np.zeros(picture.shape[:2], bool), short, long)


def photographs(column: str) -> Callable[[int, Folders], list[Told]]:
    """Return what makes the set `natural` with captions written by looking at its pictures.

    Args:
        column: Of the file of captions, whose captions are the true ones: "short" or "long".
    """

    def make(count: int, folders: Folders) -> list[Told]:
        pictures = list(SETS["natural"].make(count, folders))
        written = {
            kind: [photo_captions(kind).of(f"natural/{picture.name}.png") for picture in pictures]
            for kind in COLUMNS
        }
        rows = list(zip(pictures, written[column], *written.values(), strict=True))
        missing = [picture.name for picture, *said in rows if not all(said)]
        if missing:
            raise ValueError(f"expected captions of {missing[0]} in {CAPTIONS}, got none")
        seen = [without_text(picture.image, *map(str, said)) for picture, *said in rows]
        return told([(p.name, p.image) for p in pictures], seen)

    return make


def scenes(count: int, folders: Folders) -> list[Told]:
    """Return the set `rendered`, whose scenes describe themselves."""
    pictures = list(SETS["rendered"].make(count, folders))
    seen = [_described(picture, n) for n, picture in enumerate(pictures)]
    return told([(p.name, p.image) for p in pictures], seen)


def _described(picture: Picture, number: int) -> Seen:
    known = mask_of([line.quad for line in picture.lines], picture.image.shape[:2])
    rng = np.random.default_rng((781, number))
    pixels = picture.image.astype(np.float32) / 255
    shows_text = known | picture.unlisted
    scene = scene_caption(pixels, picture.lines, shows_text, rng)
    return Seen(scene, pixels, picture.lines, shows_text)


CAPTIONED_SETS: dict[str, Callable[[int, Folders], list[Told]]] = {
    "natural-short": photographs("short"),
    "natural-long": photographs("long"),
    "rendered": scenes,
}

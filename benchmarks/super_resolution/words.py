"""Words to enlarge: rendered in held-out fonts, real ones taken down, real ones as they are."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.readers.reading import mean_sides, straightened
from benchmarks.sets import SETS, Folders
from benchmarks.sets.rendered import held_out
from tcsdk.reading.text import alphanumerics
from tcsdk.train.render.shots import draw_shot, shoot
from tcsdk.train.super_resolution.pairs import BINS, HIGH, LOW, SCENE, SHARP, make_pair

Pixels = NDArray[np.uint8]
SMALL = 16  # pixels: words of at most this height are small as they are
SEED = 901


@dataclass(frozen=True)
class Word:
    """A word to enlarge.

    Attributes:
        low: (16, 64, 3) uint8 RGB, stretched as TextZoom's are.
        high: (32, 128, 3) uint8 RGB, a good shot; None where there is none.
        text: what it says.
        bin: a key of BINS, or "as it is".
    """

    low: Pixels
    high: Pixels | None
    text: str
    bin: str


def rendered(count: int, folders: Folders) -> Iterator[Word]:
    """So many words of each bin, of fonts and words that training never saw."""
    assets = held_out(folders.photos)
    for number, blur in enumerate(BINS):
        for index in range(count):
            pair = make_pair(assets, np.random.default_rng((SEED, number, index)), blur)
            yield Word(pair.low, pair.high, pair.text, blur)


def taken_down(count: int, folders: Folders) -> Iterator[Word]:
    """So many real words in each bin: the pairs' camera takes them from `dev/word`."""
    crops = [(p.image, p.text) for p in SETS["word"].make(count, folders)]
    for number, blur in enumerate(BINS):
        for index, (crop, text) in enumerate(crops):
            if not alphanumerics(text, caseless=True):
                continue
            scene = stretched(crop, SCENE)
            rng = np.random.default_rng((SEED, number, index))
            dice = random.Random(int(rng.integers(2**63)))
            high = shoot(scene, draw_shot(dice, HIGH, SHARP, sharp=True), rng)
            low = shoot(scene, draw_shot(dice, LOW, BINS[blur], sharp=False), rng)
            yield Word(low, high, text, blur)


def small(count: int, folders: Folders) -> Iterator[Word]:
    """Up to so many real words whose height is at most SMALL, of scenes and single words."""
    left = count
    for name in ("scene", "word"):
        for picture in SETS[name].make(10_000, folders):
            for line in picture.lines:
                crop = cut_out(picture.image, line.quad)
                if crop.shape[0] > SMALL or not alphanumerics(line.text, caseless=True):
                    continue
                if left == 0:
                    return
                left -= 1
                yield Word(stretched(crop, LOW), None, line.text, "as it is")


def stretched(crop: Pixels, size: tuple[int, int]) -> Pixels:
    """Resize a crop to (height, width), whatever its shape."""
    return np.asarray(Image.fromarray(crop).resize(size[::-1], Image.Resampling.BICUBIC))


def cut_out(picture: Pixels, quad: NDArray[np.float32]) -> Pixels:
    """Cut out a quad in its own size."""
    across, down = mean_sides(quad)
    size = (max(1, round(across)), max(1, round(down)))
    return np.asarray(straightened(Image.fromarray(picture), quad, size))


WORDS: dict[str, Callable[[int, Folders], Iterator[Word]]] = {
    "rendered": rendered,
    "taken down": taken_down,
    "small": small,
}

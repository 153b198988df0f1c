"""Pairs as TextZoom's, rendered: a word as a good shot sees it, and as a poor one does."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tcsdk.train.render import Assets, render
from tcsdk.train.render.blocks import Block, fit_text, pick_pen
from tcsdk.train.render.geometry import Floats, from_corners, rectangle
from tcsdk.train.render.layout import Page, Placed, anywhere
from tcsdk.train.render.shots import draw_shot, shoot
from tcsdk.train.render.text import code, number, plate, price, word

HIGH, LOW = (32, 128), (16, 64)  # sizes of the two crops, height and width
OVERSAMPLED = 4  # the scene's pixels along one of the large crop
SCENE = (OVERSAMPLED * HIGH[0], OVERSAMPLED * HIGH[1])
LONGEST = 25  # letters and digits of a word
# Blur of the poor shot, standard deviation in its pixels: docs/studies/text-pairs.md.
BINS = {"easy": (1.0, 1.5), "medium": (1.5, 1.9), "hard": (1.9, 2.3)}
# What is learnt from besides: small words in focus, as real ones often are.
BLURS = {"in focus": (0.3, 1.0), **BINS}
SHARP = (0.3, 0.6)  # of the good shot, in its own


@dataclass(frozen=True)
class Pair:
    """A word twice.

    Attributes:
        low: (16, 64, 3) uint8 RGB, of the poor shot.
        high: (32, 128, 3) uint8 RGB, of the good shot.
        text: what it says.
        bin: a key of BLURS.
    """

    low: NDArray[np.uint8]
    high: NDArray[np.uint8]
    text: str
    bin: str

    def __repr__(self) -> str:
        return f"Pair({self.text!r}, {self.bin})"


def one_word(page: Page) -> list[Placed]:
    """Lay out one word that fills most of the picture: TextZoom's crops are words."""
    dice = page.dice
    pen = pick_pen(dice, page.assets, dice.uniform(0.35, 0.6) * page.height)
    makers = (word, word, word, number, code, plate, price)
    text, width = fit_text(dice, page.assets, pen, 0.9 * page.width, makers)
    text = text.split(" ")[0]
    if not any(character.isalnum() for character in text):
        return []
    block = Block(min(width, pen.measure(text)), pen.height)
    block.runs.append(pen.run(text, 0, pen.ascent, curved=dice.random() < 0.1 and len(text) > 3))
    if dice.random() < 0.3:
        block.add_plate(dice.uniform(0.1, 0.4) * pen.height, 0)
    degrees = dice.gauss(0, 3) if dice.random() < 0.5 else 0.0
    return [anywhere(page, block, degrees, 0.0)]


def word_scene(assets: Assets, rng: np.random.Generator) -> tuple[NDArray[np.uint8], str]:
    """Render a word and cut it out as an annotator would, loosely and not quite straight.

    Returns:
        (128, 512, 3) uint8, stretched as TextZoom stretches its crops; and what it says.
    """
    while True:
        sample = render(assets, rng, (192, 640), {one_word: 1.0})
        if len(sample.lines) == 1:
            break
    (line,) = sample.lines
    left, top = line.quad.min(0)
    right, bottom = line.quad.max(0)
    slack = 0.05 * (bottom - top) * np.abs(rng.standard_normal(4))
    corners = rectangle(left - slack[0], top - slack[1], right + slack[2], bottom + slack[3])
    return _cut(sample.clean, corners), line.text


def _cut(picture: NDArray[np.uint8], corners: Floats) -> NDArray[np.uint8]:
    """Stretch a quad of a picture to SCENE's size."""
    height, width = SCENE
    back = from_corners(rectangle(0, 0, width, height), corners)
    cut = Image.fromarray(picture).transform(
        (width, height),
        Image.Transform.PERSPECTIVE,
        back.ravel()[:8].tolist(),
        Image.Resampling.BICUBIC,
    )
    return np.asarray(cut)


def make_pair(assets: Assets, rng: np.random.Generator, blur: str) -> Pair:
    """Render a pair.

    Args:
        assets: fonts, words and photographs.
        rng: source of chance; the same state and assets give the same pair.
        blur: a key of BLURS.
    """
    dice = random.Random(int(rng.integers(2**63)))
    scene, text = word_scene(assets, rng)
    high = shoot(scene, draw_shot(dice, HIGH, SHARP, sharp=True), rng)
    low = shoot(scene, draw_shot(dice, LOW, BLURS[blur], sharp=False), rng)
    return Pair(low, high, text, blur)

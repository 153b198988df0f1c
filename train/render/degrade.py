"""Spoil a finished picture as cameras and storage do, so gently that its smallest text survives."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tcsdk.train.render.background import clip, grain, smooth_field

Picture = NDArray[np.uint8]
# Takes the picture, sources of chance, and the smallest line height in pixels.
Step = Callable[[Picture, random.Random, np.random.Generator, float], Picture]


def shade(
    picture: Picture, dice: random.Random, rng: np.random.Generator, finest: float
) -> Picture:
    """Light the picture unevenly, or throw a shadow with a soft edge on a part of it."""
    height, width = picture.shape[:2]
    field = smooth_field(rng, height, width, dice.randint(2, 3))
    if dice.random() < 0.4:
        field = np.tanh(field * dice.uniform(3, 20))
    light = 1 + np.float32(dice.uniform(0.1, 0.3)) * (field - np.float32(dice.uniform(0.2, 1)))
    return clip(picture * light)


def blur(picture: Picture, dice: random.Random, rng: np.random.Generator, finest: float) -> Picture:
    """Defocus by up to a 16th of the smallest line, at most 2 pixels."""
    radius = dice.uniform(0.2, 1) * min(2.0, finest / 16)
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def shake(
    picture: Picture, dice: random.Random, rng: np.random.Generator, finest: float
) -> Picture:
    """Average the picture along a path of up to an eighth of the smallest line, at most 5 pixels.

    The outermost pixels keep their value, because nothing comes from outside.
    """
    length, angle = dice.uniform(0.4, 1) * min(5.0, finest / 8), dice.uniform(0, math.pi)
    x, y = length / 2 * math.cos(angle), length / 2 * math.sin(angle)
    source = Image.fromarray(picture)
    total = np.zeros(picture.shape, np.float32)
    for part in (-1, -1 / 3, 1 / 3, 1):
        move = (1, 0, part * x, 0, 1, part * y)
        total += np.asarray(
            source.transform(source.size, Image.Transform.AFFINE, move, Image.Resampling.BILINEAR)
        )
    total[[0, -1]], total[:, [0, -1]] = picture[[0, -1]] * 4.0, picture[:, [0, -1]] * 4.0
    return clip(total / 4)


def add_noise(
    picture: Picture, dice: random.Random, rng: np.random.Generator, finest: float
) -> Picture:
    """Add sensor noise, the same in all channels, weaker on small text."""
    return clip(
        picture
        + np.float32(dice.uniform(1.5, min(12, 2 + finest / 3))) * grain(rng, *picture.shape[:2])
    )


def rescale(
    picture: Picture, dice: random.Random, rng: np.random.Generator, finest: float
) -> Picture:
    """Make the picture smaller and bring it back, keeping its smallest line 9 pixels high."""
    factor = dice.uniform(1.0, min(2.5, max(1.05, finest / 9)))
    height, width = picture.shape[:2]
    small = Image.fromarray(picture).resize(
        (round(width / factor), round(height / factor)), Image.Resampling.BILINEAR
    )
    return np.asarray(
        small.resize(
            (width, height), dice.choice((Image.Resampling.BILINEAR, Image.Resampling.BICUBIC))
        )
    )


def jpeg(picture: Picture, dice: random.Random, rng: np.random.Generator, finest: float) -> Picture:
    """Store as JPEG at quality 25 to 95, at least 50 for lines below 13 pixels."""
    memory = io.BytesIO()
    Image.fromarray(picture).save(
        memory, "JPEG", quality=dice.randint(25 if finest >= 13 else 50, 95)
    )
    with Image.open(memory) as stored:
        return np.asarray(stored)


SHADED = 0.35  # chance of light, which is of the scene; of what cameras and storage do to it:
WEAR: tuple[tuple[Step, float], ...] = (
    (blur, 0.3),
    (shake, 0.12),
    (rescale, 0.2),
    (add_noise, 0.3),
    (jpeg, 0.4),
)
SPOILT = 0.45  # share of pictures that go through the steps at all; 11 % of those meet none of them


def degrade(
    picture: Picture, dice: random.Random, rng: np.random.Generator, finest: float
) -> tuple[Picture, Picture]:
    """Leave a picture clean (55 %) or send it through each step by that step's chance.

    Args:
        picture: (H, W, 3) uint8.
        dice: source of chance for scalars.
        rng: source of chance for arrays.
        finest: smallest line height in the picture, pixels.

    Returns:
        The picture as it was lit, and what became of it; both (H, W, 3) uint8.
    """
    if dice.random() >= SPOILT:
        return picture, picture
    if dice.random() < SHADED:
        picture = shade(picture, dice, rng, finest)
    worn = picture
    for step, chance in WEAR:
        if dice.random() < chance:
            worn = step(worn, dice, rng, finest)
    return picture, worn

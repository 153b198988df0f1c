"""Make what text stands on: photographs, paper, and synthetic patterns."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tcsdk.train.render.assets import Assets

Picture = NDArray[np.uint8]
Maker = Callable[[random.Random, np.random.Generator, int, int], Picture]


def smooth_field(
    rng: np.random.Generator, height: int, width: int, cells: int, channels: int = 1
) -> NDArray[np.float32]:
    """Make slow random variation: a few random values in -1..1, enlarged.

    Returns:
        (height, width, channels) float32.
    """
    small = rng.uniform(-1, 1, (cells, cells * 2, channels)).astype(np.float32)
    planes = [
        Image.fromarray(small[..., c]).resize((width, height), Image.Resampling.BICUBIC)
        for c in range(channels)
    ]
    return np.stack([np.asarray(plane) for plane in planes], axis=-1)


def grain(rng: np.random.Generator, height: int, width: int) -> NDArray[np.float32]:
    """Make grey noise of unit variance, (height, width, 1) float32."""
    return rng.standard_normal((height, width, 1), np.float32)


def clip(values: NDArray[np.floating]) -> Picture:
    """Round float values to uint8 within 0..255."""
    rounded: Picture = np.clip(values + 0.5, 0, 255).astype(np.uint8)
    return rounded


def any_colour(dice: random.Random) -> NDArray[np.float32]:
    """Draw a colour, (3,) float32 in 0..255, greyish as often as vivid."""
    grey = dice.uniform(0, 255)
    vivid = dice.random() ** 2
    return np.array([grey + vivid * (dice.uniform(0, 255) - grey) for _ in range(3)], np.float32)


def photograph(dice: random.Random, height: int, width: int, photo: Picture) -> Picture:
    """Cut a piece out of a photograph at a random scale, mirrored, blurred or brightened."""
    rows, columns = photo.shape[:2]
    most = min(rows / height, columns / width)
    scale = (
        most * dice.uniform(0.3, 1.0) if dice.random() < 0.6 else min(most, dice.uniform(0.6, 1.2))
    )
    h, w = max(1, int(scale * height)), max(1, int(scale * width))
    top, left = dice.randint(0, rows - h), dice.randint(0, columns - w)
    piece = Image.fromarray(photo[top : top + h, left : left + w])
    piece = piece.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
    if dice.random() < 0.5:
        piece = piece.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if dice.random() < 0.25:
        piece = piece.filter(ImageFilter.GaussianBlur(dice.uniform(0.5, 4)))
    picture = np.asarray(piece)
    if dice.random() < 0.3:
        gain, lift = dice.uniform(0.5, 1.3), dice.uniform(-30, 40)
        picture = clip(picture.astype(np.float32) * gain + lift)
    return picture


def paper(dice: random.Random, rng: np.random.Generator, height: int, width: int) -> Picture:
    """Make a plain ground, mostly light, with little or no shading and grain."""
    if dice.random() < 0.65:
        light = dice.uniform(205, 255)
        colour = np.array(
            [light, light - dice.uniform(0, 8), light - dice.uniform(0, 24)], np.float32
        )
    else:
        colour = any_colour(dice)
    picture = np.broadcast_to(colour, (height, width, 3))
    if dice.random() < 0.6:
        picture = picture + dice.uniform(2, 14) * smooth_field(
            rng, height, width, dice.randint(2, 5)
        )
    if dice.random() < 0.4:
        picture = picture + dice.uniform(0.8, 4) * grain(rng, height, width)
    return clip(picture.astype(np.float32))


def _slope(dice: random.Random, height: int, width: int) -> NDArray[np.float32]:
    """Make a ramp in a random direction, (height, width, 1) float32 pixels along it."""
    angle = dice.uniform(0, 2 * math.pi)
    y = np.arange(height, dtype=np.float32)[:, None] * np.float32(math.sin(angle))
    return (y + np.arange(width, dtype=np.float32) * np.float32(math.cos(angle)))[..., None]


def _mix(dice: random.Random, share: NDArray[np.float32]) -> Picture:
    one, two = any_colour(dice), any_colour(dice)
    return clip(one + share * (two - one) * np.float32(dice.uniform(0.2, 1.0)))


def gradient(dice: random.Random, rng: np.random.Generator, height: int, width: int) -> Picture:
    """Fade from one colour to another."""
    ramp = _slope(dice, height, width)
    return _mix(dice, (ramp - ramp.min()) / np.ptp(ramp))


def stripes(dice: random.Random, rng: np.random.Generator, height: int, width: int) -> Picture:
    """Alternate two colours, hard or soft."""
    wave = np.sin(_slope(dice, height, width) * np.float32(2 * math.pi / dice.uniform(6, 60)))
    return _mix(dice, np.clip(0.5 + np.float32(dice.choice((0.5, 4))) * wave, 0, 1))


def checks(dice: random.Random, rng: np.random.Generator, height: int, width: int) -> Picture:
    """Tile two colours."""
    side = dice.randint(4, 40)
    odd = (np.arange(height)[:, None] // side + np.arange(width) // side) % 2
    return _mix(dice, odd[..., None].astype(np.float32))


def blobs(dice: random.Random, rng: np.random.Generator, height: int, width: int) -> Picture:
    """Blend coloured clouds."""
    clouds = smooth_field(rng, height, width, dice.randint(2, 7), 3)
    return clip(any_colour(dice) + np.float32(dice.uniform(15, 110)) * clouds)


def noise(dice: random.Random, rng: np.random.Generator, height: int, width: int) -> Picture:
    """Sprinkle grain over a colour, fine or coarse."""
    side = dice.choice((1, 2, 3))
    h, w = -(-height // side), -(-width // side)
    coarse = grain(rng, h, w).repeat(side, 0).repeat(side, 1)[:height, :width]
    return clip(any_colour(dice) + np.float32(dice.uniform(4, 28)) * coarse)


SYNTHETIC: dict[Maker, float] = {gradient: 3, stripes: 1.5, checks: 1, blobs: 3, noise: 1.5}


def make_background(
    assets: Assets, dice: random.Random, rng: np.random.Generator, height: int, width: int
) -> Picture:
    """Draw a ground, (height, width, 3) uint8: 35 % photograph, 40 % paper, 25 % synthetic.

    Without photographs their share goes to the synthetic ones.
    """
    roll = dice.random()
    if roll < 0.4:
        return paper(dice, rng, height, width)
    if roll < 0.75 and assets.photos:
        return photograph(dice, height, width, dice.choice(assets.photos))
    return dice.choices(list(SYNTHETIC), list(SYNTHETIC.values()))[0](dice, rng, height, width)


def flat(dice: random.Random, rng: np.random.Generator, height: int, width: int) -> Picture:
    """Fill with one colour as screens and scans have it: paper white, black, saturated or any."""
    roll = dice.random()
    if roll < 0.4:
        colour = np.full(3, dice.choice((255, 255, 254, 252, 248)), np.float32)
    elif roll < 0.5:
        colour = np.full(3, dice.choice((0, 0, 4, 12)), np.float32)
    elif roll < 0.85:
        colour = np.array([dice.choice((0, 255)) for _ in range(3)], np.float32)
    else:
        colour = np.array([dice.uniform(0, 255) for _ in range(3)], np.float32)
    return clip(np.broadcast_to(colour, (height, width, 3)))


def make_plain(
    assets: Assets, dice: random.Random, rng: np.random.Generator, height: int, width: int
) -> Picture:
    """Draw a picture without text: a piece of a photograph where there are any."""
    if assets.photos:
        return photograph(dice, height, width, dice.choice(assets.photos))
    return make_background(assets, dice, rng, height, width)

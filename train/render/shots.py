"""Photograph a flat scene: focus, motion, sensor, tone and storage of one shot.

What TextZoom (Wang et al., 2020) got from two focal lengths of a real camera: both sides of a pair
are shots, the sharp one too, and the small one is another shot, not the large one made smaller.
"""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Shot:
    """What one shot does, lengths in its own pixels.

    Attributes:
        size: (height, width) of the picture.
        defocus: standard deviation of the blur.
        motion: length of the path along which it is shaken.
        direction: of that path, radians.
        shift: (x, y) by which the scene is displaced.
        gain, gamma, lift: tone, level = 255 * (gain * (scene / 255)^gamma) + lift.
        mosaic: take one colour a pixel, in Bayer's pattern, and interpolate the others.
        noise: standard deviation of the sensor, grey levels.
        quality: of JPEG; None stores nothing.
    """

    size: tuple[int, int]
    defocus: float = 0.0
    motion: float = 0.0
    direction: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    gain: float = 1.0
    gamma: float = 1.0
    lift: float = 0.0
    mosaic: bool = False
    noise: float = 0.0
    quality: int | None = None


def draw_shot(
    dice: random.Random, size: tuple[int, int], defocus: tuple[float, float], sharp: bool
) -> Shot:
    """Draw a shot as of a hand-held camera.

    Args:
        dice: source of chance.
        size: (height, width) of the picture.
        defocus: bounds of the blur, in its pixels.
        sharp: the good shot of a pair: still, of little noise, hardly compressed.
    """
    return Shot(
        size=size,
        defocus=dice.uniform(*defocus),
        motion=0.0 if sharp or dice.random() < 0.7 else dice.uniform(0.5, 2.0),
        direction=dice.uniform(0, math.pi),
        shift=(0.0, 0.0) if sharp else (dice.uniform(-1, 1), dice.uniform(-0.5, 0.5)),
        gain=dice.uniform(0.85, 1.1),
        gamma=math.exp(dice.gauss(0, 0.05 if sharp else 0.12)),
        lift=dice.uniform(-6, 6),
        mosaic=dice.random() < 0.7,
        noise=dice.uniform(0, 2) if sharp else dice.uniform(0.5, 6),
        quality=dice.randint(80, 95) if sharp else dice.randint(30, 95),
    )


def shoot(scene: Pixels, shot: Shot, rng: np.random.Generator) -> Pixels:
    """Photograph a scene.

    Args:
        scene: (H, W, 3) uint8, RGB, at least as large as the picture and of its proportions.
        shot: how.
        rng: source of the sensor's noise.

    Returns:
        (height, width, 3) uint8.
    """
    scale = scene.shape[0] / shot.size[0]
    seen = _blurred(scene.astype(np.float32), shot, scale)
    seen = _sampled(seen, shot)
    seen = 255 * shot.gain * (seen / 255) ** np.float32(shot.gamma) + np.float32(shot.lift)
    seen = seen + np.float32(shot.noise) * rng.standard_normal(seen.shape, np.float32)
    seen = demosaiced(seen) if shot.mosaic else seen
    picture = np.clip(seen + 0.5, 0, 255).astype(np.uint8)
    return picture if shot.quality is None else _stored(picture, shot.quality)


def _blurred(scene: Floats, shot: Shot, scale: float) -> Floats:
    """Blur as out of focus, then along the path of the shake."""
    seen = ndimage.gaussian_filter(scene, (shot.defocus * scale,) * 2 + (0,), mode="nearest")
    if not shot.motion:
        return seen
    x, y = (shot.motion * scale * part(shot.direction) for part in (math.cos, math.sin))
    parts = [
        ndimage.shift(seen, (t * y, t * x, 0), order=1, mode="nearest") for t in (-0.5, 0, 0.5)
    ]
    return np.mean(parts, 0, dtype=np.float32)


def _sampled(seen: Floats, shot: Shot) -> Floats:
    """Take the mean over each pixel of the picture, displaced by the shift."""
    height, width = shot.size
    rows, columns = seen.shape[0] / height, seen.shape[1] / width
    dx, dy = shot.shift
    box = (dx * columns, dy * rows, dx * columns + seen.shape[1], dy * rows + seen.shape[0])
    channels = []
    for channel in np.moveaxis(seen, 2, 0):
        padded = np.pad(channel, ((math.ceil(rows),) * 2, (math.ceil(columns),) * 2), "edge")
        moved = tuple(
            value + math.ceil(size)
            for value, size in zip(box, (columns, rows, columns, rows), strict=True)
        )
        image = Image.fromarray(padded)
        channels.append(np.asarray(image.resize((width, height), Image.Resampling.BOX, box=moved)))
    return np.stack(channels, 2)


def demosaiced(picture: Floats) -> Floats:
    """Keep one colour a pixel, red and green over green and blue, and interpolate the others.

    Args:
        picture: (H, W, 3) float32.

    Returns:
        (H, W, 3) float32, bilinear in each colour.
    """
    kernel = np.outer((1, 2, 1), (1, 2, 1)).astype(np.float32)
    rows, columns = np.indices(picture.shape[:2]) % 2
    out = np.empty_like(picture)
    for channel, has in enumerate((rows + columns == 0, rows != columns, rows * columns == 1)):
        mask = has.astype(np.float32)
        total = ndimage.convolve(picture[:, :, channel] * mask, kernel, mode="mirror")
        weight = ndimage.convolve(mask, kernel, mode="mirror")
        out[:, :, channel] = np.where(has, picture[:, :, channel], total / weight)
    return out


def _stored(picture: Pixels, quality: int) -> Pixels:
    memory = io.BytesIO()
    Image.fromarray(picture).save(memory, "JPEG", quality=quality)
    with Image.open(memory) as stored:
        return np.asarray(stored)

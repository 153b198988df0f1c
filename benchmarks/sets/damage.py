"""Damage that text just survives: noise, low contrast, heavy JPEG."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tcsdk.train.render.background import clip, grain

Pixels = NDArray[np.uint8]


def noise(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Sensor noise of a standard deviation of 25 to 60 grey levels, each channel its own."""
    deviation = np.float32(rng.uniform(25, 60))
    channels = [grain(rng, *image.shape[:2]) for _ in range(3)]
    spoilt: Pixels = clip(image + deviation * np.concatenate(channels, axis=2))
    return spoilt


def low_contrast(image: Pixels, rng: np.random.Generator) -> Pixels:
    """A twelfth to a fifth of the contrast, around a random grey, with noise of 2 levels."""
    grey, kept = np.float32(rng.uniform(60, 195)), np.float32(rng.uniform(1 / 12, 1 / 5))
    faded = grey + kept * (image - image.mean(dtype=np.float32))
    spoilt: Pixels = clip(faded + 2 * grain(rng, *image.shape[:2]))
    return spoilt


def jpeg(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Stored as JPEG at quality 2 to 8."""
    memory = io.BytesIO()
    Image.fromarray(image).save(memory, "JPEG", quality=int(rng.integers(2, 9)))
    with Image.open(memory) as stored:
        return np.asarray(stored)


KINDS = (noise, low_contrast, jpeg)


def damage(index: int, image: Pixels, rng: np.random.Generator) -> tuple[str, Pixels]:
    """Damage picture number `index` of a set by the kind whose turn it is; its name, the result."""
    kind = KINDS[index % len(KINDS)]
    return kind.__name__.replace("_", "-"), kind(image, rng)

"""Damage that text just survives: noise, low contrast, heavy JPEG."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .background import clip, grain
from .sample import Sample

Pixels = NDArray[np.uint8]
# Takes a picture; returns what it should still look like, and what became of it.
Kind = Callable[[Pixels, np.random.Generator], tuple[Pixels, Pixels]]


def noise(image: Pixels, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """Sensor noise of a standard deviation of 25 to 60 grey levels, each channel its own."""
    deviation = np.float32(rng.uniform(25, 60))
    channels = [grain(rng, *image.shape[:2]) for _ in range(3)]
    return image, clip(image + deviation * np.concatenate(channels, axis=2))


def low_contrast(image: Pixels, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """A twelfth to a fifth of the contrast, around a random grey, with noise of 2 levels."""
    grey, kept = np.float32(rng.uniform(60, 195)), np.float32(rng.uniform(1 / 12, 1 / 5))
    faded = grey + kept * (image - image.mean(dtype=np.float32))
    return clip(faded), clip(faded + 2 * grain(rng, *image.shape[:2]))


def jpeg(image: Pixels, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """Stored as JPEG at quality 2 to 8."""
    memory = io.BytesIO()
    Image.fromarray(image).save(memory, "JPEG", quality=int(rng.integers(2, 9)))
    with Image.open(memory) as stored:
        return image, np.asarray(stored)


KINDS: tuple[Kind, ...] = (noise, low_contrast, jpeg)


def damage(sample: Sample, rng: np.random.Generator) -> Sample:
    """Damage a sample by a random kind."""
    clean, image = KINDS[rng.integers(len(KINDS))](sample.image, rng)
    kept = sample.clean if clean is sample.image else clean
    return replace(sample, image=image, clean=kept)

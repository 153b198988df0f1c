"""Damage that text just survives: noise, low contrast, heavy JPEG."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tcsdk.train.render.background import clip, grain
from tcsdk.train.render.sample import Sample

Pixels = NDArray[np.uint8]
# Takes a picture and its clean form; returns what text should look like, and what became of it.
Kind = Callable[[Pixels, Pixels, np.random.Generator], tuple[Pixels, Pixels]]


def noise(image: Pixels, clean: Pixels, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """Sensor noise of a standard deviation of 25 to 60 grey levels, each channel its own."""
    deviation = np.float32(rng.uniform(25, 60))
    channels = [grain(rng, *image.shape[:2]) for _ in range(3)]
    return clean, clip(image + deviation * np.concatenate(channels, axis=2))


def low_contrast(image: Pixels, clean: Pixels, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """A twelfth to a fifth of the contrast, around a random grey, with noise of 2 levels on it."""
    grey, kept = np.float32(rng.uniform(60, 195)), np.float32(rng.uniform(1 / 12, 1 / 5))
    mean = image.mean(dtype=np.float32)
    spoilt = grey + kept * (image - mean) + 2 * grain(rng, *image.shape[:2])
    return clip(grey + kept * (clean - mean)), clip(spoilt)


def jpeg(image: Pixels, clean: Pixels, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """Stored as JPEG at quality 2 to 8."""
    memory = io.BytesIO()
    Image.fromarray(image).save(memory, "JPEG", quality=int(rng.integers(2, 9)))
    with Image.open(memory) as stored:
        return clean, np.asarray(stored)


KINDS: tuple[Kind, ...] = (noise, low_contrast, jpeg)


def damage(sample: Sample, rng: np.random.Generator) -> Sample:
    """Damage a sample by a random kind."""
    kind = KINDS[rng.integers(len(KINDS))]
    clean, image = kind(sample.image, sample.clean, rng)
    return replace(sample, image=image, clean=clean)

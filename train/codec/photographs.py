"""Photographs without rendered text as training pictures: a part of one, or the whole."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tcsdk.train.render import Assets, Sample


def part_of_photo(assets: Assets, rng: np.random.Generator, size: tuple[int, int]) -> Sample:
    """A random crop of a random photograph, at full or half resolution."""
    height, width = size
    picture = assets.photos[rng.integers(len(assets.photos))]
    step = 2 if rng.random() < 0.4 and min(picture.shape[:2]) >= 2 * max(size) else 1
    top = rng.integers(max(1, picture.shape[0] - height * step + 1))
    left = rng.integers(max(1, picture.shape[1] - width * step + 1))
    crop = picture[top : top + height * step, left : left + width * step]
    if step == 2:
        crop = crop.reshape(height, 2, width, 2, 3).mean((1, 3)).astype(np.uint8)
    missing = [(0, height - crop.shape[0]), (0, width - crop.shape[1]), (0, 0)]
    image = np.pad(crop, missing, mode="edge")
    return Sample(image, image, (), np.zeros(size, np.uint8))


def whole_photo(assets: Assets, rng: np.random.Generator, size: tuple[int, int]) -> Sample:
    """A random photograph, the whole of it: shrunk to fit, in the middle, its rim repeated around.

    What somebody wrote of a photograph is true of all of it, not of a part.
    """
    number = rng.integers(len(assets.photos))
    picture = assets.photos[number]
    share = min(size[0] / picture.shape[0], size[1] / picture.shape[1], 1.0)
    height, width = (max(1, round(share * side)) for side in picture.shape[:2])
    shrunk = Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS)
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    around = [(top, size[0] - height - top), (left, size[1] - width - left), (0, 0)]
    image = np.pad(np.asarray(shrunk), around, mode="edge")
    nothing = np.zeros(size, np.uint8)
    return Sample(image, image, (), nothing, whole_of=assets.names[number])

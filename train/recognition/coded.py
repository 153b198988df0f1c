"""Pictures as a receiver sees them: coded at random qualities by us and by what others use."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tcsdk.decoder import Decoder
from tcsdk.encoder import Encoder

Pixels = NDArray[np.uint8]
Coding = Callable[[Pixels, np.random.Generator], Pixels]
SMALLER = 0.3  # share of pictures that are coded smaller than they are
LEAST_SCALE = 0.45


@functools.cache
def _codec(model: str) -> tuple[Encoder, Decoder]:
    """One for each process that asks."""
    return Encoder(model, device="cpu", threads=1), Decoder(device="cpu", threads=1)


def ours(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Code by `tfic-int8`, where figures begin to be lost at about 20."""
    encoder, decoder = _codec("tfic-int8")
    return decoder.decode(encoder.encode(picture, quality=int(rng.integers(10, 50))))


def _pillow(format: str, low: int, high: int) -> Coding:
    def coded(picture: Pixels, rng: np.random.Generator) -> Pixels:
        memory = io.BytesIO()
        more = {"speed": 9} if format == "AVIF" else {}
        quality = int(rng.integers(low, high))
        Image.fromarray(picture).save(memory, format, quality=quality, **more)
        with Image.open(memory) as stored:
            return np.asarray(stored.convert("RGB"))

    return coded


CODINGS: dict[str, tuple[Coding, float]] = {
    "tfic": (ours, 0.4),
    "jpeg": (_pillow("JPEG", 4, 60), 0.25),
    "webp": (_pillow("WEBP", 1, 50), 0.15),
    "avif": (_pillow("AVIF", 8, 50), 0.2),
}


def code(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Return a picture (H, W, 3) as some codec brings it back, of the same size."""
    height, width = picture.shape[:2]
    codings, shares = zip(*CODINGS.values(), strict=True)
    coding = codings[rng.choice(len(codings), p=shares)]
    if rng.random() >= SMALLER:
        return coding(picture, rng)
    scale = rng.uniform(LEAST_SCALE, 1.0)
    small = Image.fromarray(picture).resize(
        (max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BICUBIC
    )
    back = Image.fromarray(coding(np.asarray(small), rng))
    return np.asarray(back.resize((width, height), Image.Resampling.BICUBIC))

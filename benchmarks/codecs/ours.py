"""Our models, by id or folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import Literal

import tcsdk
from benchmarks.codecs.point import Pixels, Point
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.find import find_model
from tcsdk.model.folder import CodecFolder, ModelFolder

QUALITIES = (0, 8, 16, 24, 32, 40, 48, 56, 63)
ALL_QUALITIES = tuple(range(64))
DEVICE = "cpu"
Scale = float | Literal["auto"]


def model_version(folder: ModelFolder, precision: str) -> str:
    """The digest of all files that a precision codes with, and the release that runs them."""
    digest, known = hashlib.sha256(), folder.sha256
    if isinstance(folder, CaptionedCodec):  # its own files, and the codec's
        known = {**known, **folder.told.sha256}
    files = {name: known[name] for name in folder.precisions[precision]["files"]}
    if isinstance(folder, CodecFolder) and folder.drawing:  # what draws, beside the codec's
        files |= folder.drawing.folder.sha256
    for name, hashed in sorted(files.items()):
        digest.update(f"{name} {hashed}\n".encode())
    return f"{digest.hexdigest()[:16]}, tcsdk {tcsdk.__version__}"


# Refining takes seconds, and is for low rates.
REFINED_QUALITIES = (0, 8, 16, 24, 40)


def refined(name: str, steps: int) -> Iterator[Point]:
    """One of our models whose latents are refined for the text that an OCR reads on the original.

    Args:
        name: Id or folder.
        steps: Of refining.

    Raises:
        UnknownModelError: no model is called so.
    """
    folder, named = find_model(name)
    version = model_version(folder, folder.precision_for(DEVICE, named))
    for q in REFINED_QUALITIES:
        encode, decode = partial(_encode, name, q, 1.0, refine=steps), partial(_decode, name)
        yield Point(f"{name}+{steps}", version, f"q{q}", encode, decode)


def model(name: str, qualities: Sequence[int] = QUALITIES, scale: Scale = 1.0) -> Iterator[Point]:
    """One of our models at some qualities; its graphs are loaded when they first run.

    Args:
        name: Id or folder.
        qualities: One point each.
        scale: Part of the size at which pictures are coded, or AUTO.

    Raises:
        UnknownModelError: no model is called so.
    """
    folder, named = find_model(name)
    version = model_version(folder, folder.precision_for(DEVICE, named))
    codec = name if scale == 1.0 else f"{name}@{scale}"
    for q in qualities:
        encode, decode = partial(_encode, name, q, scale), partial(_decode, name)
        yield Point(codec, version, f"q{q}", encode, decode)


def _encode(name: str, quality: int, scale: Scale, pixels: Pixels, refine: int = 0) -> bytes:
    return _encoder(name, refine).encode(pixels, quality=quality, scale=scale)


def _decode(name: str, data: bytes) -> Pixels:
    return _decoder(name).decode(data)


@cache
def _encoder(name: str, refine: int = 0) -> tcsdk.Encoder:
    return tcsdk.Encoder(name, device=DEVICE, refine=refine)


@cache
def _decoder(name: str) -> tcsdk.Decoder:
    folder, named = find_model(name)
    precision = folder.precision_for(DEVICE, named)
    return tcsdk.Decoder(DEVICE, precision=precision, models=[folder.path])

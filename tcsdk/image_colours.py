"""Colour profiles: what a picture's numbers look like in sRGB, which is what a stream holds."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tcsdk.notes import Note

if TYPE_CHECKING:
    from PIL import Image as PilImage

# Colour space of a profile (ICC.1, 7.2.6) -> the mode it is applied in, and those that become it.
_SPACES = {b"RGB ": ("RGB", ("RGB", "L")), b"GRAY": ("L", ("L",)), b"CMYK": ("CMYK", ("CMYK",))}
# A profile that moves no colour further than this many levels is sRGB under another name.
_SAME = 2


def space_of(profile: object) -> bytes:
    """Return the four letters of a profile's colour space, such as b"RGB "; b"" for none."""
    return profile[16:20] if isinstance(profile, bytes) else b""


def in_srgb(
    image: PilImage.Image, profile: object, *, own_colours: bool = False
) -> tuple[PilImage.Image, tuple[Note, ...]]:
    """Convert an image to sRGB by its profile.

    Args:
        image: Of mode L, LA, RGB, RGBA or CMYK.
        profile: ICC bytes; anything else counts as none.
        own_colours: Leave the colours of an RGB profile as they are.

    Returns:
        The image, with its transparency, in RGB where colours had to be moved; and what is to be
        said: of a profile that cannot be used, or of inks without one.
    """
    if not isinstance(profile, bytes):
        said = "inks (CMYK) without a profile, so its colours are a guess"
        return image, (Note("colours", said),) if image.mode == "CMYK" else ()
    space = space_of(profile)
    if own_colours and space == b"RGB ":
        return image, ()
    clear = image.getchannel("A") if "A" in image.getbands() else None
    opaque = image if clear is None else image.convert(image.mode[:-1])
    try:
        mode, takes = _SPACES[space]
        if opaque.mode not in takes:
            raise ValueError(f"it is for {mode}, the picture is {opaque.mode}")
        transform = _transform(profile, mode)
        if transform is None:
            return image, ()
        shown = transform.apply(opaque if opaque.mode == mode else opaque.convert(mode))
    except Exception as error:  # of a damaged or strange profile: the pixels come first
        reason = f"colour space {space!r}" if isinstance(error, KeyError) else str(error)
        text = f"its colour profile cannot be used ({reason}), so its colours may be off"
        return image, (Note("colours", text),)
    if clear is not None:
        shown.putalpha(clear)
    notes = () if not own_colours else _not_kept(mode)
    return shown, notes


def _not_kept(mode: str) -> tuple[Note, ...]:
    text = f"its colour profile is one of {mode} and not kept: the colours are converted to sRGB"
    return (Note("colours", text),)


@lru_cache(maxsize=8)  # a folder's pictures come from one camera, or from a few
def _transform(profile: bytes, mode: str) -> Any:
    """Return what converts a mode to sRGB in RGB, or None where it would change nothing."""
    from PIL import ImageCms

    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    if mode == "CMYK":
        return transform
    cube = _cube(mode)
    moved = np.abs(np.asarray(transform.apply(cube), np.int16) - np.asarray(cube.convert("RGB")))
    return transform if moved.max() > _SAME else None


def _cube(mode: str) -> PilImage.Image:
    """Return an image of colours from all over RGB, or of all grays."""
    from PIL import Image

    if mode == "L":
        return Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    return Image.fromarray(np.stack(np.meshgrid(levels, levels, levels), -1).reshape(1, -1, 3))

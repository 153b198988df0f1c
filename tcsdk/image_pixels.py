"""Arrays and PIL images to uint8 RGB: depth, transparency and orientation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tcsdk.errors import ImageError
from tcsdk.image_colours import in_srgb
from tcsdk.notes import Note

if TYPE_CHECKING:
    from PIL import Image as PilImage

MAX_SIDE = 65535
# Shapes of what an array holds of a pixel, where it has an axis for that.
CHANNELS = ((1,), (3,), (4,))
Noted: TypeAlias = tuple[NDArray[np.uint8], tuple[Note, ...]]
_DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N")
# Formats whose mode "I" holds 16 bits, in Pillow's of some versions; elsewhere it holds 32.
_SIXTEEN_IN_32 = ("PNG", "PPM")
# Below a sixteenth of white a picture is nearly black: 12 bits of a sensor that were not scaled.
_DARK = 4096
# Modes with transparency of their own -> those with eight bits of it, beside colours as they are.
_CLEAR = {"LA": "LA", "La": "LA", "PA": "RGBA", "RGBA": "RGBA", "RGBa": "RGBA"}


def check_size(width: int, height: int) -> None:
    """Refuse a size that no stream can have.

    Raises:
        ImageError: A side is not 1 to 65535 pixels.
    """
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise ImageError(f"expected sides of 1 to {MAX_SIDE} pixels, got {width}x{height}")


def pixels_of_array(array: NDArray[np.generic], background: tuple[int, int, int]) -> Noted:
    """Return (H, W, 3) uint8 of any array that `load_picture` takes, and what is to be said.

    Raises:
        ImageError: Another dtype, shape or size.
    """
    if array.dtype not in (np.uint8, np.uint16):
        hint = "; multiply 0..1 floats by 255, round and convert" if array.dtype.kind == "f" else ""
        raise ImageError(f"expected a uint8 (or uint16) array, got {array.dtype}{hint}")
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), *CHANNELS):
        raise ImageError(
            f"expected shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), got {array.shape}"
        )
    check_size(array.shape[1], array.shape[0])
    colours = array[..., :3] if array.ndim == 3 and array.shape[2] == 4 else array
    notes = _dark(colours) if array.dtype == np.uint16 else ()
    pixels = _eight_bits(array)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.shape[2] == 4:
        from PIL import Image

        flat, said = _flattened(Image.fromarray(np.ascontiguousarray(pixels)), background)
        return flat, notes + said
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3))), notes


def pixels_of_pil(
    image: PilImage.Image, background: tuple[int, int, int], *, own_colours: bool
) -> Noted:
    """Return (H, W, 3) uint8 sRGB of a PIL image as stored, and what is to be said.

    Args:
        image: Loaded; its orientation is not applied.
        background: RGB seen through transparent pixels.
        own_colours: Leave the colours of an RGB profile as they are, for who keeps the profile.

    Raises:
        ImageError: Floating point, or 32-bit numbers that are no levels of 16 bits.
    """
    if image.mode == "F":
        raise ImageError("expected 8- or 16-bit integers, got a floating-point picture (mode F)")
    profile = image.info.get("icc_profile")
    shallow, notes = _shallow(image) if image.mode in _DEEP else (_plain(image), ())
    shown, said = in_srgb(shallow, profile, own_colours=own_colours)
    notes += said
    if "A" not in shown.getbands():
        return np.asarray(shown if shown.mode == "RGB" else shown.convert("RGB")), notes
    pixels, said = _flattened(shown, background)
    return pixels, notes + said


def upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn stored pixels upright (TIFF 6.0 tag 274, as EXIF uses it)."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _plain(image: PilImage.Image) -> PilImage.Image:
    """Return an image of 8 bits as L, LA, RGB, RGBA or CMYK: what profiles are made for."""
    if image.mode in _CLEAR:
        return image.convert(_CLEAR[image.mode])
    if "transparency" in image.info:
        return image.convert("LA" if image.mode == "L" else "RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")


def _shallow(image: PilImage.Image) -> tuple[PilImage.Image, tuple[Note, ...]]:
    """Return gray of 16 or 32 bits as L, or as LA where one of its levels is transparent."""
    from PIL import Image

    stored = np.asarray(image)
    if image.mode == "I" and image.format not in _SIXTEEN_IN_32:
        levels, notes = _of_32_bits(stored)
    else:
        levels, notes = _eight_bits(stored), _dark(stored)
    gray = Image.fromarray(levels)
    clear = image.info.get("transparency")  # PNG's tRNS: one level, which Pillow ignores
    if clear is not None:
        gray.putalpha(Image.fromarray(np.where(stored == clear, 0, 255).astype(np.uint8)))
    return gray, notes


def _of_32_bits(stored: NDArray[np.int32]) -> Noted:
    """Return 8 bits of numbers whose depth no file says: of 8 bits where all fit, else of 16."""
    low, high = int(stored.min()), int(stored.max())
    if low < 0 or high > 65535:
        raise ImageError(
            f"expected a 32-bit picture with levels 0..65535, got {low}..{high}: scale it to 8 or "
            "16 bits first"
        )
    white = 255 if high <= 255 else 65535
    text = f"32-bit levels up to {high}: {white} is taken for white"
    levels = stored.astype(np.uint8) if white == 255 else _eight_bits(stored)
    return levels, (Note("depth", text), *(_dark(stored) if white == 65535 else ()))


def _dark(stored: NDArray[Any]) -> tuple[Note, ...]:
    """Say so where 16 bits hold a picture that comes out nearly black."""
    high = int(stored.max())
    if not 0 < high < _DARK:
        return ()
    text = f"16-bit levels reach {high} of 65535, so it is nearly black: scale them to 65535 first"
    return (Note("depth", text),)


def _eight_bits(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale 16 bits (any integer dtype, clipped to 0..65535) to 8, rounding to nearest."""
    if array.dtype == np.uint8:
        return array
    wide = np.clip(array, 0, 65535).astype(np.uint32)
    return np.asarray((wide * 255 + 32767) // 65535, np.uint8)


def _flattened(image: PilImage.Image, background: tuple[int, int, int]) -> Noted:
    from PIL import Image

    rgba = image.convert("RGBA")
    alpha = rgba.getchannel("A")
    canvas = Image.new("RGB", rgba.size, tuple(background))
    canvas.paste(rgba, mask=alpha)
    share = 1.0 - alpha.histogram()[255] / (rgba.width * rgba.height)
    if not share:
        return np.asarray(canvas), ()
    red, green, blue = background
    text = (
        f"{share:.2%} of its pixels are transparent, in part or wholly, and show the "
        f"background {red},{green},{blue}; background= chooses it"
    )
    return np.asarray(canvas), (Note("transparency", text),)

"""Pictures from whatever holds one to uint8 RGB as a viewer shows it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

from tcsdk.arguments import several
from tcsdk.errors import ImageError
from tcsdk.image_formats import open_image

if TYPE_CHECKING:
    from PIL import Image as PilImage

    ImageSource: TypeAlias = (
        str
        | os.PathLike[str]
        | bytes
        | bytearray
        | memoryview
        | BinaryIO
        | PilImage.Image
        | NDArray[np.uint8]
        | NDArray[np.uint16]
    )

MAX_SIDE = 65535
WHITE = (255, 255, 255)
_CHANNELS = ((1,), (3,), (4,))
_ORIENTATION = 0x0112
_SIXTEEN_BITS = ("I", "I;16", "I;16B", "I;16L", "I;16N")


@dataclass(frozen=True)
class Picture:
    """A picture ready to encode.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, upright, on an opaque background.
        icc: The RGB colour profile of the source, or None.
        exif: The EXIF block of the source, its orientation reset to upright; None where there is
            none, or a damaged one.
    """

    pixels: NDArray[np.uint8]
    icc: bytes | None = None
    exif: bytes | None = None


def load_picture(
    source: ImageSource, *, background: tuple[int, int, int] = WHITE, metadata: bool = False
) -> Picture:
    """Read a picture from a path, bytes, file object, PIL image or array.

    Gray and palette pictures become RGB; transparency is flattened on `background`; 16 bits are
    scaled to 8 (65535 -> 255); an EXIF orientation is applied; of several frames the first counts.
    Pixel values are taken as they are: a colour profile is handed on, not applied.

    Args:
        source: A path (str or PathLike), the bytes of a picture file, a binary file object, a PIL
            image, or an array (H, W), (H, W, 1), (H, W, 3) RGB or (H, W, 4) RGBA of uint8, or of
            uint16 with 65535 as white.
        background: RGB, 0..255, seen through transparent pixels.
        metadata: Also collect ICC and EXIF.

    Returns:
        The picture, 1 to 65535 pixels a side.

    Raises:
        ImageError: Not a picture, a damaged one, of size 0, too large, or an array of another
            dtype or shape.
        OSError: The path cannot be read.
    """
    if isinstance(source, np.ndarray):
        return Picture(_pixels_of_array(source, background))
    if _is_pil_image(source):
        return _picture_of_pil(source, background, metadata)
    from PIL import Image

    data = read_bytes(source, "image")
    with _parsing(), open_image(data) as image:
        _check_size(*image.size)
        _check_bomb(image, Image.MAX_IMAGE_PIXELS)
        return _picture_of_pil(image, background, metadata)


@contextmanager
def _parsing() -> Iterator[None]:
    """Turn whatever Pillow's parsers raise into an ImageError: each has its own exceptions."""
    from PIL import Image

    try:
        yield
    except (ImageError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(f"picture refused as a decompression bomb: {error}") from error
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise ImageError(f"damaged or unsupported picture: {reason}") from error


def read_bytes(source: object, what: str) -> bytes:
    """Return the bytes behind a path, a bytes-like or a binary file object.

    Args:
        source: str or PathLike (a path), bytes-like, or an object whose `read()` gives bytes.
        what: "image" or "stream", for the message.

    Raises:
        ImageError: `what` is "image" and the source is of another type.
        TypeError: `what` is "stream" and the source is of another type.
        OSError: The path cannot be read.
    """
    if isinstance(source, (str, os.PathLike)):
        return Path(source).read_bytes()
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    data = source.read() if hasattr(source, "read") else None
    if isinstance(data, bytes):
        return data
    came = type(source).__name__ if data is None else f"a file object that reads {type(data)}"
    kinds = "a path, bytes or binary file object"
    if what == "image":
        raise ImageError(f"expected {kinds}, a PIL image or a numpy array, got {came}")
    raise TypeError(f"expected a stream as {kinds}, got {came}")


def several_pictures(images: Iterable[ImageSource]) -> Iterable[ImageSource]:
    """Return pictures as they came.

    Raises:
        TypeError: It is one picture; the rows of an array would be taken for pictures.
    """
    if isinstance(images, np.ndarray) and (images.ndim < 3 or images.shape[2:] in _CHANNELS):
        raise TypeError(f"expected images as several pictures, got an array of shape "
                        f"{images.shape}; put it in a list")  # fmt: skip
    return several("images", images, "pictures")


def _is_pil_image(source: object) -> TypeGuard[PilImage.Image]:
    # By name: Pillow need not be imported for that, and another thread may be importing it now.
    names = {(base.__module__, base.__name__) for base in type(source).__mro__}
    return ("PIL.Image", "Image") in names


def _check_size(width: int, height: int) -> None:
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise ImageError(f"expected sides of 1 to {MAX_SIDE} pixels, got {width}x{height}")


def _check_bomb(image: PilImage.Image, limit: int | None) -> None:
    if limit is not None and image.width * image.height > limit:
        raise ImageError(
            f"picture refused as a decompression bomb: {image.width}x{image.height} is more than "
            f"{limit} pixels; raise PIL.Image.MAX_IMAGE_PIXELS if it is yours"
        )


def _pixels_of_array(
    array: NDArray[np.generic], background: tuple[int, int, int]
) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 of any array that `load_picture` takes."""
    if array.dtype not in (np.uint8, np.uint16):
        hint = "; multiply 0..1 floats by 255, round and convert" if array.dtype.kind == "f" else ""
        raise ImageError(f"expected a uint8 (or uint16) array, got {array.dtype}{hint}")
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), *_CHANNELS):
        raise ImageError(f"expected shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), "
                         f"got {array.shape}")  # fmt: skip
    _check_size(array.shape[1], array.shape[0])
    pixels = _eight_bits(array)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.shape[2] == 4:
        from PIL import Image

        return _flattened(Image.fromarray(np.ascontiguousarray(pixels)), background)
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))


def _eight_bits(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale 16 bits (any integer dtype, clipped to 0..65535) to 8, rounding to nearest."""
    if array.dtype == np.uint8:
        return array
    wide = np.clip(array, 0, 65535).astype(np.uint32)
    return np.asarray((wide * 255 + 32767) // 65535, np.uint8)


def _picture_of_pil(
    image: PilImage.Image, background: tuple[int, int, int], metadata: bool
) -> Picture:
    _check_size(*image.size)
    with _parsing():
        image.load()
        orientation = _orientation(image)
        pixels = _upright(_pixels_of_pil(image, background), orientation)
        if not metadata:
            return Picture(pixels)
        return Picture(pixels, _rgb_profile(image), _upright_exif(image, orientation))


def _pixels_of_pil(image: PilImage.Image, background: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 of a PIL image as stored, without its orientation."""
    if image.mode == "F":
        raise ImageError("expected 8- or 16-bit integers, got a floating-point picture (mode F)")
    if image.mode in _SIXTEEN_BITS:
        return _pixels_of_sixteen_bits(image, background)
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        return _flattened(image, background)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _pixels_of_sixteen_bits(
    image: PilImage.Image, background: tuple[int, int, int]
) -> NDArray[np.uint8]:
    stored = np.asarray(image)
    pixels = _pixels_of_array(_eight_bits(stored), background)
    clear = image.info.get("transparency")  # PNG's tRNS: one value of gray, which Pillow ignores
    return np.where((stored == clear)[:, :, None], np.array(background, np.uint8), pixels)


def _flattened(image: PilImage.Image, background: tuple[int, int, int]) -> NDArray[np.uint8]:
    from PIL import Image

    if image.mode == "La":
        image = image.convert("LA")
    rgba = image.convert("RGBA")
    canvas = Image.new("RGB", rgba.size, tuple(background))
    canvas.paste(rgba, mask=rgba.getchannel("A"))
    return np.asarray(canvas)


def _orientation(image: PilImage.Image) -> int:
    """Return the EXIF orientation 1..8; 1 where there is none or it cannot be read."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # of a damaged block: the pixels come first
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn stored pixels upright (TIFF 6.0 tag 274, as EXIF uses it)."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _rgb_profile(image: PilImage.Image) -> bytes | None:
    """Return the ICC profile if it describes RGB: one of CMYK or gray would not fit the pixels."""
    profile = image.info.get("icc_profile")
    return profile if isinstance(profile, bytes) and profile[16:20] == b"RGB " else None


def _upright_exif(image: PilImage.Image, orientation: int) -> bytes | None:
    try:
        exif = image.getexif()
        if not len(exif):
            return None
        if orientation != 1:
            exif[_ORIENTATION] = 1
        return exif.tobytes()
    except Exception:  # of a damaged block: the pixels come first
        return None

"""Pictures from whatever holds one to uint8 RGB as a viewer shows it."""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

from tcsdk.arguments import several
from tcsdk.errors import ImageError
from tcsdk.image_colours import space_of
from tcsdk.image_formats import open_image, refuse_picture
from tcsdk.image_pixels import CHANNELS, check_size, pixels_of_array, pixels_of_pil, upright
from tcsdk.jpeg_end import with_end
from tcsdk.notes import Note

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

WHITE = (255, 255, 255)
_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Picture:
    """A picture ready to encode.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, upright, on an opaque background.
        icc: The RGB colour profile of the source, or None.
        exif: The EXIF block of the source, its orientation reset to upright; None where there is
            none, or a damaged one.
        file_bytes: Size of the picture file; None for arrays and PIL images.
        notes: What was left out of it, or guessed.
    """

    pixels: NDArray[np.uint8]
    icc: bytes | None = None
    exif: bytes | None = None
    file_bytes: int | None = None
    notes: tuple[Note, ...] = ()


def load_picture(
    source: ImageSource,
    *,
    background: tuple[int, int, int] = WHITE,
    keep: Collection[str] = (),
    page: int | None = None,
) -> Picture:
    """Read a picture from a path, bytes, file object, PIL image or array.

    Gray and palette pictures become RGB; transparency is flattened on `background`; 16 bits are
    scaled to 8 (65535 -> 255); an EXIF orientation is applied. Colours with a profile are converted
    to sRGB, unless the profile is RGB and kept: then they stay as they are. `notes` says what is
    lost or guessed.

    Args:
        source: A path (str or PathLike), the bytes of a picture file, a binary file object, a PIL
            image, or an array (H, W), (H, W, 1), (H, W, 3) RGB or (H, W, 4) RGBA of uint8, or of
            uint16 with 65535 as white.
        background: RGB, 0..255, seen through transparent pixels.
        keep: Metadata to collect: "icc", "exif" or both.
        page: Page or frame of a file, from 1; None for the one that viewers show first. A PIL
            image is taken where its `seek` has brought it.

    Returns:
        The picture, 1 to 65535 pixels a side.

    Raises:
        ImageError: Not a picture, a damaged one, of size 0, too large, without that page, or an
            array of another dtype or shape.
        OSError: The path cannot be read.
    """
    if isinstance(source, np.ndarray):
        refuse_page(page, "an array")
        pixels, notes = pixels_of_array(source, background)
        return Picture(pixels, notes=notes)
    if _is_pil_image(source):
        refuse_page(page, "a PIL image, which has a seek() of its own")
        return _picture_of_pil(source, background, keep)
    from PIL import Image

    data = read_bytes(source, "image")
    whole = with_end(data, Image.MAX_IMAGE_PIXELS)
    with _parsing(), open_image(whole) as image:
        if page is not None:
            _turn_to(image, page)
        check_size(*image.size)
        _check_bomb(image, Image.MAX_IMAGE_PIXELS)
        picture = _picture_of_pil(image, background, keep)
        notes = (*_missing_end(data, whole), *_other_pages(image), *picture.notes)
        return replace(picture, file_bytes=len(data), notes=notes)


def refuse_page(page: int | None, what: str) -> None:
    """Refuse to take a page of what has none.

    Raises:
        ImageError: A page is named.
    """
    if page is not None:
        raise ImageError(f"expected a picture file to take page {page} of, got {what}")


def _missing_end(data: bytes, whole: bytes) -> tuple[Note, ...]:
    text = "its end marker is missing; all of its pixels are there"
    return () if whole == data else (Note("end", text),)


def _turn_to(image: PilImage.Image, page: int) -> None:
    try:
        image.seek(page - 1)
    except EOFError as error:
        raise ImageError(f"expected a picture with a page {page}; this one has fewer") from error


def _other_pages(image: PilImage.Image) -> tuple[Note, ...]:
    """Say which page is shown where there are others; asked last, because it turns pages.

    How many there are is not counted: for 100,000 of a TIFF file of 5 MB Pillow takes 108 s.
    """
    shown = image.tell() + 1
    try:
        others = getattr(image, "is_animated", False)
    except Exception:  # of a damaged second page
        others = False
    text = (
        f"it has several pages or frames, and this is the stream of number {shown} alone; page= "
        "takes another"
    )
    return (Note("pages", text),) if others else ()


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
        raise ImageError(
            f"damaged or unsupported picture: {reason}; send it again, or let another program "
            "open it and write it as PNG"
        ) from error


def read_bytes(source: object, what: str) -> bytes:
    """Return the bytes behind a path, a bytes-like or a binary file object.

    Args:
        source: str or PathLike (a path), bytes-like, or an object whose `read()` gives bytes.
        what: "image" or "stream": what is wanted.

    Raises:
        ImageError: `what` is "image" and the source is of another type.
        TypeError: `what` is "stream" and the source is of another type.
        NotATcsStreamError: `what` is "stream" and the bytes are a picture's.
        OSError: The path cannot be read.
    """
    data = _bytes_behind(source, what)
    if what == "stream":
        refuse_picture(data)
    return data


def _bytes_behind(source: object, what: str) -> bytes:
    if isinstance(source, (str, os.PathLike)):
        return Path(source).read_bytes()
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    is_text = isinstance(source, io.TextIOBase)  # reading it may fail before it gives any text
    data = source.read() if hasattr(source, "read") and not is_text else None
    if isinstance(data, bytes):
        return data
    came = type(source).__name__ if data is None else f"a file object that reads {type(data)}"
    came += ", which is a file opened as text: open it with mode 'rb'" if is_text else ""
    kinds = "a path, bytes or binary file object"
    if what == "image":
        raise ImageError(f"expected {kinds}, a PIL image or a numpy array, got {came}")
    raise TypeError(f"expected a stream as {kinds}, got {came}")


def several_pictures(images: Iterable[ImageSource]) -> Iterable[ImageSource]:
    """Return pictures as they came.

    Raises:
        TypeError: It is one picture; the rows of an array would be taken for pictures.
    """
    if isinstance(images, np.ndarray) and (images.ndim < 3 or images.shape[2:] in CHANNELS):
        raise TypeError(
            f"expected images as several pictures, got an array of shape "
            f"{images.shape}; put it in a list"
        )
    return several("images", images, "pictures")


def _is_pil_image(source: object) -> TypeGuard[PilImage.Image]:
    # By name: Pillow need not be imported for that, and another thread may be importing it now.
    names = {(base.__module__, base.__name__) for base in type(source).__mro__}
    return ("PIL.Image", "Image") in names


def _check_bomb(image: PilImage.Image, limit: int | None) -> None:
    if limit is not None and image.width * image.height > limit:
        raise ImageError(
            f"picture refused as a decompression bomb: {image.width}x{image.height} is more than "
            f"{limit} pixels; raise PIL.Image.MAX_IMAGE_PIXELS if it is yours"
        )


def _picture_of_pil(
    image: PilImage.Image, background: tuple[int, int, int], keep: Collection[str]
) -> Picture:
    check_size(*image.size)
    with _parsing():
        image.load()
        orientation, unread = _orientation(image)
        keeps_icc = "icc" in keep
        stored, notes = pixels_of_pil(image, background, own_colours=keeps_icc)
        exif, unkept = _upright_exif(image, orientation) if "exif" in keep else (None, ())
        return Picture(
            upright(stored, orientation),
            _rgb_profile(image) if keeps_icc else None,
            exif,
            notes=(*notes, *(unread or unkept)),
        )


def _orientation(image: PilImage.Image) -> tuple[int, tuple[Note, ...]]:
    """Return the EXIF orientation 1..8; 1 where there is none, or where a note says why."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # of a damaged block: the pixels come first
        text = "its EXIF cannot be read, so it is not kept, and it may stand on its side"
        return 1, (Note("metadata", text),)
    return (value if isinstance(value, int) and 1 <= value <= 8 else 1), ()


def _rgb_profile(image: PilImage.Image) -> bytes | None:
    """Return the ICC profile if it describes RGB: one of CMYK or gray would not fit the pixels."""
    profile = image.info.get("icc_profile")
    return profile if space_of(profile) == b"RGB " else None


def _upright_exif(image: PilImage.Image, orientation: int) -> tuple[bytes | None, tuple[Note, ...]]:
    try:
        exif = image.getexif()
        if not len(exif):
            return None, ()
        if orientation != 1:
            exif[_ORIENTATION] = 1
        return exif.tobytes(), ()
    except Exception as error:  # of a damaged block: the pixels come first
        return None, (Note("metadata", f"its EXIF is damaged and not kept ({error})"),)

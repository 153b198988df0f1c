"""The formats of pictures that are opened, and the names of those that are refused.

Pillow has some fifty parsers: many are rare, and the one of PostScript starts another program.
Bytes of strangers reach those alone that are named here.
"""

from __future__ import annotations

import io
from importlib import import_module
from typing import TYPE_CHECKING

from tcsdk.errors import ImageError
from tcsdk.media_type import MAGIC

if TYPE_CHECKING:
    from PIL import ImageFile

# Pillow's name of a format -> its plugin, and the suffixes by which it is found in folders.
FORMATS: dict[str, tuple[str, tuple[str, ...]]] = {
    "PNG": ("PngImagePlugin", (".png",)),
    "JPEG": ("JpegImagePlugin", (".jpg", ".jpeg")),
    "WEBP": ("WebPImagePlugin", (".webp",)),
    "AVIF": ("AvifImagePlugin", (".avif",)),  # of Pillow 11.3 and later
    "TIFF": ("TiffImagePlugin", (".tif", ".tiff")),
    "BMP": ("BmpImagePlugin", (".bmp",)),
    "GIF": ("GifImagePlugin", (".gif",)),
    "PPM": ("PpmImagePlugin", (".ppm", ".pgm")),
}
PICTURES = frozenset(suffix for _, suffixes in FORMATS.values() for suffix in suffixes)

_ADVICE = "convert it to PNG first"
# First bytes, where they begin -> what has them, and what to do with it.
_REFUSED: tuple[tuple[int, tuple[bytes, ...], str, str], ...] = (
    (0, (b"%!PS", b"\xc5\xd0\xd3\xc6"), "PostScript", _ADVICE),
    (0, (b"%PDF",), "PDF", "draw its pages first, for example with pdftoppm -png"),
    (4, (b"ftyphei", b"ftyphev", b"ftypmif1", b"ftypmsf1"), "HEIF (HEIC)", _ADVICE),
    (4, (b"ftypavi",), "AVIF", "this Pillow cannot read it: install Pillow 11.3 or later"),
    (0, (b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"), "JPEG 2000", _ADVICE),
    (0, (b"\0\0\0\x0cJXL ", b"\xff\x0a"), "JPEG XL", _ADVICE),
    (0, (b"<svg", b"<?xml"), "SVG or other XML", _ADVICE),
    (0, (b"\0\0\1\0", b"\0\0\2\0"), "ICO", _ADVICE),
    (0, (b"DDS ",), "DDS", _ADVICE),
    (0, (b"8BPS",), "Photoshop", _ADVICE),
    (0, (MAGIC,), "a tcsdk stream", "decode it with tcsdk decode"),
)


def open_image(data: bytes) -> ImageFile.ImageFile:
    """Open a picture with Pillow, by one of the parsers of `FORMATS`; its pixels wait.

    Raises:
        ImageError: The bytes are of none of these formats; says which it is, where that is known.
        Exception: Whatever a parser raises for damaged bytes.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(io.BytesIO(data), formats=_readable())
    except UnidentifiedImageError as error:
        raise ImageError(_refusal(data)) from error


def _readable() -> list[str]:
    """Names of `FORMATS` that this Pillow has a parser for, which is loaded."""
    from PIL import Image

    for plugin, _ in FORMATS.values():
        try:
            import_module(f"PIL.{plugin}")
        except ImportError:  # of an older Pillow, or one built without that library
            continue
    return [name for name in FORMATS if name in Image.OPEN]


def _refusal(data: bytes) -> str:
    expected = f"expected a picture as {', '.join(FORMATS)}, got "
    for offset, starts, name, advice in _REFUSED:
        if data[offset:].startswith(starts):
            return f"{expected}{name}: {advice}"
    return f"{expected}{len(data)} bytes of none of these"

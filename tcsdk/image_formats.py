"""The formats of pictures that are opened, and the names of those that are refused.

Pillow has some fifty parsers: many are rare, and the one of PostScript starts another program.
Bytes of strangers reach those alone that are named here.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING

from tcsdk.errors import ImageError, NotATcsStreamError
from tcsdk.media_type import BARE, MAGIC, SMALL

if TYPE_CHECKING:
    from PIL import ImageFile

# Pillow's name of a format -> its plugin, and the suffixes by which it is found in folders.
FORMATS: dict[str, tuple[str, tuple[str, ...]]] = {
    "PNG": ("PIL.PngImagePlugin", (".png", ".apng")),
    "JPEG": ("PIL.JpegImagePlugin", (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo")),
    "WEBP": ("PIL.WebPImagePlugin", (".webp",)),
    "AVIF": ("PIL.AvifImagePlugin", (".avif",)),  # of Pillow 11.3 and later
    "TIFF": ("PIL.TiffImagePlugin", (".tif", ".tiff")),
    "BMP": ("PIL.BmpImagePlugin", (".bmp", ".dib")),
    "GIF": ("PIL.GifImagePlugin", (".gif",)),
    "PPM": ("PIL.PpmImagePlugin", (".ppm", ".pgm", ".pbm", ".pnm")),
    "HEIF": ("pillow_heif.HeifImagePlugin", (".heic", ".heif", ".hif")),  # where it is installed
}
PICTURES = frozenset(suffix for _, suffixes in FORMATS.values() for suffix in suffixes)
_FORMAT_OF = {suffix: name for name, (_, suffixes) in FORMATS.items() for suffix in suffixes}

_CONVERT = "convert it to PNG first"
_DAMAGED = "it is damaged, or of a kind that the installed parser does not know"


@dataclass(frozen=True)
class _Kind:
    """A kind of file that is known by its first bytes.

    Attributes:
        name: What messages call it.
        starts: Its first bytes, any of them.
        suffixes: How its files are called.
        advice: What to do with it where it is not opened.
        offset: Where those bytes begin.
    """

    name: str
    starts: tuple[bytes, ...]
    suffixes: tuple[str, ...] = ()
    advice: str = _CONVERT
    offset: int = 0


# Opened everywhere; of those that another Pillow may lack the rows are below.
_OPENED = (
    _Kind("PNG", (b"\x89PNG",)),
    _Kind("JPEG", (b"\xff\xd8\xff",)),
    _Kind("WebP", (b"WEBP",), offset=8),
    _Kind("TIFF", (b"II*\0", b"MM\0*")),
    _Kind("GIF", (b"GIF8",)),
    _Kind("BMP", (b"BM",)),
    _Kind("PPM", tuple(b"P%d%c" % (n, blank) for n in range(1, 7) for blank in b" \t\r\n")),
)
_STREAMS = (
    _Kind("a tcsdk stream", (MAGIC,), advice="decode it with tcsdk decode"),
    _Kind("what looks like a small tcsdk stream", SMALL, advice="decode it with tcsdk decode"),
    _Kind("what looks like a bare tcsdk stream", (BARE,), advice="decode it with tcsdk decode"),
)
_REFUSED = (
    _Kind("PostScript", (b"%!PS", b"\xc5\xd0\xd3\xc6"), (".ps", ".eps")),
    _Kind("PDF", (b"%PDF",), (".pdf",), "draw its pages first, for example with pdftoppm -png"),
    _Kind(
        "HEIF (HEIC)",
        (b"ftyphei", b"ftyphev", b"ftypmif1", b"ftypmsf1"),
        FORMATS["HEIF"][1],
        "install pillow-heif, or convert it to PNG first",
        offset=4,
    ),
    _Kind(
        "AVIF",
        (b"ftypavi",),
        FORMATS["AVIF"][1],
        "this Pillow cannot read it: install Pillow 11.3 or later",
        offset=4,
    ),
    _Kind(
        "JPEG 2000",
        (b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"),
        (".jp2", ".j2k", ".jpx", ".jpf"),
    ),
    _Kind("JPEG XL", (b"\0\0\0\x0cJXL ", b"\xff\x0a"), (".jxl",)),
    _Kind("SVG or other XML", (b"<svg", b"<?xml"), (".svg",)),
    _Kind("ICO", (b"\0\0\1\0", b"\0\0\2\0"), (".ico",)),
    _Kind("DDS", (b"DDS ",), (".dds",)),
    _Kind("Photoshop", (b"8BPS",), (".psd",)),
    _Kind("OpenEXR", (b"v/1\1",), (".exr",)),
    _Kind("Targa", (), (".tga",)),
    # As TIFF files they show a thumbnail.
    _Kind("camera raw", (), (".dng", ".nef", ".cr2", ".cr3", ".arw", ".orf", ".raf", ".rw2")),
)
_ADVICE = {suffix: kind.advice for kind in _REFUSED for suffix in kind.suffixes}


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


def refuse_picture(data: bytes) -> None:
    """Refuse the bytes of a picture where a stream is wanted.

    Raises:
        NotATcsStreamError: They begin as a kind of picture does that is known here.
    """
    kind = _kind_of(data, (*_OPENED, *_REFUSED))
    if kind is not None:
        first = "" if kind in _OPENED or _is_opened(kind) else f"{kind.advice}, then "
        raise NotATcsStreamError(
            f"expected a tcsdk stream, got a picture ({kind.name}): {first}make a stream of it "
            "with tcsdk encode"
        )


def is_readable(name: str) -> bool:
    """Tell by a file's suffix whether it is a picture that can be opened here."""
    return _FORMAT_OF.get(_suffix(name)) in _readable()


def skipped(names: Iterable[str]) -> list[str]:
    """Say of files that are not opened how many are pictures, one line for each suffix.

    >>> skipped(["a.PDF", "b.pdf", "notes.txt"])
    ['2 .pdf skipped: draw its pages first, for example with pdftoppm -png']
    """
    counts = Counter(suffix for suffix in map(_suffix, names) if suffix in _ADVICE)
    return [f"{n} {suffix} skipped: {_ADVICE[suffix]}" for suffix, n in sorted(counts.items())]


def _suffix(name: str) -> str:
    return PurePath(name).suffix.lower()


@cache
def _readable() -> tuple[str, ...]:
    """Names of `FORMATS` that there is a parser for here, which is loaded."""
    from PIL import Image

    for plugin, _ in FORMATS.values():
        try:
            import_module(plugin)
        except ImportError:  # of an older Pillow, one built without that library, or no plugin
            continue
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _refusal(data: bytes) -> str:
    expected = f"expected a picture as {', '.join(_readable())}, got "
    if not data:
        return f"{expected}nothing, 0 bytes: copy or record it again"
    kind = _kind_of(data, (*_REFUSED, *_STREAMS))
    if kind is None:
        return f"{expected}{len(data)} bytes of none of these"
    return f"{expected}{kind.name}: {_DAMAGED if _is_opened(kind) else kind.advice}"


def _kind_of(data: bytes, kinds: Iterable[_Kind]) -> _Kind | None:
    """Return the first kind that bytes begin as."""
    return next((kind for kind in kinds if data[kind.offset :].startswith(kind.starts)), None)


def _is_opened(kind: _Kind) -> bool:
    """Tell whether a kind that another Pillow may lack is opened here."""
    return any(_FORMAT_OF.get(suffix) in _readable() for suffix in kind.suffixes)

"""Codecs by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .djvu import bitonal, colour
from .mozjpeg import jpeg
from .ours import model
from .pillow import avif, jpeg_xl, original, webp
from .point import Point
from .text import text_alone

PEERS: dict[str, Callable[[], Iterator[Point]]] = {
    "original": original,
    "jpeg": jpeg,
    "webp": webp,
    "avif": avif,
    "jxl": jpeg_xl,
    "djvu-cjb2": bitonal,
    "djvu-c44": colour,
    "text-alone": text_alone,
}


def points(name: str) -> list[Point]:
    """Operating points of a peer by name, or of one of our models by its id or folder.

    Raises:
        MissingToolError: a program or package that the peer needs is not installed.
        UnknownModelError: neither a peer nor a model.
    """
    return list(PEERS[name]() if name in PEERS else model(name))

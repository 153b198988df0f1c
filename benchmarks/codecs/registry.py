"""Codecs by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from benchmarks.codecs.djvu import bitonal, colour
from benchmarks.codecs.mozjpeg import jpeg
from benchmarks.codecs.ours import model, refined
from benchmarks.codecs.pillow import avif, jpeg_xl, original, webp
from benchmarks.codecs.point import Point
from benchmarks.codecs.shrunk import shrunk
from benchmarks.codecs.text import text_alone
from tcsdk.arguments import fraction
from tcsdk.request import AUTO

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

    `NAME@0.75` is NAME on pictures of three quarters of the size; `NAME@auto` one of our models
    that chooses the size; `NAME+60` one of them refined by 60 steps.

    Raises:
        MissingToolError: a program or package that the peer needs is not installed.
        UnknownModelError: neither a peer nor a model.
        ValueError: what stands behind an @ is not a scale.
    """
    if by_steps := re.fullmatch(r"(.+)\+(\d+)", name):
        return list(refined(by_steps[1], int(by_steps[2])))
    scaled = re.fullmatch(r"(.+)@([\d.]+|auto)", name)
    if scaled is None:
        return list(PEERS[name]() if name in PEERS else model(name))
    if scaled[2] == AUTO:
        return list(model(scaled[1], scale=AUTO))
    base, scale = scaled[1], fraction("scale", float(scaled[2]))
    if base in PEERS:
        return [shrunk(point, scale) for point in PEERS[base]()]
    return list(model(base, scale=scale))

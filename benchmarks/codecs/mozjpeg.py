"""JPEG as mozjpeg writes it: progressive, optimised scans and tables, trellis quantisation."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from benchmarks.codecs.pillow import decode_file
from benchmarks.codecs.point import MissingToolError, Pixels, Point

LIBRARY = "mozjpeg403"


def jpeg() -> Iterator[Point]:
    """mozjpeg 4.0.3 with its own defaults, 4:2:0."""
    try:
        import jpeglib
    except ImportError as error:
        raise MissingToolError(f"expected mozjpeg ({error}): pip install jpeglib") from error
    made_by = f"mozjpeg 4.0.3 of jpeglib {version('jpeglib')}"
    for q in (1, 3, 5, 8, 12, 18, 25, 35, 50, 65):
        yield Point("jpeg", made_by, f"q{q}", partial(_encode, jpeglib, quality=q), decode_file)


def _encode(jpeglib: ModuleType, pixels: Pixels, *, quality: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder, jpeglib.version(LIBRARY):
        path = Path(folder) / "picture.jpg"
        picture = jpeglib.from_spatial(pixels)
        picture.samp_factor = "4:2:0"
        picture.write_spatial(str(path), qt=quality)
        return path.read_bytes()

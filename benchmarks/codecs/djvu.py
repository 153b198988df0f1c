"""DjVu by Debian's djvulibre-bin: JB2 of the binarised page, IW44 wavelets in colour."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.codecs.point import Pixels, Point, require_program
from benchmarks.codecs.shrunk import shrunk

PACKAGE = "djvulibre-bin"
# (losslevel, scale): how much JB2 may alter a glyph, and how far the page is shrunk before.
BITONAL = ((0, 1.0), (100, 1.0), (200, 1.0), (200, 0.75), (200, 0.6), (200, 0.5))
SLICES = (50, 60, 66, 72, 78, 84, 90, 100)


def bitonal() -> Iterator[Point]:
    """Black and white: Otsu's threshold, then cjb2."""
    program, made_by = require_program("cjb2", PACKAGE), _version()
    for loss, scale in BITONAL:
        encode = partial(_encode_bitonal, program, loss=loss)
        page = Point("djvu-cjb2", made_by, f"loss{loss}-x{scale:g}", encode, _decode)
        yield page if scale == 1.0 else replace(shrunk(page, scale), codec=page.codec)


def colour() -> Iterator[Point]:
    """Colour: c44 up to so many slices."""
    program, made_by = require_program("c44", PACKAGE), _version()
    for slices in SLICES:
        command = [program, "-slice", str(slices)]
        yield Point("djvu-c44", made_by, f"s{slices}", partial(_encode, command), _decode)


def binarised(pixels: Pixels) -> Image.Image:
    """The page in black and white by Otsu's threshold (1979) on luma, a mode "1" image."""
    grey = np.asarray(Image.fromarray(pixels).convert("L"))
    _, page = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return Image.fromarray(page).convert("1", dither=Image.Dither.NONE)


def _encode_bitonal(program: str, pixels: Pixels, *, loss: int) -> bytes:
    command = [program, *(["-losslevel", str(loss)] if loss else [])]
    return _convert(command, binarised(pixels), ".pbm", ".djvu")


def _encode(command: Sequence[str], pixels: Pixels) -> bytes:
    return _convert(command, Image.fromarray(pixels), ".ppm", ".djvu")


def _convert(command: Sequence[str], source: Image.Image | bytes, kind: str, to: str) -> bytes:
    """Run a program from a temporary file to another; the other's bytes."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, f"in{kind}"), Path(folder, f"out{to}")
        if isinstance(source, bytes):
            before.write_bytes(source)
        else:
            source.save(before)
        subprocess.run([*command, str(before), str(after)], check=True, capture_output=True)
        return after.read_bytes()


def _decode(data: bytes) -> Pixels:
    command = [require_program("ddjvu", PACKAGE), "-format=ppm"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.ppm")
        path.write_bytes(_convert(command, data, ".djvu", ".ppm"))
        with Image.open(path) as page:
            return np.asarray(page.convert("RGB"))


def _version() -> str:
    asked = subprocess.run(
        [require_program("ddjvu", PACKAGE), "--help"], check=False, capture_output=True, text=True
    )
    words = (asked.stdout + asked.stderr).split()
    return next(word for word in words if word.startswith("DjVuLibre"))

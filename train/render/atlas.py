"""The glyph atlas of models that draw sent text: one face as bitmaps, with its licence.

    python -m tcsdk.train.render.atlas FOLDER      from Debian's package fonts-dejavu-core

docs/reference/guidance.md is the format's specification; libtcs reads it.
"""

from __future__ import annotations

import struct
import sys
import unicodedata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tcsdk.output import write_file

ATLAS, LICENCE = "atlas.tcsg", "atlas.licence.txt"
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
FONT_LICENCE = Path("/usr/share/doc/fonts-dejavu-core/copyright")
SIZE = 40  # pixels per em: letters of 28 pixels, the largest that guide, lose nothing
# What signs, labels and screens in Latin, Greek and Cyrillic letters say.
RANGES = ((0x20, 0x7F), (0xA0, 0x180), (0x386, 0x3CF), (0x400, 0x460))
MORE = "–—‘’“”„•…‹›€™№−"  # noqa: RUF001 - these very characters
SKIPPED = ("Cn", "Cc", "Cf", "Mn")  # Unicode's categories of what has no place or ink of its own
INK = 128  # of 255, from which on a pixel is ink
# 256ths of a line's height: what is left above the ink, before it, and painted beyond the line. Of
# 217 small rendered lines the boxes of PP-OCRv6 leave 0.19 and 0.18 (medians). Painted letters read
# best, and look as large as those that were there, with more (benchmarks/studies/drawn_margins.py).
ABOVE, BEFORE, BEYOND = 70, 55, 48
HEADER = struct.Struct("<5s7BH")
ROW = struct.Struct("<I6B")
MAGIC = b"TCSG\x01"


def characters() -> list[str]:
    """Return what the atlas is to hold, by rising code point."""
    points = {p for low, high in RANGES for p in range(low, high)} | set(map(ord, MORE))
    return [chr(p) for p in sorted(points) if unicodedata.category(chr(p)) not in SKIPPED]


def make_atlas(font: Path = FONT, size: int = SIZE) -> bytes:
    """Draw a face into an atlas.

    Args:
        font: a TrueType file.
        size: pixels per em.

    Returns:
        The file; characters that the face lacks are not in it.

    Raises:
        OSError: the font cannot be read.
    """
    face = ImageFont.truetype(str(font), size)
    ascent, descent = face.getmetrics()
    rows, bitmaps = [], []
    missing = _drawn(face, "\uffff", ascent + descent)
    for character in characters():
        ink = _drawn(face, character, ascent + descent)
        if np.array_equal(ink, missing):
            continue
        row, bits = _glyph(character, ink, round(face.getlength(character)))
        rows.append(row)
        bitmaps.append(bits)
    x_top = int(np.flatnonzero(_drawn(face, "x", ascent + descent).any(1))[0])
    blank = round(face.getlength("n"))
    header = HEADER.pack(
        MAGIC, ascent + descent, x_top, ascent, blank, ABOVE, BEFORE, BEYOND, len(rows)
    )
    return b"".join([header, *rows, *bitmaps])


_ROOM = 16  # columns before the pen: some letters begin behind it


def _drawn(face: ImageFont.FreeTypeFont, character: str, height: int) -> NDArray[np.bool_]:
    """Draw one character: (height, width) bool, its pen at column _ROOM."""
    canvas = Image.new("L", (2 * _ROOM + 2 * height, height))
    ImageDraw.Draw(canvas).text((_ROOM, 0), character, 255, font=face)
    return np.asarray(canvas) >= INK


def _glyph(character: str, ink: NDArray[np.bool_], advance: int) -> tuple[bytes, bytes]:
    """Return a character's row and its bitmap; what hangs over widens its cell."""
    down, across = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not down.size:
        return ROW.pack(ord(character), max(advance, 1), 0, 0, 0, 0, 0), b""
    top, height = int(down[0]), int(down[-1] - down[0]) + 1
    left, width = max(0, int(across[0]) - _ROOM), int(across[-1] - across[0]) + 1
    part = ink[top : top + height, across[0] : across[0] + width]
    row = ROW.pack(ord(character), max(advance, left + width), left, width, top, height, 0)
    return row, np.packbits(part.ravel()).tobytes()


def write_atlas(folder: Path) -> list[str]:
    """Write the atlas and its face's licence; returns the names of both.

    Raises:
        OSError: the font's package is not installed.
        OutputError: a file cannot be written.
    """
    write_file(folder / ATLAS, make_atlas())
    write_file(folder / LICENCE, FONT_LICENCE.read_bytes())
    return [ATLAS, LICENCE]


if __name__ == "__main__":
    write_atlas(Path(sys.argv[1]))

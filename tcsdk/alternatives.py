"""Pictures that another format holds better, told from what is certain or was measured.

docs/studies/flat-pictures.md has the measurements, benchmarks/studies/flat_pictures.py the command.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from tcsdk.notes import Note

# Of so few colours a PNG is weighed: drawings, pages in two colours. It takes some 0.1 s of a page.
MOST_COLOURS = 16
_SAMPLED = 16  # every so many pixels are looked at first: enough for what a camera saw
_PNG_BYTES = 69  # its signature, header, end, and the frames of two chunks
# Pictures of which this share of the whole blocks of 8x8 pixels has one colour are flat. Street
# scenes and photographs have at most 0.21, drawn screens at least 0.31.
FLAT_SHARE = 0.25
_BLOCK = 8
_ROWS = 64  # of blocks, compared at once
# Flat labels with a few lines take less, and no other codec gets down to that; flat pictures that
# take more are full of small letters.
FULL_BYTES = 4096


def alternatives(
    pixels: NDArray[np.uint8], stream_bytes: int, file_bytes: int | None = None
) -> tuple[Note, ...]:
    """Say where another format is the better choice; at most one note.

    Args:
        pixels: (H, W, 3) uint8, the picture.
        stream_bytes: Size of its stream.
        file_bytes: Size of its file, or None where there was none.
    """
    if file_bytes is not None and stream_bytes >= file_bytes:
        text = f"the stream has {stream_bytes} bytes, the picture file no more than {file_bytes}"
        return (Note("size", text),)
    colours, png_bytes = _as_png(pixels)
    if 0 < png_bytes <= stream_bytes:
        djvu = ", and DjVu is smaller still" if colours <= 2 else ""
        text = f"a PNG of its {colours} colours has {png_bytes} bytes and loses nothing{djvu}"
        return (Note("lossless", text),)
    if stream_bytes < FULL_BYTES or flat_share(pixels) < FLAT_SHARE:
        return ()
    text = (
        "large parts are flat, as of screens and pages: in as many bytes AVIF shows more of a "
        "screen, and DjVu of a page"
    )
    return (Note("flat", text),)


def flat_share(pixels: NDArray[np.uint8]) -> float:
    """Return which part of a picture's whole blocks of 8x8 pixels has one colour, 0..1."""
    rows, columns = pixels.shape[0] // _BLOCK, pixels.shape[1] // _BLOCK
    if not rows * columns:
        return 0.0
    blocks = pixels[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK, 3)
    flat = 0
    for some in np.array_split(blocks, -(-rows // _ROWS)):
        flat += int((some == some[:, :1, :, :1]).all((1, 3, 4)).sum())
    return float(flat / (rows * columns))


def _as_png(pixels: NDArray[np.uint8]) -> tuple[int, int]:
    """Return how few colours there are and the size of a PNG of them; 0, 0 where there are many.

    The size is that of a palette, and of zlib's bytes of rows without a filter (PNG, 9.2 and 10.1).
    """
    # np.unique() would load numpy's masked arrays first: 20 ms of a fresh process.
    sampled = np.sort(_packed(pixels[::_SAMPLED, ::_SAMPLED]), axis=None)
    if 1 + np.count_nonzero(np.diff(sampled)) > MOST_COLOURS:
        return 0, 0
    colours, indexes = np.unique(_packed(pixels), return_inverse=True)
    count = len(colours)
    if count > MOST_COLOURS:
        return 0, 0
    bits = next(bits for bits in (1, 2, 4) if count <= 2**bits)
    levels = indexes.reshape(*pixels.shape[:2], 1).astype(np.uint8)
    rows = np.unpackbits(levels, axis=2)[:, :, -bits:].reshape(len(pixels), -1)
    filtered = np.pad(np.packbits(rows, axis=1), ((0, 0), (1, 0)))
    return count, len(zlib.compress(filtered.tobytes())) + _PNG_BYTES + 3 * count


def _packed(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return each pixel as one number."""
    return pixels.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)

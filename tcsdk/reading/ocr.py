"""The text in a picture or stream."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tcsdk.decoder import Decoder
from tcsdk.images import load_picture, read_bytes, refuse_page
from tcsdk.kept import kept
from tcsdk.keywords import taking
from tcsdk.media_type import BARE, MAGIC
from tcsdk.notes import log_notes
from tcsdk.reading.lines import TextLine
from tcsdk.reading.reader import PPOCRReader

if TYPE_CHECKING:
    from tcsdk.images import ImageSource


@taking()
def read(
    image: ImageSource, *, decoder: Decoder | None = None, page: int | None = None
) -> list[TextLine]:
    """Read the text in a picture or in a `.tcs` stream, whichever way round the page lies.

    The reader is loaded on the first call (about a second) and kept.

    Args:
        image: Whatever `Encoder.encode` takes, or a stream as path, bytes or file object.
        decoder: What decodes a stream; by default the one of `tcsdk.decode`.
        page: Page or frame of a picture file, from 1; None for the one that viewers show first.
            A log line says where there are others.

    Returns:
        The lines found, row by row as most of the text lies; empty where there is no text.

    Raises:
        MissingRuntimeError: The [ocr] extra is not installed.
        ImageError: Neither a picture nor a stream.
        BitstreamError: A damaged stream.
    """
    if not isinstance(decoder, Decoder | None):
        raise TypeError(f"expected decoder as a tcsdk.Decoder, got {decoder!r}")
    return PPOCRReader().find(_pixels(image, decoder, page))


def _pixels(image: ImageSource, decoder: Decoder | None, page: int | None) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 RGB of a picture or a decoded stream."""
    source: ImageSource = image
    if isinstance(image, (str, os.PathLike, bytes, bytearray, memoryview)) or hasattr(
        image, "read"
    ):
        source = read_bytes(image, "image")
        if source.startswith((MAGIC, BARE)):
            refuse_page(page, "a stream")
            return (decoder or kept(Decoder)).decode(source)
    picture = load_picture(source, page=page)
    log_notes(image, picture.notes)
    return picture.pixels

"""The text in a picture or stream."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tcsdk._kernels import parse
from tcsdk.codec.container import ChunkType
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.sent_text import sent_text_of
from tcsdk.decoder import Decoder
from tcsdk.errors import BitstreamError
from tcsdk.images import load_picture, read_bytes, refuse_page
from tcsdk.kept import kept
from tcsdk.keywords import taking
from tcsdk.media_type import BARE, MAGIC
from tcsdk.notes import log_notes
from tcsdk.reading.lines import TextLine
from tcsdk.reading.reader import PPOCRReader
from tcsdk.reading.received import received

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
        decoder: What decodes a stream; by default the one of `tcsdk.decode`, without the text that
            a model draws: what was sent is not seen.
        page: Page or frame of a picture file, from 1; None for the one that viewers show first.
            A log line says where there are others.

    Returns:
        The lines found, row by row as most of the text lies; empty where there is no text. Of a
        stream that carries text these are lines of two sources: `TextLine.source`, `.trust` and
        `.against`.

    Raises:
        MissingRuntimeError: The [ocr] extra is not installed.
        ImageError: Neither a picture nor a stream.
        BitstreamError: A damaged stream.
    """
    if not isinstance(decoder, Decoder | None):
        raise TypeError(f"expected decoder as a tcsdk.Decoder, got {decoder!r}")
    reader = PPOCRReader()
    source, stream = _source(image)
    if stream is None:
        picture = load_picture(source, page=page)
        log_notes(image, picture.notes)
        return reader.find(picture.pixels)
    refuse_page(page, "a stream")
    header, chunks = parse(stream, lenient=True)
    drawn = any(chunk.type == ChunkType.NEEDED_TEXT for chunk in chunks)
    pixels = (decoder or kept(Decoder, **({"drawing": False} if drawn else {}))).decode(stream)
    height, width = pixels.shape[:2]
    sizes = Sizes.of((header.width, header.height), (width, height))
    try:
        text = sent_text_of(stream, sizes)
    except BitstreamError:  # a decoder that conceals has shown what is left
        text = None
    return received(reader, pixels, text, sizes) if text else reader.find(pixels)


def _source(image: ImageSource) -> tuple[ImageSource, bytes | None]:
    """Return a picture, its file's bytes where there are some; and those again of a stream."""
    if isinstance(image, (str, os.PathLike, bytes, bytearray, memoryview)) or hasattr(
        image, "read"
    ):
        data = read_bytes(image, "image")
        return data, data if data.startswith((MAGIC, BARE)) else None
    return image, None

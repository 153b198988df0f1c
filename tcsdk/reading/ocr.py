"""The text in a picture or stream."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tcsdk._kernels import Header, parse
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.sent_text import sent_text_of
from tcsdk.decoder import Decoder
from tcsdk.errors import BitstreamError
from tcsdk.images import load_picture, read_bytes, refuse_page
from tcsdk.kept import kept
from tcsdk.keywords import taking
from tcsdk.media_type import BARE, MAGIC, SMALL
from tcsdk.notes import log_notes
from tcsdk.reading.lines import TextLine
from tcsdk.reading.reader import PPOCRReader
from tcsdk.reading.received import received
from tcsdk.reading.small_lines import SmallLines
from tcsdk.reading.trust import Calibrated, calibrated_for, doubted
from tcsdk.reading.trust_table import CALIBRATED

if TYPE_CHECKING:
    from tcsdk.images import ImageSource
    from tcsdk.recognizer import Recognizer
    from tcsdk.super_resolver import SuperResolver


@taking()
def read(
    image: ImageSource,
    *,
    decoder: Decoder | None = None,
    page: int | None = None,
    upscale: bool | SuperResolver = False,
    recognizer: Recognizer | None = None,
) -> list[TextLine]:
    """Read the text in a picture or in a `.tcs` stream, whichever way round the page lies.

    The reader is loaded on the first call (about a second) and kept.

    Args:
        image: Whatever `Encoder.encode` takes, or a stream as path, bytes or file object.
        decoder: What decodes a stream; by default the one of `tcsdk.decode`.
        page: Page or frame of a picture file, from 1; None for the one that viewers show first.
            A log line says where there are others.
        upscale: Whether lines of up to 16 pixels of height are enlarged by a net before they are
            read, or the net; by default "edsr-s". Larger lines are read as without, bit for bit.
            The net invents: see docs/use/reading.md for how often.
        recognizer: With `upscale`, what reads the enlarged lines; None for what reads the others.

    Returns:
        The lines found, row by row as most of the text lies; empty where there is no text. Of a
        stream that carries text these are lines of two sources: `TextLine.source`, `.trust` and
        `.against`.

    Raises:
        MissingRuntimeError: The [ocr] extra is not installed.
        ImageError: Neither a picture nor a stream.
        BitstreamError: A damaged stream.
        ValueError: `recognizer` without `upscale`.
    """
    if not isinstance(decoder, Decoder | None):
        raise TypeError(f"expected decoder as a tcsdk.Decoder, got {decoder!r}")
    small = _small_lines(upscale, recognizer)
    reader = PPOCRReader(small)
    source, stream = _source(image)
    if stream is None:
        picture = load_picture(source, page=page)
        log_notes(image, picture.notes)
        return reader.find(picture.pixels)
    refuse_page(page, "a stream")
    pixels = (decoder or kept(Decoder)).decode(stream)
    height, width = pixels.shape[:2]
    header, _ = parse(stream, lenient=True)
    sizes = Sizes.of((header.width, header.height), (width, height))
    try:
        text = sent_text_of(stream, sizes)
    except BitstreamError:  # a decoder that conceals has shown what is left
        text = None
    calibrated = None if small else _calibrated(header)  # not of what a net enlarged
    if text is None:
        return doubted(reader.find(pixels), calibrated)
    return received(reader, pixels, text, sizes, calibrated)


def _calibrated(header: Header) -> Calibrated | None:
    """Return how sure the reader has to be of a stream's lines; None where nobody knows.

    Layers were not calibrated, nor were bare streams, whose weights nobody can tell.
    """
    if header.layered or header.bare:
        return None
    return calibrated_for(CALIBRATED, "ppocr", header.wire_id, header.bundle_hash, header.quality)


def _small_lines(upscale: bool | SuperResolver, recognizer: Recognizer | None) -> SmallLines | None:
    """Return what is done with small lines, as asked for."""
    from tcsdk.recognizer import Recognizer  # these two take modules of this folder
    from tcsdk.super_resolver import SuperResolver

    if not isinstance(upscale, bool | SuperResolver):
        raise TypeError(
            f"expected upscale as true, false or a tcsdk.SuperResolver, got {upscale!r}"
        )
    if not isinstance(recognizer, Recognizer | None):
        raise TypeError(f"expected recognizer as a tcsdk.Recognizer, got {recognizer!r}")
    if upscale is False:
        if recognizer is not None:
            raise ValueError("expected upscale= with recognizer=, which reads what it enlarges")
        return None
    return SmallLines(kept(SuperResolver) if upscale is True else upscale, recognizer)


def _source(image: ImageSource) -> tuple[ImageSource, bytes | None]:
    """Return a picture, its file's bytes where there are some; and those again of a stream."""
    if isinstance(image, (str, os.PathLike, bytes, bytearray, memoryview)) or hasattr(
        image, "read"
    ):
        data = read_bytes(image, "image")
        return data, data if data.startswith((MAGIC, BARE, *SMALL)) else None
    return image, None

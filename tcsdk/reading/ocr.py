"""The text in a picture or stream, by PP-OCRv6 as the `rapidocr` package ships it."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tcsdk.decoder import Decoder
from tcsdk.images import load_picture, read_bytes, refuse_page
from tcsdk.kept import kept
from tcsdk.keywords import taking
from tcsdk.many.fork import PerProcess
from tcsdk.media_type import BARE, MAGIC
from tcsdk.notes import log_notes
from tcsdk.reading.boxes import from_text, run_down
from tcsdk.reading.frame import framed
from tcsdk.reading.order import reading_order
from tcsdk.reading.orientation import Oriented, read_both_ways
from tcsdk.reading.overlaps import joined, repeated
from tcsdk.reading.ppocr import PPOCR

if TYPE_CHECKING:
    from tcsdk.images import ImageSource

_LEAST = 0.5  # what is read with less confidence is no text


@dataclass(frozen=True, eq=False)
class TextLine:
    """A line of text in a picture.

    Attributes:
        text: What it says.
        polygon: (4, 2) float32, its corners x, y in pixels of the picture, clockwise from the top
            left of the text: its first side runs along the line, also where that stands on its
            head.
        confidence: The reader's own, 0..1: the mean over the characters.
        confidences: The same of each character of `text`, spaces too. One wrong figure among ten
            right ones hardly moves the mean: look here before a figure is believed.
    """

    text: str
    polygon: NDArray[np.float32]
    confidence: float
    confidences: tuple[float, ...] = ()


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
    pixels = _pixels(image, decoder, page)
    large, corner = framed(pixels)
    ppocr, lock = _ppocr.get()
    with lock:
        lines = _lines(ppocr, large)
    height, width = pixels.shape[:2]
    shift, edges = np.array(corner, np.float32), np.array((width, height), np.float32)
    placed = [replace(line, polygon=np.clip(line.polygon - shift, 0, edges)) for line in lines]
    return [placed[k] for k in reading_order([line.polygon for line in placed])]


def _lines(ppocr: PPOCR, pixels: NDArray[np.uint8]) -> list[TextLine]:
    """Return the lines of a framed picture, in no order."""
    image, scale = ppocr.prepared(pixels)
    boxes = joined(ppocr.find(image))
    down = run_down(boxes)
    crops = [ppocr.cut(image, box, runs) for box, runs in zip(boxes, down, strict=True)]
    said = _recognised(ppocr, crops, down)
    lines = [
        TextLine(
            each.recognised.text,
            from_text(box, runs, each.turned) * scale,
            each.recognised.confidence,
            each.recognised.confidences,
        )
        for box, runs, each in zip(boxes, down, said, strict=True)
        if each.recognised.text.strip() and each.recognised.confidence >= _LEAST
    ]
    repeats = repeated(
        [line.polygon for line in lines],
        [line.text for line in lines],
        [line.confidence for line in lines],
    )
    return [line for line, repeat in zip(lines, repeats, strict=True) if not repeat]


def _recognised(
    ppocr: PPOCR, crops: Sequence[NDArray[np.uint8]], down: Sequence[bool]
) -> list[Oriented]:
    """Read lines cut out: those that run across by themselves, and those that run down or up."""
    suspected = ppocr.suspected(crops)
    said: dict[int, Oriented] = {}
    for way in (False, True):
        page = [k for k, runs in enumerate(down) if runs == way]
        # Text that runs up is no rarer than text that runs down: each is suspected.
        suspects = [way or suspected[k] for k in page]
        said |= zip(page, read_both_ways(ppocr, [crops[k] for k in page], suspects), strict=True)
    return [said[k] for k in range(len(crops))]


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


def _load_ppocr() -> tuple[PPOCR, threading.Lock]:
    return PPOCR(), threading.Lock()


_ppocr: PerProcess[tuple[PPOCR, threading.Lock]] = PerProcess(_load_ppocr)

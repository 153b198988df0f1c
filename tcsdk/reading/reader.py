"""What reads pictures: PP-OCRv6 as the `rapidocr` package ships it, or another reader."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tcsdk.distribution import install_extra
from tcsdk.errors import MissingRuntimeError
from tcsdk.many.fork import PerProcess
from tcsdk.reading.boxes import Box, from_text, mostly_down, run_down, upright_again
from tcsdk.reading.frame import framed
from tcsdk.reading.lines import TextLine
from tcsdk.reading.order import reading_order
from tcsdk.reading.orientation import Oriented, Recognised, read_both_ways
from tcsdk.reading.overlaps import joined, repeated
from tcsdk.reading.ppocr import PPOCR
from tcsdk.reading.small_lines import Sheet, SmallLines

Pixels = NDArray[np.uint8]
_LEAST = 0.5  # what is read with less confidence is no text


class Reader(Protocol):
    """What reads pictures, (H, W, 3) uint8 RGB each; several threads may call it at once."""

    def find(self, pixels: Pixels) -> list[TextLine]:
        """Find and read the lines of a picture, in reading order."""

    def read(self, pixels: Pixels, places: Sequence[Box]) -> list[Recognised]:
        """Read lines whose places are known.

        Args:
            pixels: The picture, or a part of it.
            places: Corners of each line, as `TextLine.polygon`, in pixels of `pixels`.
        """


@dataclass(frozen=True)
class PPOCRReader:
    """PP-OCRv6; its networks are loaded on the first call, about a second, and kept.

    Attributes:
        small: What is done with small lines that it finds; None reads them as they are.
    """

    small: SmallLines | None = None

    def find(self, pixels: Pixels) -> list[TextLine]:
        """Find and read the lines of a picture, in reading order.

        Raises:
            MissingRuntimeError: The [ocr] extra is not installed.
        """
        large, corner = framed(pixels)
        ppocr, lock = _ppocr.get()
        with lock:
            lines = _lines(ppocr, large, self.small)
        height, width = pixels.shape[:2]
        shift, edges = np.array(corner, np.float32), np.array((width, height), np.float32)
        placed = [replace(line, polygon=np.clip(line.polygon - shift, 0, edges)) for line in lines]
        return [placed[k] for k in reading_order([line.polygon for line in placed])]

    def read(self, pixels: Pixels, places: Sequence[Box]) -> list[Recognised]:
        """Read lines whose places are known, each by itself.

        rapidocr pads the lines of a call to the longest of them, which changes what the others
        say; alone a line says the same whenever it looks the same.

        Raises:
            MissingRuntimeError: The [ocr] extra is not installed.
        """
        image = np.ascontiguousarray(pixels[:, :, ::-1])
        ppocr, lock = _ppocr.get()
        said = []
        for place in places:
            with lock:
                said += ppocr.recognise([ppocr.cut(image, place, runs_down=False)])
        return said


def _lines(ppocr: PPOCR, pixels: Pixels, small: SmallLines | None) -> list[TextLine]:
    """Return the lines of a framed picture, in no order.

    Where most of them run down or up the picture is read once more lying on its other side: the
    detector is made for text that runs across, and leaves out figures of other text. What is
    surer of more is kept.
    """
    image, scale = ppocr.prepared(pixels)
    sheet = Sheet(image, np.ascontiguousarray(pixels[:, :, ::-1]), scale)
    boxes = joined(ppocr.find(image))
    lines = _lines_in(ppocr, sheet, boxes, small)
    if mostly_down(boxes):
        turned, width = sheet.turned(), image.shape[1]
        found = joined(ppocr.find(turned.image))
        again = [
            replace(line, polygon=upright_again(line.polygon, width))
            for line in _lines_in(ppocr, turned, found, small, on_side=True)
        ]
        lines = max(again, lines, key=_sureness)
    return [replace(line, polygon=line.polygon * scale) for line in lines]


def _sureness(lines: Sequence[TextLine]) -> float:
    """Return how many characters there are, each counting as much as the reader is sure of it."""
    return sum(sum(line.confidences) for line in lines)


def _lines_in(
    ppocr: PPOCR,
    sheet: Sheet,
    boxes: Sequence[Box],
    small: SmallLines | None,
    on_side: bool = False,
) -> list[TextLine]:
    """Return the lines in boxes of a prepared picture, which was turned if it lay `on_side`."""
    down = run_down(boxes)
    crops = [ppocr.cut(sheet.image, box, runs) for box, runs in zip(boxes, down, strict=True)]
    said = _recognised(ppocr, crops, down, on_side)
    if small is not None:
        said = small.read_again(ppocr, sheet, boxes, down, said)
    lines = [
        TextLine(
            each.recognised.text,
            from_text(box, runs, each.turned),
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
    ppocr: PPOCR, crops: Sequence[Pixels], down: Sequence[bool], on_side: bool
) -> list[Oriented]:
    """Read lines cut out: those that run across by themselves, and those that run down or up."""
    suspected = ppocr.suspected(crops)
    said: dict[int, Oriented] = {}
    for way in (False, True):
        page = [k for k, runs in enumerate(down) if runs == way]
        # Text that runs up is no rarer than text that runs down.
        suspects = None if way or on_side else [suspected[k] for k in page]
        said |= zip(page, read_both_ways(ppocr, [crops[k] for k in page], suspects), strict=True)
    return [said[k] for k in range(len(crops))]


def _load_ppocr() -> tuple[PPOCR, threading.Lock]:
    return PPOCR(), threading.Lock()


_ppocr: PerProcess[tuple[PPOCR, threading.Lock]] = PerProcess(_load_ppocr)


def check_reader(asked: str) -> None:
    """Refuse what needs a reader where nothing can read.

    Args:
        asked: What needs it, for the message.

    Raises:
        MissingRuntimeError: The [ocr] extra is not installed.
    """
    if find_spec("rapidocr") is None:
        raise MissingRuntimeError(
            f"{asked} reads pictures with rapidocr, which is not installed: {install_extra('ocr')}"
        )

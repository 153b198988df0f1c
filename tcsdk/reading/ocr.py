"""The text in a picture or stream, by PP-OCRv6 as the `rapidocr` package ships it."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tcsdk.decoder import Decoder
from tcsdk.engines import available_threads
from tcsdk.engines.ort import import_onnxruntime
from tcsdk.errors import MissingRuntimeError
from tcsdk.fork import PerProcess
from tcsdk.images import load_picture, read_bytes

if TYPE_CHECKING:
    from tcsdk.images import ImageSource

_STREAM_STARTS = (b"\xf4\x54\x43", b"\xe1")
# Heights per width beyond which a picture is widened. rapidocr does so with wide ones; tall ones it
# enlarges to 736 pixels of width, whatever their height becomes.
_TALLEST = 8


@dataclass(frozen=True, eq=False)
class TextLine:
    """A line of text in a picture.

    Attributes:
        text: What it says.
        polygon: (4, 2) float32, its corners x, y in pixels, clockwise from the top left.
        confidence: The reader's own, 0..1: the mean over the characters.
        confidences: The same of each character of `text`, spaces too. One wrong figure among ten
            right ones hardly moves the mean: look here before a figure is believed.
    """

    text: str
    polygon: NDArray[np.float32]
    confidence: float
    confidences: tuple[float, ...] = ()


def read(image: ImageSource, *, decoder: Decoder | None = None) -> list[TextLine]:
    """Read the text in a picture or in a `.tcs` stream, top to bottom.

    The reader is loaded on the first call (about a second) and kept.

    Args:
        image: Whatever `Encoder.encode` takes, or a stream as path, bytes or file object.
        decoder: What decodes a stream; a `Decoder()` of its own by default.

    Returns:
        The lines found, in reading order; empty where there is no text.

    Raises:
        MissingRuntimeError: The [ocr] extra is not installed.
        ImageError: Neither a picture nor a stream.
        BitstreamError: A damaged stream.
    """
    pixels = _widened(_pixels(image, decoder))
    engine, lock = _reader.get()
    with lock:  # rapidocr keeps the options of a call on the object
        bgr = np.ascontiguousarray(pixels[:, :, ::-1])
        result = engine(bgr)
    if result.boxes is None or result.txts is None:
        return []
    found = zip(result.txts, result.boxes, result.scores, result.word_results, strict=True)
    return [
        TextLine(text, np.asarray(polygon, np.float32), float(score), tuple(map(float, each)))
        for text, polygon, score, each in found
    ]


def _confidences(_images: object, _boxes: object, recognised: Any) -> tuple[Any, ...]:
    """Stand in for rapidocr's search of words' places, and return each line's confidences.

    Its own leaves out spaces where it counts characters and not where it counts confidences
    (rapidocr 3.10), so that behind a space each character has another's.
    """
    return tuple(line.confs for line in recognised.word_results)


def _pixels(image: ImageSource, decoder: Decoder | None) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 RGB of a picture or a decoded stream."""
    source: ImageSource = image
    if isinstance(image, (str, os.PathLike, bytes, bytearray, memoryview)) or hasattr(
        image, "read"
    ):
        source = read_bytes(image, "image")
        if source.startswith(_STREAM_STARTS):
            return (decoder or _decoder.get()).decode(source)
    return load_picture(source).pixels


def _widened(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture with room in its mean colour on the right, where it is too tall to read."""
    height, width = pixels.shape[:2]
    if height <= _TALLEST * width:
        return pixels
    wide = np.empty((height, -(-height // _TALLEST), 3), np.uint8)
    wide[:] = pixels.mean((0, 1)).astype(np.uint8)
    wide[:, :width] = pixels
    return wide


def _load_reader() -> tuple[Any, threading.Lock]:
    import_onnxruntime("ocr")  # before rapidocr does: it sees to the telemetry
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise MissingRuntimeError(
            f"rapidocr is needed to read text and cannot be imported ({error}); "
            'install it with: pip install "tcsdk[ocr]"'
        ) from error
    parameters = {
        "Global.log_level": "critical",
        "Global.return_word_box": True,  # without it single confidences are not kept
        "EngineConfig.onnxruntime.intra_op_num_threads": available_threads(),
    }
    engine: Any = RapidOCR(params=parameters)
    engine.calc_word_boxes = _confidences
    return engine, threading.Lock()


_reader: PerProcess[tuple[Any, threading.Lock]] = PerProcess(_load_reader)
_decoder: PerProcess[Decoder] = PerProcess(Decoder)

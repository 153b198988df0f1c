"""Our own small reader, as `tcsdk.Recognizer` and `tcsdk.FastReader` run it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import tcsdk
from benchmarks.readers.reading import Found, Reading


class OwnReader:
    """The reader of `verify="fast"`; it judges nothing that it was asked about in a loop.

    Args:
        model: a name or a folder, as `tcsdk.Recognizer` takes it.
    """

    def __init__(self, model: str = "reader-int8") -> None:
        self._reader = tcsdk.FastReader(model)
        self._recognizer = tcsdk.Recognizer(model)
        self.version = f"{model}, tcsdk {tcsdk.__version__}"

    def read_lines(self, lines: Sequence[Image.Image]) -> list[Reading]:
        """Read upright lines."""
        said = self._recognizer.recognize(lines)
        return [Reading(each.text, each.confidence, each.confidences) for each in said]

    def read_page(self, pixels: NDArray[np.uint8]) -> list[Found]:
        """Find and read all text of a picture."""
        found = self._reader.read(pixels)
        return [Found(line.text, line.confidence, line.polygon) for line in found]

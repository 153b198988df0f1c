"""Reading with what an encoder has at hand: its own text detector, and a small recogniser."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tcsdk.arguments import location
from tcsdk.codec.automatic_scale import halvings
from tcsdk.codec.picture_analysis import PictureAnalysis
from tcsdk.codec.resampling import reduced
from tcsdk.codec.text_lines import find_lines
from tcsdk.codec.text_size import TextPlanes
from tcsdk.codec.tile import TileEncoder
from tcsdk.codec.tiles import TileGrid
from tcsdk.configured import Configured
from tcsdk.engines import select_engine
from tcsdk.errors import NoDetectorError
from tcsdk.many.parallel import Work
from tcsdk.model.find import find_model
from tcsdk.model.grids import DEFAULT_TILE, LINE_HEIGHT
from tcsdk.reading.boxes import Box
from tcsdk.reading.cutting import cut_line
from tcsdk.reading.lines import TextLine
from tcsdk.reading.order import reading_order
from tcsdk.recognizer import Recognizer
from tcsdk.timings import Stopwatch

# Halvings of a picture that its detector looks at too: letters of some 90 pixels and more.
_SIZES = 3
_LEAST = 0.5  # what is read with less confidence is no text
_QUALITY = 32  # of an analysis whose latents nobody takes


class FastReader(Configured[tuple[TileEncoder, Recognizer]]):
    """Find and read lines of text without an OCR: upright lines, printable ASCII and a few signs.

    Args:
        model: The recogniser, as for `Recognizer`.
        detector: A codec whose analysis says where text is, as for `Encoder`.
        device: As for `Encoder`.
        threads: CPU threads; None for all that there are.

    Raises:
        NoDetectorError: The codec has no detector.
        UnknownModelError, ModelFileError, WrongTaskError: As for `Recognizer`.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = "reader",
        *,
        detector: str | os.PathLike[str] = "tfic",
        device: str = "auto",
        threads: int | None = None,
    ) -> None:
        self._arguments = {
            "model": location("model", model, "a model's name or folder"),
            "detector": location("detector", detector, "a model's name or folder"),
            "device": device,
            "threads": threads,
        }
        folder, precision = find_model(detector)
        if not folder.adaptive:
            raise NoDetectorError(
                f"expected a codec that says where text is and how large, got {folder.family}: "
                'take "tfic"'
            )
        engine, chosen = select_engine(device, threads).for_model(folder, precision)
        self._threads = engine.threads
        reader = Recognizer(model, device=device, threads=threads)
        self._held = TileEncoder.load(folder, chosen, engine), reader

    def find(self, pixels: NDArray[np.uint8]) -> list[Box]:
        """Return the lines of a picture (H, W, 3) uint8, as `find_lines` does."""
        height, width = pixels.shape[:2]
        scales = halvings(width, height)[:_SIZES]
        return find_lines(pixels, [self._planes(pixels, scale) for scale in scales])

    def _planes(self, pixels: NDArray[np.uint8], scale: float) -> TextPlanes:
        codec, _ = self._loaded
        small = reduced(pixels, scale)
        grid = TileGrid(small.shape[1], small.shape[0], DEFAULT_TILE)
        work = Work.on_tiles(len(grid), self._threads)
        planes = PictureAnalysis(codec, small, grid, work, Stopwatch()).text_planes(scale, _QUALITY)
        assert planes is not None  # the codec is adaptive
        return planes

    def read_boxes(self, pixels: NDArray[np.uint8], boxes: Sequence[Box]) -> list[TextLine]:
        """Read lines at known places.

        Args:
            pixels: (H, W, 3) uint8.
            boxes: (4, 2) float32 each, corners from the top left of the text, clockwise.

        Returns:
            One line for each box, in their order; with an empty text where nothing is read.
        """
        _, reader = self._loaded
        said = reader.recognize_lines([cut_line(pixels, box, LINE_HEIGHT) for box in boxes])
        edges = np.array(pixels.shape[1::-1], np.float32)
        return [
            TextLine(each.text, np.clip(box, 0, edges), each.confidence, each.confidences)
            for box, each in zip(boxes, said, strict=True)
        ]

    def read(self, pixels: NDArray[np.uint8]) -> list[TextLine]:
        """Find and read the lines of a picture (H, W, 3) uint8, row by row.

        What is read with a confidence below 0.5 is no text.
        """
        read = self.read_boxes(pixels, self.find(pixels))
        lines = [line for line in read if line.text.strip() and line.confidence >= _LEAST]
        return [lines[k] for k in reading_order([line.polygon for line in lines])]

"""What an encoder that verifies is made of: its reader, and how far it goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tcsdk.arguments import expression, flag, whole
from tcsdk.codec.tile import TileDecoder
from tcsdk.reading.boxes import Box
from tcsdk.reading.lines import TextLine
from tcsdk.reading.orientation import Recognised

if TYPE_CHECKING:
    from tcsdk.engines import ChosenEngine
    from tcsdk.fast_reader import FastReader
    from tcsdk.model.folder import CodecFolder
    from tcsdk.reading.reader import Reader
    from tcsdk.reading.verification import Verifier

FAST: Final = "fast"
# The best qualities to raise lines to, by default and at most: quality maps go on above 63.
HIGHEST_VERIFIED, MOST_VERIFIED = 80, 127


@dataclass(frozen=True)
class Verifying:
    """How an encoder verifies, as its caller asks for it.

    Attributes:
        reader: True for the OCR, "fast" for `FastReader`; False where nothing is verified.
        highest: The best quality to raise lines to.
        lines: Finds the lines to compare; None for all.
    """

    reader: bool | str
    highest: int
    lines: re.Pattern[str] | None

    @classmethod
    def of(cls, verify: Any, limit: int, lines: str | None) -> Verifying:
        """Check the arguments of an encoder.

        Raises:
            ValueError, TypeError: One is out of its range.
        """
        reader = verify if verify == FAST else flag("verify", verify, or_=FAST)
        whole("verify_limit", limit, 0, MOST_VERIFIED)
        named = None if lines is None else expression("verify_lines", lines)
        if named and not reader:
            raise ValueError(f"verify_lines={lines!r} is about verify=True, which is off")
        return cls(reader, limit, named)

    def verifier(
        self, folder: CodecFolder, precision: str, engine: ChosenEngine, device: str
    ) -> Verifier | None:
        """Return what verifies; None where nothing is verified.

        Args:
            folder: Of the first layer's model, which shows what was coded.
            precision: Which of its graphs.
            engine: Runs them.
            device: Of the encoder.

        Raises:
            MissingRuntimeError: The reader is not installed.
        """
        if not self.reader:
            return None
        from tcsdk.reading.verification import Verifier

        codec = TileDecoder.load(folder, precision, engine)
        reader = self._reader(device, engine.threads)
        return Verifier(codec, reader, self.highest, self.lines, self.reader != FAST)

    def _reader(self, device: str, threads: int) -> Reader:
        if self.reader == FAST:
            from tcsdk.fast_reader import FastReader

            return _FastLines(FastReader(device=device, threads=threads))
        from tcsdk.reading.reader import PPOCRReader, check_reader

        check_reader("verify=True")
        return PPOCRReader()


@dataclass(frozen=True)
class _FastLines:
    """`FastReader` as what `Verifier` reads with."""

    reader: FastReader

    def find(self, pixels: NDArray[np.uint8]) -> list[TextLine]:
        return self.reader.read(pixels)

    def read(self, pixels: NDArray[np.uint8], places: Sequence[Box]) -> list[Recognised]:
        return [
            Recognised(line.text, line.confidence, line.confidences)
            for line in self.reader.read_boxes(pixels, places)
        ]

"""The text of one picture on its way to a stream: found, chosen, and what came of verifying it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.container import split_stream
from tcsdk.codec.guidance import fitted_lines
from tcsdk.codec.joining import with_chunk
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.sent_text import SENT, SentLine, SentText, text_chunk
from tcsdk.given_text import CODES, READ, is_code
from tcsdk.loaded_encoder import Loaded
from tcsdk.many.parallel import Work
from tcsdk.request import Request
from tcsdk.timings import Stopwatch

if TYPE_CHECKING:
    from tcsdk.reading.lines import TextLine
    from tcsdk.reading.reader import Reader
    from tcsdk.reading.verification import Checked


@dataclass(frozen=True, eq=False)
class PictureText:
    """The text of a picture, and which of it is sent.

    Attributes:
        loaded: What encodes the picture.
        pixels: (H, W, 3) uint8, the picture as given.
        request: What is asked for.
        watch: Adds up the time per stage.
    """

    loaded: Loaded
    pixels: NDArray[np.uint8]
    request: Request
    watch: Stopwatch

    @cached_property
    def found(self) -> list[TextLine]:
        """What is read on the picture."""
        with self.watch.stage("verify"):
            return self._reader.find(self.pixels)

    @property
    def known(self) -> list[TextLine]:
        """What the caller knows of the picture's lines, and what is read beside that."""
        from tcsdk.reading.lines import TextLine
        from tcsdk.reading.overlaps import shares_place

        given = self.request.text if isinstance(self.request.text, tuple) else ()
        known = [
            TextLine(line.text, line.polygon, line.confidence)
            for line in given
            if line.text and line.polygon is not None
        ]
        places = [line.polygon for line in known]
        return known + [line for line in self.found if not shares_place(line.polygon, places)]

    @cached_property
    def lines(self) -> tuple[SentLine, ...]:
        """The lines whose text may be sent."""
        text = self.request.text
        if text in (READ, CODES) or self._is_for_drawing:
            return tuple(
                SentLine(line.text.strip(), line.polygon, SENT, line.confidence)
                for line in self.found
                if text != CODES or is_code(line.text)
            )
        return text if isinstance(text, tuple) else ()

    @property
    def is_stated(self) -> bool:
        """Whether what comes of verifying is to be sent."""
        return self.request.text is not None and self.loaded.verifier is not None

    def chunks(self, sizes: Sizes) -> list[tuple[int, bytes]]:
        """Return the chunk of the lines that are sent; none where no line is.

        Args:
            sizes: As which the picture is coded and shown.
        """
        sent = self._sent(sizes)
        return [text_chunk(SentText(sent), sizes, self._is_needed)] if sent else []

    def stated(self, checked: Checked, work: Work) -> bytes:
        """Return a verified stream, with what came of its lines in it if that is wanted.

        Args:
            checked: The stream, and how it was read.
            work: How its tiles share the CPUs with other pictures.
        """
        data, verifier = checked.data, self.loaded.verifier
        if verifier is None or not self.is_stated:
            return data
        from tcsdk.reading.stating import stated

        sizes = split_stream(data).sizes
        with self.watch.stage("verify"):
            were_read = isinstance(self.request.text, str)
            text = stated(verifier, checked, self._sent(sizes), were_read, work)
        if text.lines or text.verified:
            return with_chunk(data, *text_chunk(text, sizes, self._is_needed))
        return data

    def _sent(self, sizes: Sizes) -> tuple[SentLine, ...]:
        """Return the lines whose text is sent where the picture is coded at a size."""
        atlas = self.loaded.atlas
        if atlas is None:
            return self.lines
        return fitted_lines(atlas, self.lines, sizes, alone=self._is_for_drawing)

    @property
    def _is_needed(self) -> bool:
        """Whether no decoder may pass over the text; the small profile cannot say so."""
        return self.loaded.draws and not self.request.small

    @property
    def _is_for_drawing(self) -> bool:
        """Whether text is sent for the model to draw alone: only what guides is."""
        return self.request.reads_to_draw(self.loaded.draws)

    @property
    def _reader(self) -> Reader:
        from tcsdk.reading.reader import PPOCRReader

        return self.loaded.verifier.reader if self.loaded.verifier else PPOCRReader()

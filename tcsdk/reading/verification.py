"""Encoding checked by reading: does the decoded picture say what the original says?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np

from tcsdk.codec.decode import first_layer
from tcsdk.codec.encode import Encoding
from tcsdk.codec.preview import Preview
from tcsdk.codec.tile import TileDecoder
from tcsdk.distribution import install_extra
from tcsdk.errors import MissingRuntimeError
from tcsdk.many.parallel import Work
from tcsdk.reading.comparison import LineDifference, agree
from tcsdk.reading.line_reading import Line, LineReader, read_line
from tcsdk.reading.raised_lines import RaisedLines
from tcsdk.reading.raising import raise_parts
from tcsdk.reading.reader import Pixels, Reader
from tcsdk.reading.text import alphanumerics
from tcsdk.timings import Stopwatch

# Lines of the original that its own reader is less sure of say nothing about the codec; nor do
# those that it reads otherwise with so much noise, in grey levels.
CONFIDENCE = 0.9
_NOISE, _SEED = 3.0, 21
# Other scales are tried where raised lines make a stream so many times as large.
_DEAR = 1.5
# Qualities in which the nets' gains grow by one step of a quality map, about.
QUALITIES_PER_STEP = 3


@dataclass(frozen=True)
class RaisedLine:
    """A line that is coded finer than the picture around it.

    Attributes:
        text: What the original says.
        box: (x, y, width, height) of it, pixels.
        steps: By how many steps, of about 13 % of the quantiser each.
    """

    text: str
    box: tuple[int, int, int, int]
    steps: int


@dataclass(frozen=True)
class Verification:
    """What `Encoder(verify=True)` did for one picture.

    Attributes:
        quality: That of the stream.
        rounds: How often the lines were read while they were raised, over all scales tried.
        lines: Lines compared: those read on the original with a confidence of at least 0.9, and
            alike with a little noise, that have a letter or a digit and that `verify_lines` names.
        unsure: Lines of the original that the reader is not so sure of, and so not compared.
        raised: The lines that are coded finer.
        differences: The lines that are read differently on the returned stream.
        limit: What kept lines from being raised further: "max_bytes", "quality" (`verify_limit`),
            "lines" (there were none to compare), or "" where all agree.
    """

    quality: int
    rounds: int
    lines: int
    unsure: int
    raised: tuple[RaisedLine, ...]
    differences: tuple[LineDifference, ...]
    limit: str

    @property
    def agreed(self) -> bool:
        """Whether lines were compared, and every one of them is read as on the original."""
        return self.lines > 0 and not self.differences

    @property
    def complaints(self) -> tuple[str, ...]:
        """What keeps it from having agreed, a line of text each; () where it agreed."""
        if not self.lines:
            return ("the original has no line to compare that is read with confidence",)
        return tuple(map(str, self.differences))


@dataclass(frozen=True)
class Verifier:
    """Compares what is read on a picture and on its streams.

    Attributes:
        codec: Decodes the first layer.
        reader: Finds lines on the original, and reads them at their places.
        highest: The best quality to raise lines to; above 63 by quality maps alone.
        named: Finds the lines to compare in their text, or in its alphanumerics; None for all.
    """

    codec: TileDecoder
    reader: Reader
    highest: int
    named: re.Pattern[str] | None = None

    def fitted(
        self, pixels: Pixels, data: bytes, quality: int, work: Work, watch: Stopwatch
    ) -> Verification:
        """Read a stream whose lines must not be raised.

        Args:
            pixels: (H, W, 3) uint8, the original.
            data: Its stream.
            quality: Of the stream.
            work: How tiles share the CPUs with other pictures.
            watch: Adds up what reading takes.
        """
        with watch.stage("verify"):
            lines, unsure = self._expected(pixels)
            if not lines:
                return _nothing_compared(quality, unsure)
            reader = LineReader(self.reader, lines)
            reader.read_all(first_layer(self.codec, data, work))
        differences = reader.differences()
        limit = "max_bytes" if differences else ""
        return Verification(quality, 1, len(lines), unsure, (), differences, limit)

    def raised(
        self, pixels: Pixels, encodings: Iterable[Encoding], quality: int, watch: Stopwatch
    ) -> tuple[bytes, Verification]:
        """Raise lines until the reader agrees, at the first scale at which it does.

        Where it does so at a high price (large letters on which the model's detector sees no text),
        the other scales are tried as well. The stream with the fewest differences is taken, the
        smallest of several.

        Args:
            pixels: (H, W, 3) uint8, the original.
            encodings: The picture at each scale to try, in order; at least one, taken when it is
                needed.
            quality: Of the stream.
            watch: Adds up what reading takes.

        Returns:
            The stream, and what was done.
        """
        with watch.stage("verify"):
            lines, unsure = self._expected(pixels)
        found: list[tuple[bytes, Verification]] = []
        plain = 0
        for encoding in encodings:
            if not lines:
                return encoding.stream(quality), _nothing_compared(quality, unsure)
            data, report = self._at_scale(encoding, quality, lines, watch)
            found.append((data, replace(report, unsure=unsure)))
            plain = plain or len(encoding.stream(quality))
            if report.agreed and len(data) <= _DEAR * plain:
                break
        data, best = min(found, key=lambda each: (len(each[1].differences), len(each[0])))
        return data, replace(best, rounds=sum(report.rounds for _, report in found))

    def _at_scale(
        self, encoding: Encoding, quality: int, lines: Sequence[Line], watch: Stopwatch
    ) -> tuple[bytes, Verification]:
        most = max(0, self.highest - quality) // QUALITIES_PER_STEP
        concurrent = encoding.first.analysis.work.concurrent
        preview = Preview(self.codec, encoding.grid, encoding.sizes, concurrent)
        reader = LineReader(self.reader, lines)
        search = RaisedLines(encoding, quality, preview, reader, watch)
        owners = [part.line for part in search.parts]
        came = raise_parts(search.agreed_at, search.confirmed_at, owners, most)
        finer = [0] * len(lines)
        for line, steps in zip(owners, came.steps, strict=True):
            finer[line] = max(finer[line], steps)
        raised = tuple(
            RaisedLine(line.text, line.box, steps)
            for line, steps in zip(lines, finer, strict=True)
            if steps
        )
        differences = reader.differences()
        limit = "quality" if differences else ""
        report = Verification(quality, came.rounds, len(lines), 0, raised, differences, limit)
        return search.data, report

    def _expected(self, pixels: Pixels) -> tuple[list[Line], int]:
        """Return the lines of the original to compare, and how many others it has."""
        found = [line for line in self.reader.find(pixels) if self._counts(line.text)]
        noise = np.random.default_rng(_SEED)
        lines = []
        for seen in found:
            line = Line.of(seen, pixels)
            if seen.confidence >= CONFIDENCE and self._is_steady(line, pixels, noise):
                lines.append(line)
        return lines, len(found) - len(lines)

    def _is_steady(self, line: Line, pixels: Pixels, noise: np.random.Generator) -> bool:
        """Say whether a line says the same read at its place, and with a little noise."""
        part = line.cut(pixels)
        spoilt = np.clip(part + noise.normal(0, _NOISE, part.shape), 0, 255).astype(np.uint8)
        return all(agree(read_line(self.reader, line, each), line.text) for each in (part, spoilt))

    def _counts(self, text: str) -> bool:
        counted = alphanumerics(text)
        if self.named is None:
            return bool(counted)
        return bool(counted and (self.named.search(text) or self.named.search(counted)))


def _nothing_compared(quality: int, unsure: int) -> Verification:
    return Verification(quality, 0, 0, unsure, (), (), "lines")


def check_reader() -> None:
    """Refuse to verify where nothing can read.

    Raises:
        MissingRuntimeError: The [ocr] extra is not installed.
    """
    if find_spec("rapidocr") is None:
        raise MissingRuntimeError(
            "verify=True reads the pictures with rapidocr, which is not installed: "
            f"{install_extra('ocr')}"
        )

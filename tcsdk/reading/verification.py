"""Encoding checked by reading: does the decoded picture say what the original says?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tcsdk.codec.container import split_stream
from tcsdk.codec.decode import first_layer
from tcsdk.codec.encode import Encoding
from tcsdk.codec.preview import Preview
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.tile import TileDecoder
from tcsdk.many.parallel import Work
from tcsdk.reading.comparison import LineDifference, agree
from tcsdk.reading.line_reading import Line, LineReader, read_line
from tcsdk.reading.lines import TextLine
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
class Checked:
    """A stream, and what came of its lines.

    Attributes:
        data: The stream.
        report: What was done.
        lines: Those that were compared.
        agreed: Whether each is read on the stream as on the original.
    """

    data: bytes
    report: Verification
    lines: Sequence[Line]
    agreed: Sequence[bool]


@dataclass(frozen=True)
class Verifier:
    """Compares what is read on a picture and on its streams.

    Attributes:
        codec: Decodes the first layer.
        reader: Finds lines on the original, and reads them at their places.
        highest: The best quality to raise lines to; above 63 by quality maps alone.
        named: Finds the lines to compare in their text, or in its alphanumerics; None for all.
        as_receivers: Whether the reader is the one of `tcsdk.read`, and so finds what receivers do.
    """

    codec: TileDecoder
    reader: Reader
    highest: int
    named: re.Pattern[str] | None
    as_receivers: bool

    def fitted(
        self,
        pixels: Pixels,
        found: Sequence[TextLine],
        data: bytes,
        quality: int,
        work: Work,
        watch: Stopwatch,
    ) -> Checked:
        """Read a stream whose lines must not be raised.

        Args:
            pixels: (H, W, 3) uint8, the original.
            found: What is read on it.
            data: Its stream.
            quality: Of the stream.
            work: How tiles share the CPUs with other pictures.
            watch: Adds up what reading takes.
        """
        with watch.stage("verify"):
            sizes = split_stream(data, first_layer=True).sizes
            lines, unsure = self._compared(pixels, found, sizes)
            if not lines:
                return _nothing_compared(data, quality, unsure)
            reader = LineReader(self.reader, lines)
            reader.read_all(first_layer(self.codec, data, work))
        differences = reader.differences()
        limit = "max_bytes" if differences else ""
        report = Verification(quality, 1, len(lines), unsure, (), differences, limit)
        return Checked(data, report, lines, reader.agreed())

    def raised(
        self,
        pixels: Pixels,
        found: Sequence[TextLine],
        encodings: Iterable[Encoding],
        quality: int,
        watch: Stopwatch,
    ) -> Checked:
        """Raise lines until the reader agrees, at the first scale at which it does.

        Where it does so at a high price (large letters on which the model's detector sees no text),
        the other scales are tried as well. The stream on which most lines agree is taken, the
        smallest of several.

        Args:
            pixels: (H, W, 3) uint8, the original.
            found: What is read on it.
            encodings: The picture at each scale to try, in order; at least one, taken when it is
                needed.
            quality: Of the stream.
            watch: Adds up what reading takes.
        """
        tried: list[Checked] = []
        plain = 0
        for encoding in encodings:
            with watch.stage("verify"):
                lines, unsure = self._compared(pixels, found, encoding.sizes)
            checked = self._at_scale(encoding, quality, lines, unsure, watch)
            tried.append(checked)
            plain = plain or len(encoding.stream(quality))
            dear = len(checked.data) > _DEAR * plain
            if not checked.report.differences and not dear:
                break
        best = min(tried, key=_worth)
        rounds = sum(each.report.rounds for each in tried)
        return replace(best, report=replace(best.report, rounds=rounds))

    def _at_scale(
        self,
        encoding: Encoding,
        quality: int,
        lines: Sequence[Line],
        unsure: int,
        watch: Stopwatch,
    ) -> Checked:
        if not lines:
            return _nothing_compared(encoding.stream(quality), quality, unsure)
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
        report = Verification(quality, came.rounds, len(lines), unsure, raised, differences, limit)
        return Checked(search.data, report, lines, reader.agreed())

    def _compared(
        self, pixels: Pixels, found: Sequence[TextLine], sizes: Sizes
    ) -> tuple[list[Line], int]:
        """Return the lines of the original to compare, and how many others it has."""
        named = [line for line in found if self._counts(line.text)]
        noise = np.random.default_rng(_SEED)
        lines = []
        for seen in named:
            line = Line.of(seen.text, seen.polygon, sizes)
            if seen.confidence >= CONFIDENCE and self._is_steady(line, pixels, noise):
                lines.append(line)
        return lines, len(named) - len(lines)

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


def _worth(checked: Checked) -> tuple[int, int, int]:
    """Order streams: most lines agree, fewest differ, and where none does the smallest."""
    differing = len(checked.report.differences)
    return -sum(checked.agreed), differing, 0 if differing else len(checked.data)


def _nothing_compared(data: bytes, quality: int, unsure: int) -> Checked:
    return Checked(data, Verification(quality, 0, 0, unsure, (), (), "lines"), (), ())

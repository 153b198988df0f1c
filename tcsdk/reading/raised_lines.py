"""Lines that are coded finer and finer, and what they then say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.decode import first_layer
from tcsdk.codec.encode import Encoding
from tcsdk.codec.preview import Preview
from tcsdk.codec.quality_map import Offsets, line_blocks
from tcsdk.model.grids import Y_STRIDE, ceil_div
from tcsdk.reading.comparison import differing_parts
from tcsdk.reading.line_reading import Line, LineReader
from tcsdk.timings import Stopwatch

# Blocks along a line that are raised together.
_PART = 3


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a line that can be coded finer than the rest of it.

    Attributes:
        line: Index of the line.
        begin, end: Where it lies along the line, 0..1.
        blocks: (h, w) bool, those of the picture as coded that show it.
    """

    line: int
    begin: float
    end: float
    blocks: NDArray[np.bool_]


def _parts(line: int, along: NDArray[np.float32]) -> list[Part]:
    """Cut a line into parts of about `_PART` blocks along it.

    Args:
        line: Its index.
        along: As `line_blocks` gives it.
    """
    inside = np.isfinite(along)
    columns = max(int(inside.any(axis=0).sum()), int(inside.any(axis=1).sum()))
    count = max(1, round(columns / _PART))
    edges = np.linspace(0, 1, count + 1).tolist()
    owner = np.where(inside, np.minimum(np.nan_to_num(along) * count, count - 1), -1).astype(int)
    return [Part(line, edges[k], edges[k + 1], owner == k) for k in range(count)]


@dataclass(eq=False)
class RaisedLines:
    """Lines that are read while their picture is coded with more and more steps.

    Attributes:
        encoding: The picture at one scale.
        quality: Of its streams.
        preview: Shows parts of them.
        reader: Reads the lines.
        watch: Adds up what looking and reading take.
        data: The stream that was confirmed last.
    """

    encoding: Encoding
    quality: int
    preview: Preview
    reader: LineReader
    watch: Stopwatch
    data: bytes = field(init=False)
    _offsets: Offsets | None = None

    @cached_property
    def parts(self) -> list[Part]:
        """The parts of all lines that can be raised each by itself."""
        return [
            part
            for index, line in enumerate(self.reader.lines)
            for part in _parts(index, line_blocks(line.polygon, self.encoding.sizes))
        ]

    def agreed_at(self, steps: Sequence[int]) -> list[bool]:
        """Say of each part whether it is read as on the original.

        Args:
            steps: By which each is coded finer.
        """
        offsets, lines = self.offsets(steps), self.reader.lines
        tiles = self.encoding.raised(offsets).first.of_kept(self.quality)
        with self.watch.stage("verify"):
            seen = [k for k, line in enumerate(lines) if self._may_differ(line, offsets)]
            shown = self.preview.parts(tiles, self.quality, [lines[k].area for k in seen])
            for k, pixels in zip(seen, shown, strict=True):
                self.reader.read(k, pixels)
        self._offsets = offsets
        return self._agreed()

    def confirmed_at(self, steps: Sequence[int]) -> list[bool]:
        """Say the same of the stream itself, which is kept as `data`."""
        offsets = self.offsets(steps)
        encoding = self.encoding.raised(offsets) if offsets.any() else self.encoding
        self.data = encoding.stream(self.quality)
        with self.watch.stage("verify"):
            work = encoding.first.analysis.work
            self.reader.read_all(first_layer(self.preview.codec, self.data, work))
        return self._agreed()

    def _agreed(self) -> list[bool]:
        wrong = [
            differing_parts(said, line.text)
            for said, line in zip(self.reader.said, self.reader.lines, strict=True)
        ]
        return [
            all(part.end <= begin or part.begin >= end for begin, end in wrong[part.line])
            for part in self.parts
        ]

    def offsets(self, steps: Sequence[int]) -> Offsets:
        """Return the steps of each block of the picture, the most that a part in it has."""
        whole = self.encoding.sizes.coded.on_grid(Y_STRIDE)
        offsets = np.zeros((whole.height, whole.width), np.int8)
        for finer, part in zip(steps, self.parts, strict=True):
            np.maximum(offsets, np.int8(finer), out=offsets, where=part.blocks)
        return offsets

    def _may_differ(self, line: Line, offsets: Offsets) -> bool:
        """Say whether blocks have changed that the synthesis mixes into a line."""
        if self._offsets is None:
            return True
        sizes = self.encoding.sizes
        seen = sizes.needed(line.area).grown(self.preview.codec.halo, sizes.coded)
        rows = slice(seen.y // Y_STRIDE, ceil_div(seen.bottom, Y_STRIDE))
        columns = slice(seen.x // Y_STRIDE, ceil_div(seen.right, Y_STRIDE))
        return bool((offsets[rows, columns] != self._offsets[rows, columns]).any())

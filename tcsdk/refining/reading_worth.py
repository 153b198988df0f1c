"""What the text of lines costs while a small recogniser cannot read it yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcsdk.model.graphs import LINE_PIXELS
from tcsdk.reading.boxes import Box, sides
from tcsdk.refining.ctc import ctc_loss
from tcsdk.refining.differentiable import Differentiable
from tcsdk.refining.line_cuts import LineCut, cut_width
from tcsdk.refining.worth import READING, at_quality

Floats = NDArray[np.float32]

# Per character: beyond it a line's cost grows as a logarithm only, as in training.
_SOFT_NATS = 4.0
# Of a line's height: corners move by so much from step to step, so that letters are drawn, and not
# what one cut of them happens to be read as.
_JITTER = 0.04


@dataclass(frozen=True)
class WantedLine:
    """A line that is to be read.

    Attributes:
        box: (4, 2) float32, its corners, x and y in pixels of the window.
        classes: The reader's classes of its text; () for a line that stays as it is.
    """

    box: Box
    classes: tuple[int, ...]


@dataclass(frozen=True)
class ReadingWorth:
    """What the lines of a picture are worth.

    Attributes:
        reader: Lines (N, 3, 32, W) to logits (N, classes, 1, T).
        lines: Wanted.
        quality: 0..63.
        rng: Moves corners.
    """

    reader: Differentiable
    lines: Sequence[WantedLine]
    quality: int
    rng: np.random.Generator

    def add_gradient(self, shown: Floats, gradient: Floats) -> None:
        """Add the gradient of the bits that unread text is worth by the picture shown (3, H, W)."""
        alike: dict[int, list[tuple[LineCut, WantedLine]]] = defaultdict(list)
        for line in self.lines:
            width = cut_width(line.box)
            cut = LineCut.of(self._moved(line.box), shown.shape[1:], width)
            alike[width].append((cut, line))
        for group in alike.values():
            pixels = np.stack([cut.cut(shown) for cut, _ in group])
            inputs = {LINE_PIXELS: pixels}
            logits = self.reader.value(inputs)
            slopes = [
                self._slope(said[:, 0].T, line)
                for said, (_, line) in zip(logits, group, strict=True)
            ]
            by_logits = np.stack(slopes).transpose(0, 2, 1)[:, :, None]
            by_pixels = self.reader.gradient(inputs, np.ascontiguousarray(by_logits))
            for (cut, _), each in zip(group, by_pixels, strict=True):
                cut.put_back(each, gradient)

    def _slope(self, logits: Floats, line: WantedLine) -> Floats:
        """Return the gradient of what a line costs by its logits (T, classes)."""
        nats, slope = ctc_loss(logits, line.classes)
        softened = 1 + nats / (_SOFT_NATS * max(len(line.classes), 1))
        return (slope * (at_quality(READING, self.quality) / softened)).astype(np.float32)

    def _moved(self, box: Box) -> Box:
        far = _JITTER * sides(box)[1]
        return np.asarray(box + self.rng.uniform(-far, far, box.shape), np.float32)

"""Lines of text through a graph that reads them, and what its classes say (CTC)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tcsdk.errors import EngineError
from tcsdk.model.calls import CALLS
from tcsdk.model.graphs import CLASS_LOGITS, LINE_PIXELS, RECOGNITION, checked_outputs
from tcsdk.model.grids import LINE_HEIGHT
from tcsdk.reading.long_lines import Part, parts_of
from tcsdk.reading.orientation import Recognised

if TYPE_CHECKING:
    from tcsdk.engines.base import Graph

BLANK = 0  # CTC's class of no character
# Lines are filled up to a multiple of 64 pixels, by their own width alone: what a line says does
# not depend on those that are read with it.
_BEYOND = np.float32(0.5)  # past a line's end, as in training
_TOGETHER = CALLS[RECOGNITION].together
_NEVER = np.float32(-1e4)  # added to the logits of characters that are not to be read


def read_lines(
    graph: Graph, lines: Sequence[NDArray[np.uint8]], characters: str, wanted: str
) -> list[Recognised]:
    """Read lines.

    Args:
        graph: Of the role `recognition`.
        lines: (32, w, 3) uint8 each, as `tcsdk.reading.cutting.cut_line` makes them.
        characters: The model's.
        wanted: Those of them that may be read.
    """
    by_width: defaultdict[int, list[tuple[int, Part]]] = defaultdict(list)
    for index, line in enumerate(lines):
        for part in parts_of(line.shape[1]):
            by_width[part.width].append((index, part))
    allowed = np.array([0, *(0 if c in wanted else _NEVER for c in characters)], np.float32)
    said: list[list[NDArray[np.float32]]] = [[] for _ in lines]  # of each line, part by part
    for width, parts in by_width.items():
        for begin in range(0, len(parts), _TOGETHER):
            some = parts[begin : begin + _TOGETHER]
            pixels = [lines[k][:, part.begin : part.begin + width] for k, part in some]
            logits = _run(graph, pixels, width)
            if logits.shape[:2] != (len(some), 1 + len(characters)):
                raise EngineError(
                    f"expected logits of {1 + len(characters)} classes for each of "
                    f"{len(some)} lines, got {logits.shape}: the model is damaged"
                )
            for (k, part), each in zip(some, logits, strict=True):
                said[k].append(each[:, 0, part.kept])
    return [decoded(np.concatenate(each, 1) + allowed[:, None], characters) for each in said]


def _run(graph: Graph, lines: list[NDArray[np.uint8]], width: int) -> NDArray[np.float32]:
    """Return the logits of lines of up to a width, (N, classes, 1, width / 4)."""
    x = np.full((len(lines), 3, LINE_HEIGHT, width), _BEYOND, np.float32)
    for place, line in zip(x, lines, strict=True):
        own = place[:, :, : line.shape[1]]
        np.multiply(line.transpose(2, 0, 1), np.float32(1 / 255), out=own)
    return checked_outputs(RECOGNITION, graph.run({LINE_PIXELS: x}))[CLASS_LOGITS]


def decoded(logits: NDArray[np.float32], characters: str) -> Recognised:
    """Read logits (classes, steps): the likeliest class of each step, a run of one class once.

    A character is as sure as its surest step.
    """
    powers = np.exp(logits - logits.max(0))
    best, surest = logits.argmax(0), 1 / powers.sum(0)  # the likeliest class has power 1
    begins = np.flatnonzero(np.diff(best, prepend=-1))
    text, confidences = [], []
    for begin, end in zip(begins, [*begins[1:], len(best)], strict=True):
        if best[begin] != BLANK:
            text.append(characters[best[begin] - 1])
            confidences.append(float(surest[begin:end].max()))
    mean = float(np.mean(confidences)) if confidences else 0.0
    return Recognised("".join(text), mean, tuple(confidences))

"""What a receiver says of lines that were sent: whether the picture without them contradicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

import tcsdk
from benchmarks.guidance.models import Model
from benchmarks.sets.places import Quad
from tcsdk.codec.sent_text import DOUBTFUL, SENT

TASK = "sent lines"
VERSION = f"1, tcsdk.read of rapidocr {version('rapidocr')}"


@dataclass(frozen=True)
class Received:
    """A line that was sent, as `tcsdk.read` of the stream gives it.

    Attributes:
        text: As it was sent.
        quad: (4, 2) float32, its place in pixels.
        seen: What is read there in the picture decoded without drawing; None for nothing.
        flagged: Whether what is seen there is "doubtful".
    """

    text: str
    quad: Quad
    seen: str | None
    flagged: bool


def look_at(model: Model, data: bytes) -> dict[str, Any]:
    """Return what a stream sends and what is seen of it, of types that JSON has.

    Returns:
        bytes: of the text chunk. lines: for each [text, eight coordinates, seen, flagged].
    """
    chunks = tcsdk.inspect(data).chunks
    size = sum(chunk.bytes for chunk in chunks if chunk.name == "text")
    rows = [
        [line.text, line.quad.round(2).astype(float).ravel().tolist(), line.seen, line.flagged]
        for line in paired(tcsdk.read(data, decoder=model.undrawn))
    ]
    return {"bytes": size, "lines": rows}


def paired(lines: Sequence[tcsdk.TextLine]) -> list[Received]:
    """Pair sent lines with what is seen in their places, which comes behind each."""
    made = []
    for at, line in enumerate(lines):
        if line.source != SENT:
            continue
        behind = lines[at + 1] if at + 1 < len(lines) else None
        seen = behind if behind and behind.source != SENT else None
        if seen and not np.array_equal(seen.polygon, line.polygon):
            seen = None
        flagged = seen is not None and seen.trust == DOUBTFUL
        made.append(Received(line.text, line.polygon, seen.text if seen else None, flagged))
    return made


def received_lines(value: Any) -> list[Received]:
    """Return the lines of what `look_at` gave."""
    return [
        Received(text, np.array(numbers, np.float32).reshape(4, 2), seen, bool(flagged))
        for text, numbers, seen, flagged in value["lines"]
    ]

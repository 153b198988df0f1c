"""What a receiver can say of lines by itself: those that its reader is too unsure of are doubtful.

How sure it has to be was calibrated for a reader, a model's streams and their quality
(`trust_table`), by conformal risk control (Angelopoulos, Bates, Fisch, Lei and Schuster 2022) over
rendered lines. The promise is about such lines: `zoo/tfic/card.md` has alpha, n and the set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tcsdk.codec.sent_text import DOUBTFUL
from tcsdk.reading.lines import SEEN, UNVERIFIED, TextLine


@dataclass(frozen=True)
class Calibrated:
    """How sure a reader has to be of a line in a model's streams.

    Attributes:
        reader: Whose sureness it is.
        wire_id: The streams' model.
        bundle_hash: Short hash of its entropy bundle, as streams carry it: other weights, other
            hash, and nothing is promised.
        quality: The lowest quality of the streams that it holds for; up to the next row's.
        least: The sureness from which a line is not doubtful, 0..1; above 1 where none is enough.
    """

    reader: str
    wire_id: int
    bundle_hash: int
    quality: int
    least: float


def sureness(line: TextLine) -> float:
    """Return how sure a reader is of the letter or digit of a line that it is least sure of, 0..1.

    A mean would hide one wrong figure among ten right ones.
    """
    sure = [
        confidence
        for character, confidence in zip(line.text, line.confidences, strict=False)
        if character.isalnum()
    ]
    return min(sure, default=line.confidence)


def calibrated_for(
    table: Sequence[Calibrated], reader: str, wire_id: int, bundle_hash: int, quality: int
) -> Calibrated | None:
    """Return the row for a stream; None where nobody has calibrated."""
    rows = [
        row
        for row in table
        if (row.reader, row.wire_id, row.bundle_hash) == (reader, wire_id, bundle_hash)
        and row.quality <= quality
    ]
    return max(rows, key=lambda row: row.quality, default=None)


def doubted(lines: Iterable[TextLine], row: Calibrated | None) -> list[TextLine]:
    """Return lines, those that nobody has verified and the reader is too unsure of as doubtful.

    Args:
        lines: As read.
        row: How sure it has to be; None where that is not known: all stay as they are.
    """
    return [
        replace(line, trust=DOUBTFUL)
        if row is not None
        and (line.source, line.trust) == (SEEN, UNVERIFIED)
        and sureness(line) < row.least
        else line
        for line in lines
    ]

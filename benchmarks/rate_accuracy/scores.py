"""What one reader made of one picture, in counts that add up over pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from benchmarks.rate_accuracy.matching import listed, match
from benchmarks.rate_accuracy.measures import (
    Edits,
    compare,
    is_figures,
    of_alphanumerics,
)
from benchmarks.readers import Found, Reading
from benchmarks.sets import Picture
from benchmarks.sets.places import cut_words, in_reading_order
from tcsdk.reading.text import alphanumerics

CONFIDENT = 0.9  # the reader's confidence from which a wrong character is one that looks right


@dataclass(frozen=True)
class LineCounts:
    """Lines of known place that have something to count.

    Attributes:
        lines: How many.
        accuracy: The sum of their accuracies.
        characters, erasures, insertions, substitutions: Sums.
        confident: Substitutions in lines that the reader is confident of.
        misleading: Those of them where the reader had read the original line without a mistake.
        certain: Characters read that the reader is confident of, one by one; nan where it has no
            confidence of single characters.
        mistaken: Those of them that are wrong or too many; nan likewise.
    """

    lines: float = 0.0
    accuracy: float = 0.0
    characters: float = 0.0
    erasures: float = 0.0
    insertions: float = 0.0
    substitutions: float = 0.0
    confident: float = 0.0
    misleading: float = 0.0
    certain: float = 0.0
    mistaken: float = 0.0


@dataclass(frozen=True)
class PageCounts:
    """Text that the reader found itself.

    Attributes:
        true, found, matched: Words (`matching.match`).
        pages: 1 where the picture has text.
        accuracy: Of the whole text in reading order.
    """

    true: float = 0.0
    found: float = 0.0
    matched: float = 0.0
    pages: float = 0.0
    accuracy: float = 0.0


def count_lines(
    picture: Picture,
    readings: Sequence[Reading],
    originals: Sequence[Reading],
    caseless: bool,
    figures_only: bool = False,
) -> LineCounts:
    """Count the lines of a picture.

    Args:
        picture: With its known lines.
        readings: One per line, of the decoded picture.
        originals: One per line, of the picture itself.
        caseless: Whether upper and lower case are equal.
        figures_only: Count lines of digits and codes alone.
    """
    total = np.zeros(len(fields(LineCounts)))
    for line, reading, original in zip(picture.lines, readings, originals, strict=True):
        if not alphanumerics(line.text) or (figures_only and not is_figures(line.text)):
            continue
        edits = compare(line.text, reading.text, caseless)
        before = compare(line.text, original.text, caseless)
        confident = edits.substitutions * (reading.confidence >= CONFIDENT)
        total += (
            1,
            edits.accuracy,
            edits.characters,
            edits.erasures,
            edits.insertions,
            edits.substitutions,
            confident,
            confident * (before.accuracy == 1.0),
            *_certain(reading, edits, caseless),
        )
    return LineCounts(*total.tolist())


def _certain(reading: Reading, edits: Edits, caseless: bool) -> tuple[float, float]:
    """Characters that the reader is confident of, and the wrong ones among them."""
    if reading.text and not reading.confidences:
        return float("nan"), float("nan")
    confidences = of_alphanumerics(reading.text, reading.confidences, caseless)
    sure = [confidence >= CONFIDENT for confidence in confidences]
    return sum(sure), sum(sure[at] for at in edits.wrong)


def count_page(picture: Picture, findings: Sequence[Found], caseless: bool) -> PageCounts:
    """Count the words found in a picture, and compare its whole text."""
    if not alphanumerics(picture.text):
        return PageCounts()
    words = [word for found in findings for word in cut_words(found.text, found.quad)]
    words = listed(words, picture.unlisted)
    accuracy = compare(picture.text, in_reading_order(words), caseless).accuracy
    if not picture.lines:  # its words have no known places
        return PageCounts(pages=1.0, accuracy=accuracy)
    matches = match(picture.words, words)
    return PageCounts(matches.true, matches.found, matches.matched, 1.0, accuracy)


def columns(counts: Sequence[LineCounts] | Sequence[PageCounts]) -> dict[str, NDArray[np.float64]]:
    """Counts per picture as one array (pictures,) per field."""
    names = [field.name for field in fields(counts[0])]
    return {name: np.array([getattr(count, name) for count in counts]) for name in names}

"""What is counted of words that were enlarged and read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.rate_accuracy.measures import compare, of_alphanumerics, psnr
from benchmarks.readers.reading import Reading
from benchmarks.super_resolution.words import Word

FILE = "super_resolution.csv"
SURE = 0.9  # confidence from which a character that is wrong counts as invented


@dataclass(frozen=True)
class Score:
    """Of some words.

    Attributes:
        words: how many.
        right: share of which letters and digits are right, without case.
        invented: characters per 1,000 true ones that are wrong though the reader was sure.
        psnr: mean over words, dB, against the good shots; NaN where there are none.
    """

    words: int
    right: float
    invented: float
    psnr: float


def is_right(word: Word, reading: Reading) -> bool:
    """Whether letters and digits are right, without case."""
    return compare(word.text, reading.text, caseless=True).accuracy == 1


def invented(word: Word, reading: Reading) -> tuple[int, int]:
    """Characters read wrong and surely, and characters that are there."""
    edits = compare(word.text, reading.text, caseless=True)
    each = reading.confidences or (reading.confidence,) * len(reading.text)
    sure = of_alphanumerics(reading.text, each, caseless=True)
    return sum(sure[place] >= SURE for place in edits.wrong), edits.characters


def scored(
    words: Sequence[Word], made: Sequence[NDArray[np.uint8]], readings: Sequence[Reading]
) -> Score:
    """Count."""
    right = [is_right(w, r) for w, r in zip(words, readings, strict=True)]
    wrong, all_there = np.sum(
        [invented(w, r) for w, r in zip(words, readings, strict=True)], axis=0
    )
    fidelity = [psnr(m, w.high) for w, m in zip(words, made, strict=True) if w.high is not None]
    return Score(
        len(words),
        float(np.mean(right)),
        1000 * float(wrong) / max(1, int(all_there)),
        float(np.mean(fidelity)) if fidelity else float("nan"),
    )


def by_bin(
    words: Sequence[Word], made: Sequence[NDArray[np.uint8]], readings: Sequence[Reading]
) -> Iterator[tuple[str, Score]]:
    """Yield a score for each bin and, where there are several, one for all words."""
    bins = list(dict.fromkeys(word.bin for word in words))
    for name in [*bins, "all"] if len(bins) > 1 else bins:
        kept = [k for k, word in enumerate(words) if name in (word.bin, "all")]
        yield name, scored(*([part[k] for k in kept] for part in (words, made, readings)))

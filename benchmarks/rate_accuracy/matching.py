"""Found words against true ones, as ICDAR's end-to-end task counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.sets.places import Quad, overlap, share_inside
from tcsdk.reading.text import alphanumerics

LEAST_OVERLAP = 0.5  # intersection over union, as ICDAR's end-to-end tasks have it
MOST_UNLISTED = 0.5  # part of a found word that may lie on unlisted text
Word = tuple[str, Quad]


@dataclass(frozen=True)
class Matches:
    """Counts of words.

    Attributes:
        true: Words that are there.
        found: Words that the reader reports, outside unlisted text.
        matched: Pairs of both.
    """

    true: int
    found: int
    matched: int


def countable(words: Sequence[Word]) -> list[Word]:
    """Words that have a letter or digit."""
    return [word for word in words if alphanumerics(word[0])]


def listed(words: Sequence[Word], unlisted: NDArray[np.bool_]) -> list[Word]:
    """Words of which less than half lies on unlisted text (H, W)."""
    if not unlisted.any():
        return list(words)
    return [word for word in words if share_inside(word[1], unlisted) < MOST_UNLISTED]


def match(true: Sequence[Word], found: Sequence[Word]) -> Matches:
    """Pair words, one to one and the largest overlaps first.

    A pair needs an intersection over union of at least 0.5 and equal alphanumerics, whatever their
    case. Words without alphanumerics count nowhere.
    """
    true, found = countable(true), countable(found)
    shared = overlap([quad for _, quad in true], [quad for _, quad in found])
    texts = [[alphanumerics(text, caseless=True) for text, _ in words] for words in (true, found)]
    pairs = [
        (shared[i, j], int(i), int(j))
        for i, j in np.argwhere(shared >= LEAST_OVERLAP)
        if texts[0][i] == texts[1][j]
    ]
    matched_true: set[int] = set()
    matched_found: set[int] = set()
    for _, i, j in sorted(pairs, reverse=True):
        if i not in matched_true and j not in matched_found:
            matched_true.add(i)
            matched_found.add(j)
    return Matches(len(true), len(found), len(matched_true))


def match_places(true: Sequence[Word], found: Sequence[Word]) -> Matches:
    """Pair words by their places alone, one to one and the largest overlaps first.

    As ICDAR's localisation tasks do; words without alphanumerics count nowhere.
    """
    quads = [[quad for _, quad in countable(words)] for words in (true, found)]
    shared = overlap(*quads)
    matched = 0
    while shared.size and shared.max() >= LEAST_OVERLAP:
        i, j = np.unravel_index(shared.argmax(), shared.shape)
        shared[i], shared[:, j], matched = 0, 0, matched + 1
    return Matches(len(quads[0]), len(quads[1]), matched)

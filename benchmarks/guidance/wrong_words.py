"""Words that are sent wrong on purpose, and what is read in their places."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.rate_accuracy.matching import Word
from benchmarks.sets.places import Quad, cut_words, overlap
from tcsdk.codec.sent_text import SentLine
from tcsdk.reading.text import alphanumerics

WRONG = 0.2  # of the words
NEAR = 0.25  # intersection over union from which a found word stands in a sent one's place


@dataclass(frozen=True)
class WrongWord:
    """A word with a letter or digit that is another.

    Attributes:
        sent: As it was sent.
        read: As the sender's reader had it.
        quad: (4, 2) float32, its place in pixels.
    """

    sent: str
    read: str
    quad: Quad


def swap(lines: Sequence[SentLine], seed: int) -> tuple[list[SentLine], list[WrongWord]]:
    """Give a fifth of the words one wrong letter or digit."""
    dice, made, words = random.Random(seed), [], []
    for line in lines:
        texts = []
        for word, quad in cut_words(line.text or "", line.polygon):
            texts.append(word)
            places = [k for k, c in enumerate(word) if c.isalnum() and c.isascii()]
            if not places or dice.random() >= WRONG:
                continue
            at = dice.choice(places)
            kind = string.digits if word[at].isdigit() else string.ascii_letters
            other = dice.choice([c for c in kind if c.lower() != word[at].lower()])
            texts[-1] = word[:at] + other + word[at + 1 :]
            words.append(WrongWord(texts[-1], word, quad))
        made.append(replace(line, text=" ".join(texts)))
    return made, words


def same(a: str, b: str) -> bool:
    """Whether two words have equal alphanumerics, whatever their case."""
    return alphanumerics(a, caseless=True) == alphanumerics(b, caseless=True)


def said_in_place(words: Sequence[WrongWord], found: Sequence[Word]) -> list[list[str]]:
    """What was found in the place of each word that was sent wrong."""
    if not found:
        return [[] for _ in words]
    near = overlap([word.quad for word in words], [quad for _, quad in found])
    return [[found[j][0] for j in np.flatnonzero(row >= NEAR)] for row in near]


def count_read(words: Sequence[WrongWord], found: Sequence[Word]) -> tuple[int, int, int]:
    """Count words sent wrong: all, those found as they were sent, those as they were read."""
    said = said_in_place(words, found)
    as_sent = sum(any(same(w.sent, s) for s in texts) for w, texts in zip(words, said, strict=True))
    as_read = sum(any(same(w.read, s) for s in texts) for w, texts in zip(words, said, strict=True))
    return len(words), as_sent, as_read

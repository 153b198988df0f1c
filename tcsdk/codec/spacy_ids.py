"""Numbers that spaCy gives to texts and to rows of its tables: both are hashes.

A text's is Appleby's MurmurHash64A of its UTF-8 with seed 1, but for words that spaCy itself has a
use for: those are numbered. Its `HashEmbed` looks each number up in four rows of a table, which a
finish of MurmurHash3 chooses. A table of hashes needs no vocabulary.
"""

from __future__ import annotations

from itertools import count

import numpy as np
from numpy.typing import NDArray

ROWS = 4  # of a table, for each number
_WHOLE = (1 << 64) - 1
_MIX = 0xC6A4A7935BD1E995
# spaCy's own words (spacy.symbols), as far as a letter, an ending, a shape or a norm can be one:
# those of up to three letters, and those in lower case. First number of each run -> its words.
_RUNS = {
    64: "ID",
    74: "POS TAG DEP",
    84: "ADJ ADP ADV AUX",
    90: "DET",
    93: "NUM",
    99: "SYM",
    101: "X EOL",
    383: "ORG GPE LOC",
    390: "LAW",
    398: "acomp advcl advmod agent amod appos attr aux auxpass cc ccomp complm conj cop csubj "
    "csubjpass dep det dobj expl hmod hyph infmod intj iobj mark meta neg nmod nn npadvmod nsubj "
    "nsubjpass num number oprd obj obl parataxis partmod pcomp pobj poss possessive preconj prep "
    "prt punct quantmod relcl rcmod root xcomp acl",
    455: "IDX _",
}
SYMBOLS = dict(pair for at, run in _RUNS.items() for pair in zip(run.split(), count(at)))


def text_id(text: str) -> int:
    """Return the number of a text, 0..2**64 - 1; 0 of an empty one.

    Args:
        text: Any text that has a UTF-8.

    Examples:
        >>> text_id("coffee")
        3197928453018144401
    """
    if text in SYMBOLS or not text:
        return SYMBOLS.get(text, 0)
    data = text.encode()
    whole = len(data) - len(data) % 8
    state = 1 ^ (len(data) * _MIX & _WHOLE)
    for at in range(0, whole, 8):
        block = int.from_bytes(data[at : at + 8], "little") * _MIX & _WHOLE
        block = (block ^ block >> 47) * _MIX & _WHOLE
        state = (state ^ block) * _MIX & _WHOLE
    if data[whole:]:
        state = (state ^ int.from_bytes(data[whole:], "little")) * _MIX & _WHOLE
    state = (state ^ state >> 47) * _MIX & _WHOLE
    return state ^ state >> 47


def hashed_rows(numbers: NDArray[np.uint64], seeds: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return what chooses the rows of numbers in tables, before the remainder by their sizes.

    Args:
        numbers: (T, A) uint64, of T tokens in A tables.
        seeds: (A,) uint64, of the tables.

    Returns:
        (T, A, 4) uint64, each below 2**32.
    """
    c = [np.uint64(value) for value in (0x87C37B91114253D5, 0x4CF5AD432745937F, 31, 33, 32)]
    first = numbers * c[0]
    first = (first << c[2] | first >> c[3]) * c[1]
    second = seeds ^ np.uint64(8)
    first = (first ^ second) + second
    second = second + first
    first, second = _stirred(first), _stirred(second)
    first = first + second
    second = second + first
    low = np.uint64(0xFFFFFFFF)
    return np.stack([first & low, first >> c[4], second & low, second >> c[4]], axis=-1)


def _stirred(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    shift = np.uint64(33)
    x = (x ^ x >> shift) * np.uint64(0xFF51AFD7ED558CCD)
    x = (x ^ x >> shift) * np.uint64(0xC4CEB9FE1A85EC53)
    x = x ^ x >> shift
    return x

"""What spaCy's small models look up of a word: rows of tables of its norm, ends and shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.spacy_ids import ROWS, hashed_rows, text_id
from tcsdk.codec.spacy_words import Word

_LONG = 100  # characters from which on a word has no shape of its own
_REPEATED = 4  # times that a shape repeats a sign at most
Norms = Mapping[int, str]


@dataclass(frozen=True)
class Table:
    """Vectors of one attribute of words.

    Attributes:
        attribute: One of ATTRIBUTES.
        rows: Of it.
        seed: Of the hash that chooses rows.
    """

    attribute: str
    rows: int
    seed: int


def norm(word: Word, norms: Norms) -> str:
    """Return how a word is read: its exception's norm, the table's, or in lower case.

    Args:
        word: Of a text.
        norms: Number of a text (`text_id`) -> how it is read.
    """
    return word.norm or norms.get(text_id(word.text)) or word.text.lower()


def shape(text: str) -> str:
    """Return a word with X for large letters, x for others and d for digits, four in a row at most.

    Args:
        text: Of a word.

    Examples:
        >>> shape("Meter-00482")
        'Xxxxx-dddd'
    """
    if len(text) >= _LONG:
        return "LONG"
    runs = groupby(map(_class, text))
    return "".join(sign * min(_REPEATED, len(list(run))) for sign, run in runs)


def _class(sign: str) -> str:
    if sign.isalpha():
        return "X" if sign.isupper() else "x"
    return "d" if sign.isdigit() else sign


# spaCy's names (spacy.attrs) of what a word is looked up by.
ATTRIBUTES: dict[str, Callable[[Word, Norms], int]] = {
    "NORM": lambda word, norms: text_id(norm(word, norms)),
    "PREFIX": lambda word, _: text_id(word.text[0]),
    "SUFFIX": lambda word, _: text_id(word.text[-3:]),
    "SHAPE": lambda word, _: text_id(shape(word.text)),
    "SPACY": lambda word, _: int(word.spaced),
    "IS_SPACE": lambda word, _: int(word.text.isspace()),
}


def word_rows(words: list[Word], tables: tuple[Table, ...], norms: Norms) -> NDArray[np.int64]:
    """Return the rows that words are looked up in, (T, 4 A) int64, in A tables one below the other.

    Args:
        words: T of them.
        tables: A of them.
        norms: As `norm` takes them.
    """
    asked = [[ATTRIBUTES[table.attribute](word, norms) for table in tables] for word in words]
    numbers = np.array(asked, np.uint64).reshape(len(words), len(tables))
    sizes = np.array([table.rows for table in tables], np.uint64)
    hashes = hashed_rows(numbers, np.array([table.seed for table in tables], np.uint64))
    rows = hashes % sizes[:, None] + (np.cumsum(sizes) - sizes)[:, None]
    return rows.astype(np.int64).reshape(len(words), ROWS * len(tables))

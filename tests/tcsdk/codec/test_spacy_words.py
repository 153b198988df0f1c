"""Captions are cut and looked up as spaCy does, by values of its own."""

import json
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.spacy_model import REFERENCE, WORDS

from tcsdk.codec.spacy_ids import hashed_rows, text_id
from tcsdk.codec.spacy_rows import ATTRIBUTES, shape
from tcsdk.codec.spacy_tokeniser import SpacyWords
from tcsdk.codec.spacy_words import LONGEST, Word, WordRules

CUTTER = SpacyWords.parse(WORDS.read_text(encoding="utf-8"))
by_text = pytest.mark.parametrize("said", REFERENCE, ids=lambda said: said["text"][:20])


@by_text
def test_words_are_spacys(said):
    assert [word.text for word in CUTTER.rules.words(said["text"])] == said["words"]


@by_text
def test_numbers_that_words_are_looked_up_by_are_spacys(said):
    asked = [ATTRIBUTES[table.attribute] for table in CUTTER.tables]
    words = CUTTER.rules.words(said["text"])
    assert [[ask(word, CUTTER.norms) for ask in asked] for word in words] == said["numbers"]


def test_a_text_has_spacys_number():
    """One of its documentation's, one of its own words', none."""
    assert [text_id(text) for text in ("coffee", "det", "")] == [3197928453018144401, 415, 0]


def test_rows_are_chosen_as_thinc_does():
    """`thinc.api.NumpyOps().hash` of these with seed 8."""
    numbers = np.array([[0], [1], [2**64 - 1]], np.uint64)
    assert hashed_rows(numbers, np.array([8], np.uint64))[:, 0].tolist() == [
        [0, 0, 0, 0],
        [1161550108, 2247783286, 1742325162, 1224191281],
        [2488739950, 2974852181, 1585626277, 2314794624],
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Ab1-", "Xxd-"), ("x" * 9, "xxxx"), ("y" * 99, "xxxx"), ("y" * 100, "LONG"), ("ß٣水", "xdx")],
)
def test_shapes(text, expected):
    assert shape(text) == expected


@given(st.text())
def test_words_and_blanks_are_the_text(text):
    words = CUTTER.rules.words(text)
    assert all(word.text for word in words)
    assert "".join(word.text + " " * word.spaced for word in words) == text


@given(st.text(), st.integers(1, 5))
def test_any_text_has_tokens_within_the_tables(text, length):
    text = text.encode(errors="replace").decode()  # halves of pairs are no caption
    tokens = CUTTER.tokens(text, length)
    words = len(CUTTER.rules.words(text))
    assert tokens.count == words
    assert tokens.numbers.shape == (length, 24)
    assert (tokens.numbers[:words] > 0).all()
    assert not tokens.numbers[words:].any()
    sizes = np.array([[table.rows] for table in CUTTER.tables])
    within = tokens.numbers[:words].reshape(-1, len(sizes), 4) - (np.cumsum(sizes)[:, None] - sizes)
    assert ((within >= 1) & (within <= sizes)).all()


def test_what_is_long_and_without_a_blank_takes_no_longer_than_its_length():
    start = time.process_time()
    words = CUTTER.rules.words("(" * 20_000 + "a" * 20_000)
    assert time.process_time() - start < 20
    assert max(len(word.text) for word in words) == LONGEST


def test_rules_alone_part_nothing_but_blanks():
    assert WordRules().words("a  b,c d") == [
        Word("a", spaced=True),
        Word(" "),
        Word("b,c", spaced=True),
        Word("d"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"tables": []},
        {"tables": [["LEMMA", 5, 8]]},
        {"rules": {}},
        {"exceptions": [1]},
        {"norms": {"a": "b"}},
    ],
    ids=lambda change: str(change)[:20],
)
def test_other_files_are_refused(change):
    said = json.loads(WORDS.read_text(encoding="utf-8")) | change
    with pytest.raises((ValueError, KeyError, AttributeError)):
        SpacyWords.parse(json.dumps(said))

"""Words sent wrong: which they are, and what is read in their places."""

import numpy as np

from benchmarks.guidance.received import Received
from benchmarks.guidance.trust import count, wrong_words
from benchmarks.guidance.wrong_words import WrongWord, count_read, swap
from checks import check_rejects
from tcsdk.codec.sent_text import SentLine


def quad(x, y, width=80, height=12):
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float32)


LINES = [SentLine(f"the {k} he 40{k}", quad(5, 20 * k, 120), "sent") for k in range(40)]


def test_a_fifth_of_the_words_get_one_wrong_letter_at_their_own_places():
    lines, words = swap(LINES, 3)
    assert 0.1 < len(words) / sum(len(line.text.split()) for line in LINES) < 0.3
    for word in words:
        assert len(word.sent) == len(word.read)
        assert sum(a != b for a, b in zip(word.sent, word.read, strict=True)) == 1
        assert word.sent.isdigit() == word.read.isdigit()
    changed = [
        (old, new)
        for before, after in zip(LINES, lines, strict=True)
        for old, new in zip(before.text.split(), after.text.split(), strict=True)
        if old != new
    ]
    assert changed == [(word.read, word.sent) for word in words]
    assert [line.text for line in swap(LINES, 3)[0]] == [line.text for line in lines]


def test_a_word_is_read_as_sent_or_as_it_is_in_its_own_place_alone():
    words = [WrongWord("EXIX", "EXIT", quad(0, 0)), WrongWord("408", "407", quad(0, 50))]
    found = [("exix", quad(4, 1)), ("407", quad(0, 50)), ("408", quad(300, 50))]
    assert count_read(words, found) == (2, 1, 1)
    assert count_read(words, []) == (2, 0, 0)


RIGHT = [Received("Gate 24", quad(0, 0), "Gate 24", False)]
RIGHT += [Received("EXIT", quad(0, 50), "EX", True), Received("A7", quad(0, 80), None, False)]


def test_words_that_differ_from_what_was_read_are_the_wrong_ones():
    (word,) = wrong_words(RIGHT[0], Received("Gate 29", quad(0, 0), None, False))
    assert (word.sent, word.read) == ("29", "24")
    assert word.quad[:, 0].min() > 40


def test_what_is_read_and_not_flagged_is_sure():
    wrong = [
        Received("Gate 29", quad(0, 0), "Gate 24", True),
        Received("EXIX", quad(0, 50), None, False),
        RIGHT[2],
    ]
    shown = [("29", quad(48, 0, 32)), ("EXIX", quad(0, 50))]
    counts = count(RIGHT, wrong, {"ppocr": shown, "english_g2": shown[:1]})
    assert (counts.wrong, counts.flagged) == (2, 1)
    assert (counts.unguided_true, counts.unguided_nothing, counts.unguided_other) == (1, 1, 0)
    assert (counts.read_ppocr, counts.sure_ppocr) == (2, 1)
    assert (counts.read_english_g2, counts.sure_english_g2) == (1, 0)
    assert (counts.right_lines, counts.right_flagged) == (1, 0)
    assert (counts + counts).cells()["wrong"] == "4"


def test_streams_of_other_lines_are_refused():
    check_rejects(lambda: count(RIGHT, RIGHT[:2], {}), ValueError, "same 3 lines", "--cache")

import numpy as np
import pytest

from benchmarks.rate_accuracy import scores
from benchmarks.rate_accuracy.matching import match
from benchmarks.readers import Found, Reading
from benchmarks.sets import KnownLine, Picture

pytestmark = pytest.mark.train


def box(left, top, right, bottom):
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


LINES = (
    KnownLine("4071", box(0, 0, 40, 10)),
    KnownLine("Gate open", box(0, 20, 90, 30)),
    KnownLine("--", box(0, 40, 20, 50)),
)


def picture(unlisted=None):
    blank = np.zeros((60, 100, 3), np.uint8)
    return Picture("p", blank, LINES, np.zeros((60, 100), bool) if unlisted is None else unlisted)


def test_lines_are_counted_and_those_without_alphanumerics_left_out():
    readings = [Reading("4O71", 0.95), Reading("Gate", 0.5), Reading("xx", 1.0)]
    originals = [Reading("4071", 1.0), Reading("Gate open", 1.0), Reading("", 0.0)]
    counts = scores.count_lines(picture(), readings, originals, caseless=False)
    assert (counts.lines, counts.characters) == (2, 12)
    assert (counts.erasures, counts.insertions, counts.substitutions) == (4, 0, 1)
    assert counts.accuracy == pytest.approx(0.75 + 0.5)
    figures = scores.count_lines(picture(), readings, originals, False, figures_only=True)
    assert (figures.lines, figures.characters, figures.substitutions) == (1, 4, 1)


@pytest.mark.parametrize(
    ("confidence", "original", "expected"),
    [(0.95, "4071", (1, 1)), (0.95, "4077", (1, 0)), (0.89, "4071", (0, 0))],
)
def test_confident_substitutions_mislead_where_the_original_was_read_right(
    confidence, original, expected
):
    readings = [Reading("4O71", confidence), Reading("", 0.0), Reading("", 0.0)]
    originals = [Reading(original, 0.99), Reading("", 0.0), Reading("", 0.0)]
    counts = scores.count_lines(picture(), readings, originals, caseless=False)
    assert (counts.confident, counts.misleading) == expected


@pytest.mark.parametrize(
    ("confidences", "expected"),
    [((0.5, 0.95, 0.5, 0.5), (1, 1)), ((0.99, 0.89, 0.99, 0.99), (3, 0)), ((0.95,) * 4, (4, 1))],
)
def test_a_character_is_certain_by_its_own_confidence(confidences, expected):
    readings = [Reading("4O71", 0.95, confidences), Reading("", 0.0), Reading("", 0.0)]
    counts = scores.count_lines(picture(), readings, readings, caseless=False)
    assert (counts.certain, counts.mistaken) == expected


def test_without_confidences_of_characters_nothing_is_said_of_them():
    readings = [Reading("4O71", 0.95), Reading("", 0.0), Reading("", 0.0)]
    counts = scores.count_lines(picture(), readings, readings, caseless=False)
    assert np.isnan([counts.certain, counts.mistaken]).all()
    assert counts.confident == 1


def test_a_line_that_holds_two_words_counts_as_both():
    found = [Found("GATE OPEN", 0.9, box(0, 20, 90, 30)), Found("4071", 0.9, box(1, 0, 40, 10))]
    counts = scores.count_page(picture(), found, caseless=True)
    assert (counts.true, counts.found, counts.matched) == (3, 3, 3)
    assert counts.accuracy == 1.0


def test_words_need_half_the_place_and_all_the_characters():
    true = [("4071", box(0, 0, 40, 10))]
    assert match(true, [("4071", box(0, 0, 40, 19))]).matched == 1
    assert match(true, [("4071", box(0, 0, 40, 21))]).matched == 0
    assert match(true, [("4O71", box(0, 0, 40, 10))]).matched == 0


def test_two_findings_of_one_word_match_once():
    matches = match([("a1", box(0, 0, 20, 10))], [("a1", box(0, 0, 20, 10))] * 2)
    assert (matches.true, matches.found, matches.matched) == (1, 2, 1)


def test_findings_on_unlisted_text_count_neither_way():
    unlisted = np.zeros((60, 100), bool)
    unlisted[40:60] = True
    hidden = Found("cut", 0.9, box(30, 45, 60, 55))
    for mask, expected in ((None, 1), (unlisted, 0)):
        assert scores.count_page(picture(mask), [hidden], caseless=False).found == expected


def test_a_page_without_places_has_a_text_and_no_words():
    blank = np.zeros((60, 100, 3), np.uint8)
    page = Picture("p", blank, (), np.zeros((60, 100), bool), "one two\nthree")
    found = [Found("one two", 0.9, box(0, 0, 70, 10)), Found("three", 0.9, box(0, 20, 50, 30))]
    assert scores.count_page(page, found, False) == scores.PageCounts(pages=1, accuracy=1.0)


def test_a_picture_without_text_counts_nothing():
    blank = np.zeros((60, 100, 3), np.uint8)
    empty = Picture("p", blank, (), np.zeros((60, 100), bool))
    assert scores.count_page(empty, [], False) == scores.PageCounts()

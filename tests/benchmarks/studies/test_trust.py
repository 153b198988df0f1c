"""What trust at the receiver is calibrated on: lines held against what was drawn, and the table."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from benchmarks.pages import trust_table
from benchmarks.sets.picture import KnownLine, Picture
from benchmarks.studies import trust_calibration
from benchmarks.studies.trust_lines import ReadLine, read_lines
from tcsdk import TextLine

pytestmark = pytest.mark.train


def quad(left, top, right, bottom):
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def found(text, left, right, top=10, least=0.9):
    confidences = (least, *[0.99] * (len(text) - 1))
    return TextLine(text, quad(left, top, right, top + 20), 0.95, confidences)


def picture(*lines, unlisted=None):
    mask = np.zeros((100, 300), np.bool_)
    if unlisted:
        mask[unlisted] = True
    known = tuple(KnownLine(text, quad(left, 10, right, 30)) for text, left, right in lines)
    return Picture("p", np.zeros((100, 300, 3), np.uint8), known, mask)


METER = ("00482 17", 10, 110)


@pytest.mark.parametrize(
    ("line", "right", "wrong"),
    [
        (found("0048217", 10, 110), True, 0),
        (found("0048Z17", 10, 110), False, 1),
        (found("048217", 10, 110), False, 0),  # one is missing: another number
        (found("00482", 10, 70), True, 0),  # a part, and all of what it says is there
        (found("00432", 10, 70), False, 1),
        (found("7", 200, 220), False, 1),  # where nothing was drawn
    ],
)
def test_a_line_is_right_if_it_says_what_is_there(line, right, wrong):
    (read,) = read_lines(picture(METER), [line])
    assert (read.right, read.wrong) == (right, wrong)
    assert (read.least, read.mean, read.characters) == (900, 950, len(line.text))


def test_two_known_lines_may_be_found_as_one():
    both = picture(("A 12", 10, 60), ("B 34", 70, 120))
    (read,) = read_lines(both, [found("A12B34", 8, 122)])
    assert (read.right, read.figures) == (True, True)


def test_what_stands_in_text_that_nobody_lists_counts_nowhere():
    cut_off = picture(METER, unlisted=np.s_[10:30, 200:300])
    lines = [found("8", 210, 230), found("--", 10, 60)]
    assert read_lines(cut_off, lines) == []


def test_a_record_comes_back_as_it_was_written():
    for record in (ReadLine(997, 999, 8, 0, True, False), ReadLine(0, 500, 3, 3, False, True)):
        assert ReadLine.parse(str(record)) == record


def test_pictures_that_are_there_are_not_measured_again(tmp_path, monkeypatch):
    file, asked = tmp_path / "rows.csv", []

    def measured(pictures, folders):
        asked.append(list(pictures))
        for k in pictures:
            yield [{"picture": k, "quality": 8, "reader": "ppocr", "lines": "+f997/999/8/0"}]

    monkeypatch.setattr(trust_calibration, "measured", measured)
    trust_calibration.measure(file, range(2), None)
    trust_calibration.measure(file, range(4), None)
    assert asked == [[0, 1], [2, 3]]
    with file.open(newline="") as opened:
        assert [row["picture"] for row in csv.DictReader(opened)] == ["0", "1", "2", "3"]


def test_each_quality_has_pictures_that_calibrate_and_pictures_that_test():
    pairs = {(trust_calibration.quality_of(k), trust_calibration.is_test(k)) for k in range(12)}
    assert len(pairs) == 2 * len(trust_calibration.QUALITIES)


def test_the_shipped_thresholds_are_those_of_the_record():
    made = trust_table.cells(trust_calibration.FILE)
    written = trust_table.TABLE.read_text(encoding="utf-8")
    assert written == trust_table.module(made, trust_table.ALPHA), (
        "make it again: python -m benchmarks.pages.trust_table"
    )


def test_over_other_splits_no_more_lines_are_wrong_and_believed_than_promised():
    for cell in trust_table.cells(trust_calibration.FILE):
        assert 0 < np.mean(cell.split_again(trust_table.ALPHA)) <= 1.1 * trust_table.ALPHA

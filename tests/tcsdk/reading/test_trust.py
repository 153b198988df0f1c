"""What a receiver doubts by itself, and how the threshold for that is found."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcsdk.reading.lines import TextLine
from tcsdk.reading.trust import Calibrated, calibrated_for, doubted, sureness
from tcsdk.reading.trust_calibration import NONE_ENOUGH, allowed_mistakes, least_sureness
from tcsdk.reading.trust_table import ALPHA, CALIBRATED

LINE = TextLine("B-8 4", np.zeros((4, 2), np.float32), 0.9, (0.9, 0.2, 0.7, 0.1, 0.95))
ROWS = (Calibrated("ppocr", 1, 77, 8, 0.8), Calibrated("ppocr", 1, 77, 16, 0.6))


def test_a_worked_example_of_conformal_risk_control():
    """Nine lines, alpha 0.3: (k + 1) / 10 <= 0.3 allows two mistakes, so the third best is out."""
    sure = [0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]
    right = [True, False, True, False, True, False, True, False, False]
    assert allowed_mistakes(9, 0.3) == 2
    assert least_sureness(sure, right, 0.3) == 0.601
    assert least_sureness(sure, right, 0.2) == 0.801
    assert least_sureness(sure, right, 0.1) == 0.951
    assert least_sureness(sure, right, 0.05) == NONE_ENOUGH  # one line to come may be wrong
    assert least_sureness(sure, right, 0.6) == 0.0


@pytest.mark.parametrize(
    ("sure", "right", "alpha"), [([], [], 0.1), ([0.5], [True], 0.0), ([0.5, 0.6], [True], 0.1)]
)
def test_calibration_refuses_what_says_nothing(sure, right, alpha):
    with pytest.raises(ValueError, match="expected"):
        least_sureness(sure, right, alpha)


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.booleans()), min_size=1, max_size=60),
    st.sampled_from([0.05, 0.1, 0.25, 0.5]),
)
def test_the_threshold_is_the_lowest_that_keeps_the_risk(lines, alpha):
    sure, right = [s / 1000 for s, _ in lines], [ok for _, ok in lines]

    def risk(least):
        wrong = sum(s >= least and not ok for s, ok in zip(sure, right, strict=True))
        return (wrong + 1) / (len(lines) + 1)

    least = least_sureness(sure, right, alpha)
    if least == NONE_ENOUGH:
        assert 1 / (len(lines) + 1) > alpha
    else:
        assert risk(least) <= alpha + 1e-12
        assert least == 0.0 or risk(least - 0.001) > alpha


def test_risk_is_kept_on_lines_to_come():
    """Drawn again and again, as the theorem says it: on average over calibrations."""
    rng = np.random.default_rng(4)
    risks = []
    for _ in range(300):
        sure = np.floor(1000 * rng.random(200)) / 1000
        right = rng.random(200) < 0.4 + 0.6 * sure
        least = least_sureness(sure.tolist(), right.tolist(), 0.1)
        fresh = np.floor(1000 * rng.random(500)) / 1000
        wrong = rng.random(500) >= 0.4 + 0.6 * fresh
        risks.append(float((wrong & (fresh >= least)).mean()))
    assert 0.08 < np.mean(risks) <= 0.102


def test_a_line_is_as_sure_as_its_least_sure_letter_or_digit():
    assert sureness(LINE) == 0.7
    assert sureness(replace(LINE, confidences=())) == 0.9


@pytest.mark.parametrize(("quality", "least"), [(8, 0.8), (15, 0.8), (16, 0.6), (63, 0.6)])
def test_a_stream_has_the_row_at_or_below_its_quality(quality, least):
    row = calibrated_for(ROWS, "ppocr", 1, 77, quality)
    assert row is not None
    assert row.least == least


@pytest.mark.parametrize("asked", [("ppocr", 1, 77, 7), ("ppocr", 1, 78, 8), ("fast", 1, 77, 8)])
def test_nothing_is_promised_of_what_was_not_calibrated(asked):
    assert calibrated_for(ROWS, *asked) is None


def test_only_what_nobody_has_verified_is_doubted():
    unsure = doubted([LINE], ROWS[0])
    assert [line.trust for line in unsure] == ["doubtful"]
    assert [line.trust for line in doubted([LINE], ROWS[1])] == ["unverified"]
    assert [line.trust for line in doubted([LINE], None)] == ["unverified"]
    for kept in (replace(LINE, trust="verified"), replace(LINE, source="sent", trust="sent")):
        assert doubted([kept], ROWS[0]) == [kept]


def test_the_table_has_rising_qualities_and_sane_thresholds():
    assert 0 < ALPHA < 0.1
    assert CALIBRATED
    for row, following in pairwise(CALIBRATED):
        same = (row.reader, row.wire_id) == (following.reader, following.wire_id)
        assert not same or row.quality < following.quality
    assert all(0 < row.least <= NONE_ENOUGH for row in CALIBRATED)

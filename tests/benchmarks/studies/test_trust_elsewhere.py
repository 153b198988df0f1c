"""Doubt where nothing is promised: what is counted."""

import pytest

from benchmarks.studies.trust_calibration import QUALITIES
from benchmarks.studies.trust_elsewhere import row_of
from benchmarks.studies.trust_lines import SHIPPED, ReadLine
from tcsdk.reading.trust_table import CALIBRATED

pytestmark = pytest.mark.train


def line(least: int, right: bool) -> ReadLine:
    return ReadLine(least, least, 5, 0 if right else 1, right, False)


@pytest.mark.parametrize("quality", QUALITIES)
def test_lines_are_held_against_the_threshold_of_their_quality(quality):
    (least,) = [c.least for c in CALIBRATED if (c.reader, c.quality) == (SHIPPED, quality)]
    at = round(1000 * least)
    lines = [line(at, True), line(at, False), line(at - 1, False), line(at - 1, True)]
    row = row_of("scene", quality, lines)
    assert row == {
        "set": "scene",
        "quality": str(quality),
        "lines": "4",
        "wrong": "2",
        "not doubted": "2",
        "wrong and not doubted": "1",
    }

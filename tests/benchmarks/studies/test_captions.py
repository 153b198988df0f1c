"""The study of captions, on the small encoder that is told some."""

import csv

import numpy as np
import pytest
from support.small_model import CAPTIONED, MODEL, smooth_picture

from benchmarks.sets.captioned import told, without_text
from benchmarks.studies.captions import (
    CODEC,
    PAIRS,
    Stream,
    as_text,
    comparisons,
    streams,
    verdict,
    write,
)
from checks import check_rejects
from tcsdk.train.codec.captions import CONSTANT

QUALITIES = (20, 40, 60)


@pytest.fixture(scope="module")
def rows():
    pictures = [(str(n), smooth_picture(96 + 16 * n, 64)) for n in range(4)]
    captions = ["a red sign", "a wall with a door", "two cats", "grass"]
    seen = [without_text(pixels, c) for (_, pixels), c in zip(pictures, captions, strict=True)]
    return list(streams(CAPTIONED, "waves", told(pictures, seen), QUALITIES))


def test_every_picture_gets_every_caption_at_every_quality(rows):
    assert len(rows) == 4 * 3 * 5
    assert {row.given for row in rows} == {"true", "shuffled", "constant", "none", CODEC}
    assert all(row.bytes > 0 and row.psnr > 10 and row.distance > 0 for row in rows)
    of = {(row.picture, row.quality, row.given): row for row in rows}
    assert any(of["0", q, "true"].bytes != of["0", q, "constant"].bytes for q in QUALITIES)
    for key in (("0", 40), ("3", 20)):  # the small encoder without a caption is its codec's
        none, codec = (of[(*key, given)] for given in ("none", CODEC))
        assert (none.bytes, none.distance) == (codec.bytes, codec.distance)


def test_comparisons_of_equal_streams_find_nothing(rows):
    found = [c for c in comparisons(rows) if (c.given, c.over) == PAIRS[3]]
    same = [
        Stream(r.model, r.pictures, r.picture, r.quality, given, r.bytes, r.psnr, r.distance)
        for r in rows
        if r.given == "none"
        for given in ("true", "shuffled", "constant", "none", CODEC)
    ]
    for c in comparisons(same):
        assert (c.difference, c.low, c.high) == pytest.approx((0, 0, 0))
        assert c.verdict == ("equivalent" if c.measure.startswith("bytes") else "")
    assert {c.measure for c in found} == {c.measure for c in comparisons(same)}


def test_a_difference_is_found_and_paired():
    """Streams of "true" are 10 % smaller at equal pictures, whatever each picture's size."""
    made = [
        Stream("m", "s", str(p), q, given, round(size * (0.9 if given == "true" else 1)), q, 1 / q)
        for p in range(8)
        for q in (10, 20, 30)
        for given in ("true", "shuffled", "constant", "none", CODEC)
        for size in [100 * q * (1 + p**2)]
    ]
    of = {(c.given, c.over, c.quality, c.measure): c for c in comparisons(made)}
    for measure in ("bytes_at_equal_distance_%", "bytes_at_equal_psnr_%"):
        c = of["true", "constant", "all", measure]
        assert (c.difference, c.low, c.high) == pytest.approx((-10, -10, -10), abs=0.01)
        assert (c.count, c.verdict) == (8, "different")
        assert of["constant", "none", "all", measure].verdict == "equivalent"
    assert of["true", "none", "20", "bytes_%"].difference == pytest.approx(-10)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.9, 0.9, "equivalent"),
        (0.1, 0.9, "equivalent"),
        (0.1, 1.2, "different"),
        (-3.0, -1.1, "different"),
        (-0.1, 1.2, "inconclusive"),
        (float("nan"), float("nan"), "inconclusive"),
    ],
)
def test_verdicts(low, high, said):
    assert verdict(low, high) == said


def test_tables_are_written_and_rows_replaced(rows, tmp_path):
    first = write(rows, tmp_path)
    assert list(map(as_text, write(rows, tmp_path))) == list(map(as_text, first))
    with (tmp_path / "captions_pictures.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(rows)
    with (tmp_path / "captions.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == len(first) == len(PAIRS) * (3 * len(QUALITIES) + 2)
    assert {row["model"] for row in table} == {"small-captioned-fp32"}


def test_captions_are_exchanged_as_in_training():
    pixels = np.zeros((64, 64, 3), np.uint8)
    seen = [without_text(pixels, caption) for caption in ("a door", "a wall")]
    one, other = told([("a", pixels), ("b", pixels)], seen)
    assert one.captions == {
        "true": "a door",
        "shuffled": "a wall",
        "constant": CONSTANT,
        "none": None,
    }
    assert other.captions["shuffled"] == "a door"
    check_rejects(lambda: told([("a", pixels)] * 2, seen[:1] * 2), ValueError, "twice in a row")


def test_a_model_that_is_told_nothing_is_refused():
    check_rejects(lambda: list(streams(MODEL, "x", [], QUALITIES)), ValueError, "small")

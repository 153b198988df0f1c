"""Super-resolution judged by reading: what is drawn, what is counted, rows of both."""

import csv
import math

import numpy as np
import pytest

from benchmarks.readers.reading import Reading
from benchmarks.sets import Folders
from benchmarks.super_resolution.__main__ import main
from benchmarks.super_resolution.scores import by_bin, scored
from benchmarks.super_resolution.words import Word, cut_out, rendered, stretched

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("assets")]
GREY = np.full((16, 64, 3), 128, np.uint8)
LARGE = np.full((32, 128, 3), 128, np.uint8)


def test_rendered_words_have_three_bins_and_are_the_same_each_time(tmp_path):
    words = list(rendered(1, Folders(tmp_path, None)))
    again = list(rendered(1, Folders(tmp_path, None)))
    assert [word.bin for word in words] == ["easy", "medium", "hard"]
    assert all(np.array_equal(a.low, b.low) for a, b in zip(words, again, strict=True))
    assert words[0].low.shape == (16, 64, 3)
    assert words[0].high.shape == (32, 128, 3)


def test_wrong_characters_count_as_invented_where_the_reader_was_sure():
    words = [Word(GREY, LARGE, "AB-12", "easy"), Word(GREY, LARGE, "cd", "hard")]
    readings = [Reading("ab12", 0.9, (0.9,) * 4), Reading("xd", 0.7, (0.95, 0.4))]
    score = scored(words, [LARGE, LARGE + 16], readings)
    assert (score.words, score.right) == (2, 0.5)
    assert score.invented == pytest.approx(1000 / 6)
    unsure = scored(words[1:], [LARGE], [Reading("xd", 0.7, (0.5, 0.4))])
    assert (unsure.right, unsure.invented) == (0.0, 0.0)


def test_bins_are_counted_apart_and_together():
    words = [Word(GREY, None, "ab", "easy"), Word(GREY, None, "cd", "hard")]
    readings = [Reading("ab", 1.0), Reading("ce", 0.1)]
    found = dict(by_bin(words, [LARGE, LARGE], readings))
    assert {name: score.right for name, score in found.items()} == {
        "easy": 1,
        "hard": 0,
        "all": 0.5,
    }
    assert math.isnan(found["all"].psnr)
    assert list(dict(by_bin(words[:1], [LARGE], readings[:1]))) == ["easy"]


def test_quads_are_cut_out_in_their_own_size():
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[10:20, 5:35] = 255
    quad = np.array([(5, 10), (35, 10), (35, 20), (5, 20)], np.float32)
    cut = cut_out(picture, quad)
    assert cut.shape == (10, 30, 3)
    assert cut.min() == 255
    assert stretched(cut, (16, 64)).shape == (16, 64, 3)


@pytest.mark.ocr
def test_a_row_for_each_bin_and_reader(tmp_path, capsys):
    asked = "--sets rendered --count 1 --readers ppocr --threads 1 --data"
    ways = ["--enlargers", "bicubic", "good shot"]
    main([*asked.split(), str(tmp_path), "--results", str(tmp_path), *ways])
    with (tmp_path / "super_resolution.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["bin"] for row in rows] == ["easy", "medium", "hard", "all"] * 2
    assert {row["psnr"] for row in rows if row["enlarger"] == "good shot"} == {"99.00"}
    assert capsys.readouterr().out.count("| ppocr |") == 8

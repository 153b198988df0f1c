"""The small reader's study: rows say what was measured, and replace those of before."""

import csv

import pytest

from benchmarks.studies import small_reader

pytestmark = [pytest.mark.train, pytest.mark.ocr, pytest.mark.usefixtures("assets")]


def rows_of(file):
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


def test_accuracy_has_a_row_for_each_reader(tmp_path, capsys):
    asked = "accuracy --sets figures --pictures 2 --readers reader-int8 ppocr --results"
    small_reader.main([*asked.split(), str(tmp_path)])
    rows = rows_of(tmp_path / "small_reader_accuracy.csv")
    assert [row["reader"] for row in rows] == ["ppocr", "reader-int8"]
    assert all(0 < float(row["accuracy"]) <= 1 for row in rows)
    assert len({row["lines"] for row in rows}) == 1
    assert capsys.readouterr().out.count("figures") == 2


def test_time_is_measured_in_one_process(tmp_path):
    asked = "time --sets rendered --pictures 1 --repeats 1 --threads 1 --results"
    small_reader.main([*asked.split(), str(tmp_path)])
    (row,) = rows_of(tmp_path / "small_reader_time.csv")
    ratio = float(row["fast, ms"]) / float(row["ppocr, ms"])
    assert float(row["fast / ppocr"]) == pytest.approx(ratio, rel=0.05, abs=0.002)

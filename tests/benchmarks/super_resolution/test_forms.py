"""What forms of models weigh and do, and how long a word takes on a device."""

from __future__ import annotations

import csv

import pytest

from benchmarks.super_resolution import forms, speed

pytestmark = pytest.mark.train


def rows_of(file):
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


def test_each_form_of_a_reader_has_a_row_and_forms_for_gpus_are_made_in_a_copy(tmp_path):
    asked = ["--models", "reader", "--count", "1", "--threads", "1", "--data", str(tmp_path)]
    forms.main([*asked, "--results", str(tmp_path)])
    rows = rows_of(tmp_path / forms.FILE)
    assert {row["precision"] for row in rows} == {"fp32", "int8", "fp16", "s8s8"}
    assert {row["words"] for row in rows} == {"3"}
    sizes = {row["precision"]: int(row["bytes"]) for row in rows}
    assert sizes["int8"] < sizes["s8s8"] < sizes["fp32"]


@pytest.mark.ocr
def test_a_word_is_timed_in_each_precision_of_a_device(tmp_path):
    asked = ["--device", "cpu", "--threads", "1", "--words", "2", "--data", str(tmp_path)]
    speed.main([*asked, "--results", str(tmp_path)])
    rows = rows_of(tmp_path / speed.FILE)
    assert [(row["device"], row["precision"]) for row in rows] == [
        ("cpu", "fp32"),
        ("cpu", "int8"),
        ("cpu", "w4"),
    ]
    assert all(float(row["a word, ms"]) > 0 for row in rows)

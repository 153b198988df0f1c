"""Rows of results take the place of those that say the same thing."""

import csv

import pytest

from benchmarks.record import record


def test_rows_replace_those_of_the_same_name_and_are_in_order(tmp_path):
    file = tmp_path / "new" / "made.csv"
    for name, count in (("b", "1"), ("a", "2"), ("b", "3")):
        record(file, [{"set": name, "reader": "x", "n": count}], ("set", "reader"))
    with file.open(newline="") as opened:
        rows = [(row["set"], row["n"]) for row in csv.DictReader(opened)]
    assert rows == [("a", "2"), ("b", "3")]


def test_rows_of_other_columns_leave_the_table_as_it_was(tmp_path):
    file = tmp_path / "made.csv"
    record(file, [{"set": "a", "n": "1"}], ("set",))
    before = file.read_bytes()
    with pytest.raises(ValueError, match="fields not in fieldnames"):
        record(file, [{"set": "b", "other": "2"}], ("set",))
    assert file.read_bytes() == before

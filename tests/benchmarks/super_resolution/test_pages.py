"""The page of super-resolution says what its rows say."""

import csv

import pytest
from PIL import Image

from benchmarks.pages.super_resolution import bits_table, main, table
from benchmarks.pages.word_crops import main as draw

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("assets")]


def row(way, reader, blur, right, psnr="20.00"):
    named = {"set": "rendered", "enlarger": way, "reader": reader, "bin": blur, "words": "2"}
    return {**named, "right": right, "invented per 1000": "1.0", "psnr": psnr}


ROWS = [
    row("bicubic", "b", "easy", "0.5000"),
    row("bicubic", "b", "all", "0.2500"),
    row("good shot", "a", "easy", "1.0000", "99.00"),
    row("good shot", "a", "all", "0.7500", "99.00"),
]


def test_a_line_for_each_reader_and_enlarger():
    lines = table(ROWS).splitlines()
    assert lines[2:] == [
        "| a | good shot | 100.0 | 75.0 | 1.0 | - |",
        "| b | bicubic | 50.0 | 25.0 | 1.0 | 20.00 |",
    ]


def test_both_ways_of_clipping_stand_beside_each_other():
    common = {"bits": "4", "megabits": "1.50", "psnr": "20.00"}
    rows = [
        {**common, "quantised": "none", "bits": "32", "clip": "none", "right": "0.5"},
        {**common, "quantised": "SR", "clip": "aciq", "right": "0.4"},
        {**common, "quantised": "SR", "clip": "minmax", "right": "0.1", "psnr": "9.00"},
    ]
    assert bits_table(rows).splitlines()[2:] == [
        "| none | 32 | 1.50 | 50.0 | 20.00 | 50.0 | 20.00 |",
        "| SR | 4 | 1.50 | 40.0 | 20.00 | 10.0 | 9.00 |",
    ]


def test_the_page_is_made_of_the_rows(tmp_path):
    with (tmp_path / "super_resolution.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(ROWS[0]))
        writer.writeheader()
        writer.writerows(ROWS)
    main(["--results", str(tmp_path), "--output", str(tmp_path / "page.md")])
    page = (tmp_path / "page.md").read_text()
    assert table(ROWS) in page
    assert "Fewer bits" not in page


@pytest.mark.ocr
def test_words_are_drawn_with_what_is_read(tmp_path):
    asked = ["--count", "1", "--readers", "ppocr", "--data", str(tmp_path)]
    draw([*asked, "--output", str(tmp_path / "words.png")])
    with Image.open(tmp_path / "words.png") as made:
        assert made.width == 8 + 3 * (8 + 256)
        assert len(made.getcolors(1 << 20)) > 100

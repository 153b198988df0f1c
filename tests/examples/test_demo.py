"""examples/demo.py: what it says of a text, and the search for the smallest file."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from support.scripts import ROOT, load_script

DEMO = load_script("examples/demo.py")


def test_accuracy_counts_letters_and_digits_alone():
    assert DEMO.accuracy("AB-12", "ab 12") == 0.5
    assert DEMO.accuracy("AB-12", "A B 1 2") == 1.0
    assert DEMO.accuracy("abcd", "abxcd") == 0.8
    assert DEMO.accuracy("", "") == 1.0


def test_what_was_misread_is_marked_with_what_the_original_says():
    lines = DEMO.marked("PUMP 7\nTX-4071-B", "PUMP7\nTX-4071-8")
    assert lines == ["PUMP7", "TX-4071-8   <- misread, the original says: TX-4071-B"]
    assert DEMO.marked("", "x") == ["x   <- misread, the original says: nothing"]


@pytest.mark.ocr
def test_the_search_ends_at_the_smallest_file_that_reads_well_enough_or_says_that_none_does():
    with Image.open(ROOT / "examples" / "pictures" / "label.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    truth = DEMO.text_of(pixels)
    code = DEMO.peers(pixels)["JPEG"]
    assert "PUMP STATION 7" in truth
    assert DEMO.smallest(code, 3, truth, 0.0).quality == 0
    assert DEMO.smallest(code, 3, truth, 1.01) is None


def test_pictures_stand_two_in_a_row():
    levels = dict.fromkeys("abc", None)
    pictures = {name: np.full((10, 20, 3), 50 * i, np.uint8) for i, name in enumerate(levels)}
    sheet = np.asarray(DEMO.sheet_of(pictures))
    assert sheet.shape == (2 * (10 + DEMO.CAPTION), 2 * 20 + DEMO.GAP, 3)
    assert (sheet[DEMO.CAPTION : DEMO.CAPTION + 10, 20 + DEMO.GAP :] == 50).all()
    assert (sheet[2 * DEMO.CAPTION + 10 :, :20] == 100).all()

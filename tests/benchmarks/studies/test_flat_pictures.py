import numpy as np
import pytest
from support.small_model import MODEL, smooth_picture

from benchmarks.studies.flat_pictures import Said, as_jpeg, row, what_is_said
from tcsdk import Encoder

pytestmark = pytest.mark.train


def test_a_case_becomes_a_row_of_counts():
    said = [Said(0.1, 900, ""), Said(0.5, 5000, "flat"), Said(0.7, 6000, "flat")]
    assert row("screens", 0, said) == "| screens | 3 | 0.10 0.50 0.70 | 5000 | 0 | 2 |"
    assert row("screens", 85, said).startswith("| screens, as JPEG of quality 85 | 3 |")


def test_pictures_are_asked_about_as_an_encoder_would():
    encoder = Encoder(MODEL, device="cpu", threads=1)
    smooth = smooth_picture(64, 48)
    said = what_is_said(encoder, smooth)
    assert said == Said(0.0, len(encoder.encode(smooth)), "")
    assert what_is_said(encoder, np.zeros((600, 800, 3), np.uint8)).share == 1.0


def test_a_jpeg_on_the_way_leaves_its_traces():
    smooth = smooth_picture(64, 48)
    assert 0 < np.abs(as_jpeg(smooth, 50).astype(int) - smooth).max() < 60

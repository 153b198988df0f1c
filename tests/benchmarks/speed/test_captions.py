"""What a caption costs is a row for each precision, number of threads and clock."""

import csv

import pytest
from support.small_model import CAPTIONED, MODEL, smooth_picture

from benchmarks.speed.captions import CLOCKS, FILE, main, medians
from tcsdk.model.find import find_model


def test_every_way_to_encode_takes_time():
    model, _ = find_model(CAPTIONED)
    found = medians(model, "fp32", 1, smooth_picture(96, 64), 3, CLOCKS["wall"])
    assert set(found) == {"codec", "no_caption", "caption", "text_encoder"}
    assert found["codec"] > 0 < found["text_encoder"]


def test_rows_are_recorded(tmp_path):
    for _ in range(2):
        arguments = [str(CAPTIONED), "--turns", "1", "--machine", "a desk"]
        main([*arguments, "--results", str(tmp_path)])
    with (tmp_path / FILE).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["precision"], row["threads"], row["clock"]) for row in rows] == [
        (precision, threads, clock)
        for precision in ("fp32", "int8")
        for threads in "12"
        for clock in sorted(CLOCKS)
    ]
    for row in rows:
        over = 100 * (float(row["caption_ms"]) / float(row["codec_ms"]) - 1)
        assert float(row["over_codec_%"]) == pytest.approx(over, rel=0.02, abs=2)
        assert row["machine"] == "a desk"


def test_a_model_that_is_told_nothing_is_refused():
    with pytest.raises(SystemExit):
        main([str(MODEL)])

import sys

import pytest

bench = pytest.importorskip(
    "benchmarks.rate_accuracy", reason="needs the [bench] extra: make test-train"
)

pytestmark = pytest.mark.train

NAN = float("nan")


def rows_of(codec, *points):
    """One row per (bytes, accuracy of ppocr, accuracy of tesseract)."""
    return [bench.Row("set", 1, codec, "q", b, 1.0, 30.0, p, t) for b, p, t in points]


AVIF = rows_of("avif", (400, 0.5, 0.2), (1600, 0.97, 0.8))
ORIGINAL = rows_of("original", (90000, 0.99, 0.82))


def test_accuracy_points_stay_below_what_the_reader_reaches_at_all():
    assert bench.accuracy_point(AVIF, "tesseract") == 0.95
    assert bench.accuracy_point([*AVIF, *ORIGINAL], "tesseract") == pytest.approx(0.80)
    assert bench.accuracy_point([*AVIF, *ORIGINAL], "ppocr") == 0.95


def test_table_has_bytes_and_ratios_per_codec_and_reader():
    ours = rows_of("tfic", (300, 0.90, 0.85), (500, 1.0, 0.9))
    low = rows_of("jpeg", (700, 0.1, 0.0), (3200, 0.95, 0.3))
    header, _, *lines = bench.table([*ORIGINAL, *ours, *AVIF, *low]).splitlines()
    assert header == (
        "| codec | bytes at 0.950 of ppocr | of AVIF's | bytes at 0.800 of tesseract | of AVIF's |"
    )
    # Half way in log bytes: sqrt(300 * 500) = 387. AVIF: 400 * 4 ** (0.45 / 0.47) = 1508.
    assert lines == [
        "| tfic | 387 | 0.26 | under 300 | - |",
        "| avif | 1508 | 1.00 | 1600 | 1.00 |",
        "| jpeg | 3200 | 2.12 | not reached | - |",
    ]


def test_readers_that_did_not_run_have_no_column():
    assert "tesseract" not in bench.table(rows_of("avif", (400, 0.5, NAN), (1600, 0.97, NAN)))
    assert bench.table(rows_of("avif", (400, NAN, NAN))) == ""


def test_table_is_printed_and_written_beside_the_csv(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bench, "SETS", {"scene": lambda count: [None] * count})
    monkeypatch.setattr(bench, "points", lambda codec: AVIF)
    monkeypatch.setattr(bench, "measure", lambda row, *_: row)
    output = tmp_path / "measured.csv"
    arguments = ["--set", "scene", "--codecs", "avif", "--output", str(output)]
    monkeypatch.setattr(sys, "argv", ["rate_accuracy", *arguments])
    bench.main()
    text = output.with_suffix(".md").read_text()
    assert text == bench.table(AVIF)
    assert text in capsys.readouterr().out
    assert len(output.read_text().splitlines()) == 3

from dataclasses import asdict
from functools import partial

import pytest

from benchmarks.rate_accuracy import tables
from benchmarks.rate_accuracy.plots import plot
from benchmarks.rate_accuracy.rows import Row, read_rows, write_rows

pytestmark = pytest.mark.train
row_of = partial(Row, "set", 1, "d")


def around(accuracy):
    """An accuracy and its interval."""
    return {
        "accuracy": accuracy,
        "accuracy_low": accuracy - 0.125,
        "accuracy_high": accuracy + 0.125,
    }


def rows_of(codec, *points):
    """Two rows per (bytes, accuracy of ppocr, accuracy of tesseract)."""
    return [
        row_of(codec, "v1, fast", f"q{i}", reader, b, b / 100, psnr=30.0 + i, **around(a))
        for i, (b, *read) in enumerate(points)
        for reader, a in zip(("ppocr", "tesseract"), read, strict=True)
    ]


AVIF = rows_of("avif", (400, 0.5, 0.2), (1600, 0.97, 0.8))
ORIGINAL = rows_of("original", (90000, 0.99, 0.82))
OURS = rows_of("tfic", (300, 0.90, 0.85), (500, 1.0, 0.9))


def test_bytes_table_has_bytes_and_ratios_per_codec_and_reader():
    low = rows_of("jpeg", (700, 0.1, 0.0), (3200, 0.95, 0.3))
    table = tables.bytes_table([*ORIGINAL, *OURS, *AVIF, *low])
    header, _, *lines = table.splitlines()
    assert header == (
        "| codec | bytes at 0.950 of ppocr | of AVIF's | bytes at 0.800 of tesseract | of AVIF's |"
    )
    # Half way in log bytes: sqrt(300 * 500) = 387. AVIF: 400 * 4 ** (0.45 / 0.47) = 1508.
    assert lines == [
        "| tfic | 387 | 0.26 | under 300 | - |",
        "| avif | 1508 | 1.00 | 1600 | 1.00 |",
        "| jpeg | 3200 | 2.12 | not reached | - |",
    ]


def test_bd_table_sets_every_codec_against_every_other():
    halved = rows_of("half", (200, 0.5, 0.2), (800, 0.97, 0.8))
    lines = tables.bd_table([*ORIGINAL, *halved, *AVIF], "accuracy").splitlines()
    assert lines[0] == "| bytes of ... against | half | avif |"
    assert lines[2] == "| half (ppocr) |  | -50 |"
    assert lines[3] == "| avif (ppocr) | +100 |  |"


def test_rates_of_wrong_figures_are_compared_at_equal_accuracy():
    def rows(codec, *points):
        """A row per (accuracy on figures, confident by line, mistaken by character)."""
        return [
            row_of(
                *(codec, "v", f"q{i}", reader, 100.0, 1.0),
                figures_accuracy=accuracy,
                figures_confident=confident,
                figures_mistaken=mistaken if reader == "ppocr" else float("nan"),
            )
            for i, (accuracy, confident, mistaken) in enumerate(points)
            for reader in ("ppocr", "tesseract")
        ]

    measured = [
        *rows("original", (0.99, 1.0, 2.0)),
        *rows("a", (0.8, 20.0, 30.0), (1.0, 0.0, 10.0)),
    ]
    by_line = tables.wrong_table(measured, "figures_confident").splitlines()
    assert by_line[2] == "| a | ppocr | 20.0 | 10.0 | 5.0 |"
    assert by_line[3].startswith("| a | tesseract |")
    by_character = tables.wrong_table(measured, "figures_mistaken").splitlines()[2:]
    assert by_character == [
        "| a | ppocr | 30.0 | 20.0 | 15.0 |",
        "| original | ppocr | 2.0 | 2.0 | 2.0 |",
    ]
    assert set(tables.SURE) == {"figures_confident", "figures_mistaken"}


def test_digits_and_codes_have_a_line_per_point_with_a_dash_for_what_was_not_counted():
    counts = {"erasures": 1, "substitutions": 9, "confident": 2, "misleading": 2, "certain": 951}
    figures = {f"figures_{name}": float(count) for name, count in counts.items()}
    row = row_of("a", "v", "q8", "ppocr", 100.0, 1.0, **figures)
    _, _, line = tables.figures_table([*AVIF, row]).splitlines()
    assert line == "| a | q8 | ppocr | 1.0 | 9.0 | 2.0 | 2.0 | 951.0 | - |"
    assert tables.figures_table(AVIF) == ""


def test_a_set_is_judged_by_reading_where_there_was_any():
    assert tables.headline(AVIF) == "accuracy"
    fidelity = [Row("set", 1, "d", "a", "v", "q8", "", 100.0, 1.0, psnr=30.0)]
    assert tables.headline(fidelity) == "psnr"
    with pytest.raises(ValueError, match="accuracy, f1, psnr"):
        tables.headline([])


def test_what_was_not_measured_has_no_table():
    assert tables.bytes_table(AVIF, "f1") == ""
    assert tables.bd_table(ORIGINAL, "accuracy") == ""
    assert "F1 of words" not in tables.report([*ORIGINAL, *AVIF])


def test_rows_come_back_from_their_file(tmp_path):
    path = tmp_path / "rows.csv"
    write_rows([*ORIGINAL, *AVIF], path)
    again = read_rows(path)
    for one, two in zip(again, [*ORIGINAL, *AVIF], strict=True):
        assert asdict(one) == pytest.approx(asdict(two), nan_ok=True)
    assert list(tmp_path.iterdir()) == [path]


def test_rows_of_another_kind_are_refused(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("set,pictures,codec,setting,bytes,bpp,psnr,ppocr,tesseract\n")
    with pytest.raises(ValueError, match="measure it again"):
        read_rows(path)


def test_plots_are_drawn_where_there_is_something_to_draw(tmp_path):
    pytest.importorskip("matplotlib", reason="needs the [bench] extra: make test-train")
    path = tmp_path / "plots" / "accuracy.png"
    assert plot([*ORIGINAL, *OURS, *AVIF], "accuracy", path)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert not plot(AVIF, "f1", tmp_path / "plots" / "f1.png")
    assert list(path.parent.iterdir()) == [path]

from functools import partial

import pytest
from PIL import Image

from benchmarks.pages.results import main
from benchmarks.rate_accuracy.rows import Row, write_rows

pytestmark = pytest.mark.train


def curve(set_name, codec, scale, **values):
    """Three points whose bytes are `scale` times those of another codec at the same PSNR."""
    row_of = partial(Row, set_name, 7, "d", codec, "v")
    return [
        row_of(f"q{i}", "", scale * 100.0 * 2**i, 0.1 * 2**i, psnr=30.0 + i, **values)
        for i in range(3)
    ]


@pytest.fixture
def folder(tmp_path):
    """A folder of pages, with the CSV files of two runs beside it and a page written by hand."""
    results = tmp_path / "results"
    rows = [*curve("natural", "half", 0.5), *curve("natural", "avif", 1.0)]
    write_rows(rows, results / "rate_accuracy_natural.csv")
    write_rows(rows[3:], results / "rate_accuracy_natural-more.csv")
    (tmp_path / "pages" / "images").mkdir(parents=True)
    (tmp_path / "pages" / "speed.md").write_text("# How fast\n")
    main(["--results", str(results), "--output", str(tmp_path / "pages")])
    return tmp_path / "pages"


def test_every_file_of_rows_has_a_page_with_its_tables_and_plots(folder):
    text = (folder / "natural.md").read_text()
    assert text.startswith("# natural\n")
    assert "`benchmarks/results/rate_accuracy_natural.csv`" in text
    assert "| half |  | -50 |" in text
    assert "rate_accuracy --sets natural --count 7 --ways --readers --codecs half avif\n" in text
    assert "(images/natural_psnr.png)" in text
    assert (folder / "images" / "natural_psnr.png").exists()
    assert (folder / "natural-more.md").exists()


def test_the_first_page_has_a_line_per_set_and_names_the_pages_written_by_hand(folder):
    text = (folder / "README.md").read_text()
    assert "| [natural](natural.md) | 7 | PSNR | - | -50 |" in text
    assert "| [natural-more](natural-more.md) | 7 | PSNR | - | - |" in text
    assert "- [How fast](speed.md)" in text
    assert "crops.jpg" not in text


def test_crops_are_shown_where_they_are(folder):
    Image.new("RGB", (4, 4)).save(folder / "images" / "crops.jpg")
    main(["--results", str(folder.parent / "results"), "--output", str(folder)])
    assert "(images/crops.jpg)" in (folder / "README.md").read_text()


def test_the_pages_need_something_measured(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"benchmarks\.rate_accuracy"):
        main(["--results", str(tmp_path), "--output", str(tmp_path / "pages")])
    assert not (tmp_path / "pages").exists()

import csv
import json

import numpy as np
import pytest
from PIL import Image
from support.small_model import MODEL, smooth_picture

from benchmarks.codecs import PEERS, MissingToolError, Point
from benchmarks.rate_accuracy import __main__ as bench
from benchmarks.rate_accuracy.cache import Cache, Measured
from benchmarks.rate_accuracy.measuring import Task, key_of, tasks_of
from benchmarks.rate_accuracy.rows import read_rows
from benchmarks.rate_accuracy.summary import summarise
from benchmarks.sets import KnownLine, Picture

pytestmark = pytest.mark.train


@pytest.fixture
def data(tmp_path):
    """A data folder with two photographs."""
    folder = tmp_path / "data" / "dev"
    (folder / "natural").mkdir(parents=True)
    with (folder / "index.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "width", "height", "transcript"))
        for index in range(2):
            name = f"natural/{index}.png"
            Image.fromarray(smooth_picture(200 + 8 * index, 176)).save(folder / name)
            writer.writerow((name, 200, 176, ""))
    return folder.parent


@pytest.fixture
def run(data, tmp_path):
    def main(*arguments):
        what = f"--sets natural --readers --data {data} --cache {tmp_path}/cache"
        where = f"--output {tmp_path}/out --plots {tmp_path}/plots"
        bench.main([*what.split(), *where.split(), *arguments])
        path = tmp_path / "out" / "rate_accuracy_natural.csv"
        return read_rows(path) if path.exists() else None

    return main


def test_a_run_writes_rows_tables_and_plots(run, tmp_path, capsys):
    rows = run("--codecs", "webp", str(MODEL))
    assert {row.codec for row in rows} == {"original", "webp", str(MODEL)}
    assert {row.pictures for row in rows} == {2}
    assert len({row.digest for row in rows}) == 1
    webp = [row for row in rows if row.codec == "webp"]
    assert [row.psnr for row in webp] == sorted(row.psnr for row in webp)
    assert webp[0].bpp == pytest.approx(8 * webp[0].bytes / (204 * 176), rel=0.05)
    printed = capsys.readouterr().out
    assert "**natural**: 2 pictures" in printed
    assert "| webp | q0 |" in printed
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["rate_accuracy_natural.csv"]
    assert [path.name for path in (tmp_path / "plots").iterdir()] == ["natural_psnr.png"]


def test_no_time_measures_nothing_and_the_next_run_goes_on(run, capsys):
    assert run("--codecs", "webp", "--minutes", "0") is None
    assert "0 pictures, to be continued" in capsys.readouterr().out
    assert run("--codecs", "webp")[0].pictures == 2
    again = run("--codecs", "webp", "--minutes", "0")
    assert again[0].pictures == 2
    assert "2 pictures, complete" in capsys.readouterr().out


def test_what_was_measured_is_not_measured_again(run, tmp_path):
    before = run("--codecs", "webp")
    path = tmp_path / "cache" / "natural.csv"
    measured = path.read_text()
    assert run("--codecs", "webp") == before
    assert path.read_text() == measured
    assert len(Cache(path)) == 2 * len(before)


def test_a_set_is_summarised_over_the_pictures_that_every_point_has(run):
    assert {row.pictures for row in run("--codecs", "webp", "--count", "1")} == {1}
    assert {
        row.pictures for row in run("--codecs", "webp", "jpeg", "--minutes", "0", "--skip-missing")
    } <= {1}


def test_a_codec_that_is_not_installed_is_an_error_or_skipped(monkeypatch, capsys):
    def absent():
        raise MissingToolError("expected cjb2: apt-get install djvulibre-bin")

    monkeypatch.setitem(PEERS, "webp", absent)
    with pytest.raises(MissingToolError, match="djvulibre-bin"):
        bench.operating_points(["webp"], skip_missing=False)
    (original,) = bench.operating_points(["webp"], skip_missing=True)
    assert original.codec == "original"
    assert "skipped webp" in capsys.readouterr().out


def test_text_alone_takes_part_only_where_its_text_can_be_judged():
    (alone,) = PEERS["text-alone"]()
    tasks = [
        Task("fidelity"),
        Task("known", "ppocr"),
        Task("page", "ppocr"),
        Task("page", "tesseract"),
    ]
    assert tasks_of(alone, tasks) == [Task("page", "ppocr")]


@pytest.mark.ocr
def test_mistakes_are_counted_among_characters_that_the_reader_is_sure_of(tmp_path):
    pytest.importorskip("rapidocr", reason="needs the [ocr] extra")
    quad = np.array([(0, 0), (40, 0), (40, 10), (0, 10)], np.float32)
    blank = np.zeros((20, 50, 3), np.uint8)
    picture = Picture("p", blank, (KnownLine("4071", quad),), blank[..., 0] > 0)
    point = Point("original", "v", "png", lambda pixels: b"", lambda data: blank)
    task, cache = Task("known", "ppocr"), Cache(tmp_path / "set.csv")
    read = [["4O771", 0.9, [0.99, 0.95, 0.99, 0.99, 0.5]]]  # one wrong, one too many, one doubted
    cache.add(key_of(picture, point, task), Measured(100, read))
    (row,) = summarise("rendered", [picture], [point], [task], cache)
    assert (row.figures_substitutions, row.figures_insertions) == (250, 250)
    assert (row.figures_certain, row.figures_mistaken) == (1000, 500)


@pytest.mark.ocr
def test_text_is_read_and_counted_from_end_to_end(data, tmp_path):
    pytest.importorskip("rapidocr", reason="needs the [ocr] extra")
    label = MODEL.parents[2] / "examples" / "pictures" / "label.png"
    (data / "dev" / "doc").mkdir()
    with Image.open(label) as picture:
        picture.save(data / "dev" / "doc" / "label.png")
    transcript = json.dumps({"text": label.with_suffix(".txt").read_text()})
    with (data / "dev" / "index.csv").open("a", newline="") as file:
        csv.writer(file).writerow(("doc/label.png", 512, 256, transcript))
    what = "--sets doc --codecs text-alone --readers ppocr"
    where = f"--data {data} --cache {tmp_path / 'cache'} --output {tmp_path}"
    bench.main([*what.split(), *where.split()])
    original, alone = read_rows(tmp_path / "rate_accuracy_doc.csv")
    assert alone.page_accuracy == original.page_accuracy > 0.95
    assert alone.bytes < 120 < original.bytes

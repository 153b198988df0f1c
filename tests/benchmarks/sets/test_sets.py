import json
import random
import unicodedata
from argparse import ArgumentParser
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import sets
from benchmarks.rate_accuracy.measures import is_figures, psnr
from benchmarks.sets.crowded import crowded_picture
from benchmarks.sets.damage import damage
from benchmarks.sets.folders import add_folder_options
from benchmarks.sets.rendered import SIZE, to_picture
from benchmarks.sets.scripts import (
    SCRIPTS,
    assets_of,
    draw_characters,
    strewn_characters,
)
from benchmarks.sets.shared import annotated
from tcsdk.alternatives import FLAT_SHARE, flat_share
from tcsdk.train.render import Assets, Line, Sample
from tcsdk.train.render.damage import KINDS
from tcsdk.train.render.layout import Page

pytestmark = pytest.mark.train

SYNTHETIC = sets.Folders(Path("/nowhere"), None)


@cache
def installed():
    """Fonts and words of the test split."""
    try:
        return Assets.load("test")
    except FileNotFoundError as missing:
        pytest.skip(str(missing))


def make(name, count):
    installed()
    return list(sets.SETS[name].make(count, SYNTHETIC))


def test_rendered_pictures_are_of_the_papers_size_with_lines_and_always_the_same():
    one, two = (make("rendered", 3) for _ in range(2))
    assert [p.digest for p in one] == [p.digest for p in two]
    assert len({p.digest for p in one}) == 3
    for picture in one:
        assert picture.image.shape == (*SIZE, 3)
        assert picture.lines
        assert picture.unlisted.shape == SIZE


def test_crowded_pictures_have_many_lines_and_each_is_made_by_its_number():
    pictures = make("crowded", 4)
    assert sum(len(picture.lines) for picture in pictures) >= 40
    again = crowded_picture(2, SYNTHETIC)
    assert (again.name, again.digest) == (pictures[2].name, pictures[2].digest)
    lines = [line.text for picture in pictures for line in picture.lines]
    assert 0.4 < np.mean([is_figures(text) for text in lines]) < 0.8


def test_at_least_three_in_ten_rendered_lines_are_digits_and_codes():
    lines = [line.text for picture in make("rendered", 40) for line in picture.lines]
    assert sum(map(is_figures, lines)) >= 0.3 * len(lines)


def test_dense_pictures_have_more_lines():
    dense, sparse = (sum(len(p.lines) for p in make(n, 6)) for n in ("rendered-dense", "rendered"))
    assert dense > 2 * sparse


@pytest.mark.parametrize("index", range(len(KINDS)))
def test_each_damage_shows_and_has_its_name(index):
    y, x = np.mgrid[0:64, 0:96]
    image = np.stack([x * 2, y * 3, x + y], -1).astype(np.uint8)
    image[20:40, 20:60:3] = 255
    kind, spoilt = damage(index, image, np.random.default_rng(1))
    assert kind in ("noise", "low-contrast", "jpeg")
    assert (spoilt.shape, spoilt.dtype) == (image.shape, image.dtype)
    assert psnr(image, spoilt) < 25


def test_text_cut_off_by_the_border_is_unlisted():
    quad = np.array([(10, 10), (60, 10), (60, 20), (10, 20)], np.float32)
    mask = np.zeros((40, 80), np.uint8)
    mask[10:20, 10:60] = mask[30:40, 50:80] = 255
    blank = np.zeros((40, 80, 3), np.uint8)
    sample = Sample(blank, blank, (Line("a", quad),), mask)
    unlisted = to_picture("p", sample).unlisted
    assert unlisted[31:39, 51:79].all()
    assert not unlisted[11:19, 11:59].any()


def test_illegible_marks_are_unlisted_and_the_others_lines():
    marks = [
        {"poly": [0, 0, 20, 0, 20, 10, 0, 10], "text": "EXIT"},
        {"poly": [30, 0, 50, 0, 50, 10, 30, 10], "text": None},
    ]
    picture = annotated("p", Image.new("L", (60, 20)), json.dumps({"items": marks}))
    assert [line.text for line in picture.lines] == ["EXIT"]
    assert picture.unlisted[5, 40]
    assert not picture.unlisted[5, 10]
    assert picture.image.shape == (20, 60, 3)


def test_a_word_fills_its_picture_and_a_page_has_no_places():
    (line,) = annotated("w", Image.new("RGB", (60, 20)), '{"text": "RAW"}').lines
    assert line.quad.max(0).tolist() == [60, 20]
    page = annotated("d", Image.new("RGB", (60, 20)), '{"text": "one\\ntwo"}')
    assert page.lines == ()
    assert page.text == "one\ntwo"
    assert annotated("n", Image.new("RGB", (60, 20)), "").text == ""


def test_a_polygon_of_another_kind_is_refused():
    marks = json.dumps({"items": [{"poly": [0, 0, 20, 0, 20, 10], "text": "A"}]})
    with pytest.raises(ValueError, match="8 numbers, got 6"):
        annotated("p", Image.new("RGB", (60, 20)), marks)


@pytest.mark.parametrize("name", ["scene", "doc", "word", "natural"])
def test_absent_data_is_named_with_the_way_to_give_it(name, tmp_path):
    with pytest.raises(FileNotFoundError, match="--data or \\$TCSDK_DATA"):
        list(sets.SETS[name].make(1, sets.Folders(tmp_path, None)))


@pytest.mark.parametrize("name", list(SCRIPTS))
@pytest.mark.parametrize("folder", [None, "empty"])
def test_absent_fonts_are_named_with_the_way_to_get_them(name, folder, tmp_path):
    fonts = folder and tmp_path
    with pytest.raises(FileNotFoundError, match=r"--fonts, got .*apt-get download fonts-.*dpkg -x"):
        list(sets.SETS[name].make(1, sets.Folders(tmp_path, None, fonts)))


def test_alphabets_are_those_of_the_standards():
    chinese, japanese = (SCRIPTS[name].alphabet for name in ("chinese", "japanese"))
    assert len(chinese) == len(set(chinese)) == 3755
    assert sum(unicodedata.name(c).startswith("CJK") for c in japanese) == 2965
    assert {len(character) for character in (*chinese, *japanese)} == {1}
    assert {"ぁ", "ン", "亜", "腕"} < set(japanese)


def test_scripts_are_written_in_their_own_faces(tmp_path):
    face = installed().fonts[0]
    for name in SCRIPTS["hands"].files:
        (tmp_path / name).symlink_to(face)
    folders = sets.Folders(tmp_path, None, tmp_path)
    assert {Path(f).name for f in assets_of(SCRIPTS["hands"], folders).fonts} == set(
        SCRIPTS["hands"].files
    )
    one, two = (list(sets.SETS["hands"].make(2, folders)) for _ in range(2))
    assert [p.digest for p in one] == [p.digest for p in two]
    assert all(picture.lines for picture in one)


def test_characters_are_drawn_from_the_alphabet_and_one_line_in_five_is_a_number():
    dice = random.Random(1)
    assert all(set(draw_characters(dice, "甲乙丙")) <= set("甲乙丙") for _ in range(50))
    page = Page(dice, replace(installed(), words=tuple("甲乙丙丁")), 256, 512)
    texts = [
        run.text
        for _ in range(200)
        for placed in strewn_characters(page)
        for run in placed.block.runs
    ]
    figures = sum(not set(text) & set("甲乙丙丁") for text in texts)
    assert 0.1 < figures / len(texts) < 0.3


def test_the_data_folder_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("TCSDK_DATA", str(tmp_path))
    (tmp_path / "train" / "photos").mkdir(parents=True)
    parser = ArgumentParser()
    add_folder_options(parser)
    folders = sets.Folders.from_options(parser.parse_args([]))
    assert folders == sets.Folders(tmp_path, tmp_path / "train" / "photos")
    fonts = sets.Folders.from_options(parser.parse_args(["--fonts", "f"])).fonts
    assert fonts == Path("f")
    assert sets.Folders.from_options(parser.parse_args(["--data", "x"])).photos is None


def test_screens_are_flat_with_legible_lines_and_always_the_same():
    one, two = (make("screens", 2) for _ in range(2))
    assert [p.digest for p in one] == [p.digest for p in two]
    for picture in one:
        height, width = picture.image.shape[:2]
        assert len(picture.lines) >= 20
        for line in picture.lines:
            left, top, right, bottom = (
                *line.quad.min(axis=0).astype(int),
                *np.ceil(line.quad.max(axis=0)).astype(int),
            )
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height
            assert np.ptp(picture.image[top:bottom, left:right]) > 50  # letters are there
        assert flat_share(picture.image) > FLAT_SHARE

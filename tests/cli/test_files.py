"""Which files a command finds in folders, and what it says of the others."""

from __future__ import annotations

import json
import os

import pytest
from support.small_model import file_of, smooth_picture

PICTURE = file_of(smooth_picture(64, 48))


@pytest.fixture
def folder(tmp_path):
    """A folder with a picture, and one within it with another."""
    for name in ("in/a.png", "in/deep/b.jfif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(PICTURE)
    return tmp_path / "in"


@pytest.fixture
def shut(folder, monkeypatch):
    """A folder within it that may not be read, as for another user: root may read all."""
    (folder / "private").mkdir()
    scandir = os.scandir

    def refusing(path="."):
        if str(path).endswith("private"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    return folder / "private"


def test_pictures_that_are_not_opened_are_counted(run, folder):
    for name in ("c.pdf", "deep/d.PDF", "deep/e.jp2", "notes.txt"):
        (folder / name).write_bytes(b"")
    done = run("encode", "in", "-o", "out")
    assert done.code == 0
    assert "2 of 2 done" in done.out
    assert done.err.splitlines() == [
        "in: 1 .jp2 skipped: convert it to PNG first",
        "in: 2 .pdf skipped: draw its pages first, for example with pdftoppm -png",
    ]
    assert run("encode", "in", "-o", "out", "--force", "--quiet").err == ""


def test_a_folder_without_pictures_says_what_it_has(run, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.pdf").write_bytes(b"")
    done = run("encode", "in")
    assert done.code == 2
    assert "no picture in folder in; 1 .pdf skipped: draw" in done.err


def test_a_folder_that_cannot_be_read_fails_alone(run, folder, shut):
    done = run("encode", "in", "-o", "out")
    assert done.code == 1
    assert "private: PermissionError" in done.err
    assert "2 of 3 done, 1 failed" in done.out
    assert run("info", "out", "in/private").code == 2
    assert run("encode", "in", "-o", "out", "--skip-existing").code == 1


def test_links_to_folders_are_said_not_to_be_followed(run, folder, tmp_path):
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "c.png").write_bytes(PICTURE)
    (folder / "link").symlink_to(tmp_path / "else")
    done = run("encode", "in", "-o", "out")
    assert done.code == 0
    assert done.err == "in: links to folders are not followed (1): name them to read them\n"
    assert run("encode", "in/link", "-o", "more/").err == ""
    assert (tmp_path / "more" / "c.tcs").is_file()


def test_folders_that_a_glob_matches_are_said_not_to_be_searched(run, folder):
    done = run("encode", "in/*", "-o", "out/")
    assert done.code == 0
    assert done.err == "in/*: folders match and are not searched (1): name them to read them\n"
    assert run("encode", "in/**", "-o", "more/").err == ""


def test_a_name_that_cannot_be_looked_at_fails_alone(run, folder):
    name = "x" * 300 + "/c.png"
    for output in (("-o", "out/"), ()):
        done = run("encode", name, "in/a.png", *output)
        assert done.code == 1
        assert "1 of 2 done, 1 failed" in done.out
        assert done.err.startswith(name)


def test_notes_stand_on_standard_error_or_in_the_object(run, folder):
    frames = smooth_picture(64, 48)
    from PIL import Image

    first, second = Image.fromarray(frames), Image.fromarray(frames[::-1].copy())
    first.save(folder / "two.tif", save_all=True, append_images=[second])
    done = run("encode", "in/two.tif")
    assert done.code == 0
    assert done.err.startswith("in/two.tif: note: it has several pages")
    done = run("encode", "in/two.tif", "--json", "--force", "--page", 2)
    assert done.err == ""
    (note,) = json.loads(done.out)["notes"]
    assert note["kind"] == "pages"
    assert "number 2" in note["text"]
    done = run("encode", "in/two.tif", "--page", 3, "--force")
    assert done.code == 1
    assert "page 3" in done.err

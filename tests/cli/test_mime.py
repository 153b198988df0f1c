"""`tcsdk mime`: what desktops and file(1) then say of a stream, by their own programs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.small_model import MODEL, smooth_picture

import tcsdk
from tcsdk.cli import mime

STREAM = {"quality": 37, "model": MODEL}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of the desktop's data that is the test's own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "mime"


def without_its_program(monkeypatch) -> None:
    monkeypatch.setattr(mime, "_PROGRAM", "no-such-update-mime-database")


def test_the_desktops_database_knows_streams_once_installed(run, home):
    if shutil.which("update-mime-database") is None:
        pytest.skip("needs update-mime-database: apt-get install shared-mime-info")
    assert run("mime", "--install").code == 0
    assert "image/x-tcs:*.tcs" in (home / "globs2").read_text()
    assert b"[60:image/x-tcs]\n>0=\0\3\xf4TC\n" in (home / "magic").read_bytes()
    assert run("mime", "--install").code == 0  # again
    assert run("mime", "--remove").code == 0
    assert "tcs" not in (home / "globs2").read_text()
    assert not (home / "packages" / "tcsdk.xml").exists()


def test_where_the_databases_program_is_missing_the_command_is_said(run, home, monkeypatch):
    without_its_program(monkeypatch)
    done = run("mime", "--install")
    assert done.code == 0
    assert f"then run: no-such-update-mime-database {home}" in done.out
    (kind,) = ElementTree.parse(home / "packages" / "tcsdk.xml").getroot()
    assert kind.get("type") == "image/x-tcs"


def test_what_is_printed_for_packages_is_what_is_installed(run, home, monkeypatch):
    without_its_program(monkeypatch)
    printed = run("mime", "--xml").out
    assert not home.exists()
    run("mime", "--install")
    assert (home / "packages" / "tcsdk.xml").read_text() == printed


@pytest.mark.parametrize("name", ["", "relative/data"])
def test_without_a_data_home_it_is_below_the_home_folder(run, tmp_path, monkeypatch, name):
    without_its_program(monkeypatch)
    monkeypatch.setenv("XDG_DATA_HOME", name)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    run("mime", "--install")
    assert (tmp_path / "me/.local/share/mime/packages/tcsdk.xml").is_file()


def test_removing_what_is_not_there_says_so(run, home):
    done = run("mime", "--remove")
    assert (done.code, done.out) == (0, f"{home / 'packages' / 'tcsdk.xml'} is not there\n")


def test_a_home_that_cannot_be_written_is_one_line(run, home):
    home.parent.write_text("in the way")
    failed = run("mime", "--install")
    assert failed.code == 1
    assert "OutputError: cannot make folder" in failed.err


@pytest.mark.parametrize(
    ("asked", "quality"),
    [({}, 37), ({"tile": 64}, 37), ({"base_quality": 9, "base_model": MODEL}, 37)],
)
def test_file_knows_a_stream_its_size_and_its_quality(run, tmp_path, asked, quality):
    if shutil.which("file") is None:
        pytest.skip("needs file(1): apt-get install file")
    Path("tcsdk.magic").write_text(run("mime", "--magic").out)
    Path("x.tcs").write_bytes(tcsdk.encode(smooth_picture(300, 200), **STREAM, **asked))

    def said(*options: str) -> str:
        command = ["file", "--brief", *options, "-m", "tcsdk.magic", "x.tcs"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert said() == f"tcsdk picture, 300 x 200, quality {quality}"
    assert said("--mime-type") == "image/x-tcs"


def test_something_has_to_be_asked_for(run):
    assert run("mime").code == 2
    assert run("mime", "--install", "--remove").code == 2

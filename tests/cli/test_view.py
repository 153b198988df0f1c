"""`tcsdk view`: a real program gets a picture, and is told apart from one that fails."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.small_model import MODEL, file_of, smooth_picture

import tcsdk
from tcsdk.cli import view

PICTURE = smooth_picture(120, 90)
ICC = b"\0" * 16 + b"RGB " + b"\0" * 108


@pytest.fixture
def stream(tmp_path):
    data = tcsdk.encode(file_of(PICTURE, icc_profile=ICC), model=MODEL, keep=("icc",))
    (tmp_path / "meter.tcs").write_bytes(data)
    return tmp_path / "meter.tcs"


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """An empty folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def program(path: Path, code: str) -> Path:
    """A program that is given the path of a picture as its last argument."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!{sys.executable}\nimport shutil, sys, time\n{code}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def opener(tmp_path, monkeypatch):
    """An opener of the system that keeps what it is given, on a screen."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":99")
    kept = tmp_path / "kept"
    kept.mkdir()
    program(tmp_path / "bin" / "xdg-open", f"shutil.copy(sys.argv[1], {str(kept)!r})")
    return kept


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_the_systems_viewer_gets_the_picture_under_the_streams_name(run, stream, opener, temporary):
    done = run("view", "meter.tcs")
    assert (done.code, done.out) == (0, "meter.tcs shown\n")
    np.testing.assert_array_equal(
        pixels_of(opener / "meter.png"), tcsdk.decode(stream, models=[MODEL])
    )
    with Image.open(opener / "meter.png") as image:
        assert image.info["icc_profile"] == ICC
    # A viewer may read it later than its opener ends.
    assert [path.name for path in temporary.rglob("*.png")] == ["meter.png"]


def test_a_part_and_several_streams_are_shown(run, stream, opener, temporary):
    (stream.parent / "other.tcs").write_bytes(stream.read_bytes())
    assert run("view", "meter.tcs", "other.tcs", "--region", "5,6,30,20").code == 0
    assert sorted(path.name for path in opener.iterdir()) == ["meter.png", "other.png"]
    whole = tcsdk.decode(stream, models=[MODEL])
    np.testing.assert_array_equal(pixels_of(opener / "other.png"), whole[6:26, 5:35])


def test_a_program_of_ones_own_is_waited_for_and_leaves_nothing(run, stream, temporary, tmp_path):
    copy = tmp_path / "seen.png"
    viewer = program(
        tmp_path / "bin" / "slow viewer",
        f"time.sleep(0.3); assert sys.argv[1] == '-x'; shutil.copy(sys.argv[2], {str(copy)!r})",
    )
    assert run("view", "meter.tcs", "--viewer", f"{shlex.quote(str(viewer))} -x").code == 0
    assert pixels_of(copy).shape == PICTURE.shape
    assert list(temporary.iterdir()) == []


def test_where_there_is_no_screen_decode_is_named_before_anything_is_done(
    run, stream, opener, monkeypatch
):
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(view, "decoder_of", None)  # calling it would be another error
    refused = run("view", "meter.tcs")
    assert refused.code == 1
    assert "there is no screen here (DISPLAY and WAYLAND_DISPLAY are not set)" in refused.err
    assert "tcsdk decode meter.tcs -o picture.png" in refused.err
    assert list(opener.iterdir()) == []


def test_a_program_that_is_not_there_is_said(run, stream):
    refused = run("view", "meter.tcs", "--viewer", "no-such-viewer")
    assert refused.code == 1
    assert "no-such-viewer, which is to show the picture, is not found" in refused.err


def test_a_viewer_that_fails_is_a_failure_and_leaves_nothing(run, stream, opener, temporary):
    program(opener.parent / "bin" / "xdg-open", "sys.exit(3)")
    failed = run("view", "meter.tcs")
    assert failed.code == 1
    assert "xdg-open cannot show meter.png: exit code 3" in failed.err
    assert list(temporary.iterdir()) == []


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_a_viewer_that_stays_open_is_not_waited_for(run, stream, opener, temporary, monkeypatch):
    monkeypatch.setattr(view, "_SECONDS", 0.5)
    program(opener.parent / "bin" / "xdg-open", "time.sleep(3); sys.exit(1)")
    assert run("view", "meter.tcs").code == 0


def test_a_broken_stream_leaves_the_others_alone(run, stream, opener, temporary):
    (stream.parent / "broken.tcs").write_bytes(b"junk")
    done = run("view", "broken.tcs", "meter.tcs")
    assert done.code == 1
    assert "broken.tcs: NotATcsStreamError" in done.err
    assert [path.name for path in opener.iterdir()] == ["meter.png"]

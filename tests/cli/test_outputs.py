"""Where `encode` and `decode` write: names, what is there already, pipes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from support.pipes import read_behind
from support.small_model import SMALL_PICTURE as PICTURE
from support.small_model import file_of, opened

import tcsdk


def test_an_input_is_never_overwritten(run, photo, stream):
    before = photo.read_bytes()
    for arguments in (
        ("encode", "photo.png", "-o", "photo.png"),
        ("encode", "photo.png", "-o", "./sub/../photo.png", "-f"),
    ):
        done = run(*arguments)
        assert done.code == 1
        assert "would be its own output" in done.err
    data = stream.read_bytes()
    stream.rename(stream.with_suffix(".png"))  # a stream under a picture's name
    assert run("decode", "there.png").code == 1
    assert stream.with_suffix(".png").read_bytes() == data
    assert photo.read_bytes() == before


def test_a_default_output_that_exists_is_kept_unless_forced(run, photo):
    """Decoding photo.tcs must not replace the photo that it was made from."""
    before = photo.read_bytes()
    assert run("encode", "photo.png").code == 0
    refused = run("decode", "photo.tcs")
    assert refused.code == 1
    assert "--force" in refused.err
    assert photo.read_bytes() == before
    assert run("decode", "photo.tcs", "-f").code == 0
    assert photo.read_bytes() != before


@pytest.mark.parametrize("output", ["photo.png", "./photo.png", "link.png", "."])
def test_a_named_output_that_exists_is_kept_unless_forced(run, photo, tmp_path, output):
    """The line of README that once destroyed its reader's picture."""
    before = photo.read_bytes()
    (tmp_path / "link.png").symlink_to("photo.png")
    assert run("encode", "photo.png").code == 0
    refused = run("decode", "photo.tcs", "-o", output)
    assert refused.code == 1
    assert "--force" in refused.err
    assert photo.read_bytes() == before
    assert run("decode", "photo.tcs", "-o", output, "--force").code == 0
    assert photo.read_bytes() != before
    assert (tmp_path / "link.png").is_symlink()


@pytest.mark.parametrize("verb", ["encode", "decode"])
def test_a_pipe_as_output_is_written_into(run, photo, stream, tmp_path, verb):
    os.mkfifo(tmp_path / "pipe")
    source = {"encode": photo, "decode": stream}[verb]
    with read_behind(tmp_path / "pipe") as received:
        assert run(verb, source, "-o", "pipe").code == 0
    assert (tmp_path / "pipe").is_fifo()
    if verb == "encode":
        assert tcsdk.inspect(received.bytes).width == 120
    else:
        assert opened(io.BytesIO(received.bytes)).shape == PICTURE.shape


@pytest.mark.parametrize("through", ["pipe", "file"])
def test_dev_stdout_is_standard_output(photo, tmp_path, through):
    names = [sys.executable, "-m", "tcsdk", "encode", photo, "-o", "/dev/stdout", "-q", "0"]
    if through == "pipe":
        done = subprocess.run(names, cwd=tmp_path, capture_output=True, check=False)
        data = done.stdout
    else:
        with (tmp_path / "out").open("wb") as out:
            done = subprocess.run(names, cwd=tmp_path, stdout=out, stderr=-1, check=False)
        data = (tmp_path / "out").read_bytes()
    assert done.returncode == 0, done.stderr
    assert tcsdk.inspect(data).width == 120
    assert Path("/dev/stdout").is_symlink()


@pytest.mark.parametrize("verb", ["encode", "decode"])
def test_a_file_for_the_other_verb_is_told_so(run, photo, stream, verb):
    given = {"encode": stream, "decode": photo}[verb]
    before = given.read_bytes()
    done = run(verb, given)
    assert done.code == 1
    assert "pictures are for tcsdk encode, streams for tcsdk decode" in done.err
    assert given.read_bytes() == before


def test_two_inputs_do_not_share_an_output(run, photo, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(file_of(PICTURE, "JPEG"))
    done = run("encode", "photo.png", "photo.jpg")
    assert done.code == 1
    assert "photo.tcs is the output of photo.png too; give one" in done.err


def test_an_input_whose_output_another_one_took_is_not_skipped_as_done(run, photo, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(file_of(PICTURE, "JPEG"))
    assert run("encode", "photo.png").code == 0
    done = run("encode", "photo.png", "photo.jpg", "--skip-existing")
    assert done.code == 1
    assert "photo.png: skipped" in done.out
    assert done.err.startswith("photo.jpg: OutputError")


def test_a_format_that_this_pillow_cannot_write_is_said_before_anything_is_decoded(
    run, stream, monkeypatch, tmp_path
):
    Image.init()
    monkeypatch.delitem(Image.SAVE, "AVIF", raising=False)
    refused = run("decode", "there.tcs", "-o", "y.AVIF")
    assert refused.code == 2
    assert "this Pillow cannot write AVIF (.AVIF): install one that can" in refused.err
    assert not (tmp_path / "y.AVIF").exists()


@pytest.mark.parametrize("name", ["x.png", "x.JPG", "x.avif"])
def test_a_stream_is_not_written_under_the_name_of_a_picture(run, photo, tmp_path, name):
    refused = run("encode", "photo.png", "-o", name)
    assert refused.code == 2
    assert "expected the name of a stream, such as x.tcs" in refused.err
    assert not (tmp_path / name).exists()


def test_an_unwritable_output_is_one_line_and_code_1(run, photo, tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = run("encode", "photo.png", "-o", "file/photo.tcs")
    assert done.code == 1
    assert "OutputError" in done.err
    assert done.err.count("\n") == 1


def test_pipes_carry_pictures_and_streams(photo, zoo):
    """The real program, with nothing but bytes on its standard output."""

    def tcsdk_process(*arguments: str, given: bytes) -> bytes:
        return subprocess.run(
            [sys.executable, "-m", "tcsdk", *arguments],
            input=given,
            capture_output=True,
            check=True,
        ).stdout

    model = str(zoo / "tfic")
    data = tcsdk_process("encode", "-", "--model", model, "--json", given=photo.read_bytes())
    assert tcsdk.inspect(data).width == 120
    png = tcsdk_process("decode", "-", "--model", model, given=data)
    assert opened(io.BytesIO(png)).shape == PICTURE.shape

from __future__ import annotations

import io
import os
import socket
import stat
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.pipes import read_behind
from support.small_model import skip_unless_written, smooth_picture

from checks import check_rejects
from tcsdk.errors import OutputError
from tcsdk.output import PICTURE_FORMATS, picture_bytes, write_file

PIXELS = smooth_picture(33, 21)
LOSSY = (".jpg", ".jpeg", ".avif")


def test_a_file_is_written_whole_and_nothing_else_stays(tmp_path):
    write_file(tmp_path / "a", b"first")
    write_file(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"second"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_rights_follow_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        write_file(tmp_path / "a", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    write_file(tmp_path / "a", b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    check_rejects(lambda: write_file(tmp_path / "a", b"new"), OutputError, "No space left")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_the_data_is_on_disk_before_the_name_is(tmp_path, monkeypatch):
    calls = []
    replace = Path.replace
    monkeypatch.setattr("os.fsync", lambda file: calls.append(os.fstat(file).st_size))

    def noted(source: Path, target: Path) -> None:
        calls.append(target.name)
        replace(source, target)

    monkeypatch.setattr("pathlib.Path.replace", noted)
    write_file(tmp_path / "a", b"12345")
    assert calls == [5, "a"]


def test_pipes_and_devices_are_written_into_and_stay(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with read_behind(pipe) as received:
        write_file(pipe, b"12345")
    assert received.bytes == b"12345"
    assert pipe.is_fifo()
    reader, terminal = os.openpty()
    try:
        (tmp_path / "link").symlink_to(os.ttyname(terminal))
        write_file(tmp_path / "link", b"seen")
        assert os.read(reader, 99) == b"seen"
        assert (tmp_path / "link").is_symlink()
        assert stat.S_ISCHR((tmp_path / "link").stat().st_mode)
    finally:
        os.close(reader)
        os.close(terminal)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "pipe"]


def test_a_socket_is_refused_and_stays(tmp_path):
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "s"))
        check_rejects(lambda: write_file(tmp_path / "s", b"x"), OutputError, "got a socket")
    assert (tmp_path / "s").is_socket()


def test_a_link_stays_and_its_file_is_replaced(tmp_path):
    write_file(tmp_path / "file", b"old")
    (tmp_path / "link").symlink_to("file")
    write_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"
    (tmp_path / "dangling").symlink_to("none")
    check_rejects(lambda: write_file(tmp_path / "dangling", b"x"), OutputError, "dangling")
    assert not (tmp_path / "none").exists()


def test_a_name_as_long_as_the_file_system_takes_is_written(tmp_path):
    name = "\u6f22" * 83 + ".tcs"  # 253 bytes of UTF-8
    write_file(tmp_path / name, b"1")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_unwritable_places_are_output_errors(tmp_path):
    check_rejects(lambda: write_file(tmp_path / "none" / "a", b""), OutputError, "none/a")
    (tmp_path / "folder").mkdir()
    check_rejects(lambda: write_file(tmp_path / "folder", b""), OutputError, "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("suffix", PICTURE_FORMATS)
def test_every_format_holds_the_picture(suffix):
    skip_unless_written(suffix)
    with Image.open(io.BytesIO(picture_bytes(PIXELS, suffix))) as image:
        off = np.abs(np.asarray(image.convert("RGB")).astype(int) - PIXELS).max()
    assert off <= (12 if suffix in LOSSY else 0)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".avif", ".tif"])
def test_metadata_is_embedded(suffix):
    skip_unless_written(suffix)
    exif = Image.Exif()
    exif[0x010F] = "maker"
    icc = b"\0" * 16 + b"RGB " + b"\0" * 108
    data = picture_bytes(PIXELS, suffix, icc=icc, exif=exif.tobytes())
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["icc_profile"] == icc
        assert image.getexif()[0x010F] == "maker"


@pytest.mark.parametrize("suffix", ["", ".tcs", ".xyz"])
def test_unknown_suffixes_list_the_known_ones(suffix):
    check_rejects(lambda: picture_bytes(PIXELS, suffix), OutputError, ".png", ".webp")

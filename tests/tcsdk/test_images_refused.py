"""What is no picture, or none that may be opened, is refused by name and starts nothing."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import warnings

import numpy as np
import pytest
from PIL import Image
from support.small_model import file_of, smooth_picture

from checks import check_rejects
from tcsdk.errors import ImageError
from tcsdk.images import load_picture, read_bytes

PIXELS = smooth_picture(37, 23)
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 20\n%%EndComments\nshowpage\n%%EOF\n"


@pytest.mark.parametrize(
    "dtype", [np.float32, np.float64, np.int32, np.int8, np.bool_, np.complex64]
)
def test_other_dtypes_are_refused_by_name(dtype):
    check_rejects(lambda: load_picture(np.ones((4, 4, 3), dtype)), ImageError, np.dtype(dtype).name)


def test_nan_arrays_are_refused():
    check_rejects(lambda: load_picture(np.full((4, 4, 3), np.nan)), ImageError, "expected a uint8")


@pytest.mark.parametrize("shape", [(4,), (4, 4, 2), (4, 4, 5), (1, 4, 4, 3), (0, 4, 3), (4, 0), ()])
def test_other_shapes_are_refused(shape):
    check_rejects(lambda: load_picture(np.zeros(shape, np.uint8)), ImageError, "expected s")


def test_too_long_a_side_is_refused():
    check_rejects(lambda: load_picture(np.zeros((1, 65536), np.uint8)), ImageError, "65535")


@pytest.mark.parametrize("source", [None, 5, [1, 2], {"a": 1}, object(), io.StringIO("text")])
def test_things_that_are_no_picture_are_refused(source):
    check_rejects(lambda: load_picture(source), ImageError, "expected")


@pytest.mark.parametrize(("what", "error"), [("image", ImageError), ("stream", TypeError)])
def test_files_opened_as_text_are_refused_before_they_are_read(tmp_path, what, error):
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    with (tmp_path / "a.png").open(encoding="utf-8") as file:
        check_rejects(lambda: read_bytes(file, what), error, "mode 'rb'")


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"GIF89a"])
def test_bytes_that_are_no_picture_are_refused(data):
    with pytest.raises(ImageError):
        load_picture(data)


def test_bytes_of_other_formats_start_no_program(tmp_path, monkeypatch):
    """Pillow hands PostScript to Ghostscript, whatever the file is called."""
    (tmp_path / "gs").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (tmp_path / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", None)  # as in a new process
    (tmp_path / "a.png").write_bytes(POSTSCRIPT)
    with (
        Image.open(tmp_path / "a.png") as image,
        contextlib.suppress(OSError, subprocess.CalledProcessError),
    ):
        image.load()
    assert (tmp_path / "ran").exists(), "the trap does not work"
    (tmp_path / "ran").unlink()
    for source in (tmp_path / "a.png", POSTSCRIPT, io.BytesIO(POSTSCRIPT)):
        check_rejects(lambda source=source: load_picture(source), ImageError, "PostScript", "PNG")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"%PDF-1.7\n", ("PDF", "pdftoppm")),
        (b"\0\0\0\x0cjP  \r\n\x87\n", ("JPEG 2000", "convert")),
        (b"\0\0\1\0\1\0", ("ICO",)),
        (b"\xf4TC\1", ("stream", "tcsdk decode")),
        (b"what is this", ("12 bytes", "PNG, JPEG")),
        (b"", ("nothing, 0 bytes", "again")),
    ],
)
def test_refused_formats_are_named_with_what_to_do(start, words):
    check_rejects(lambda: load_picture(start), ImageError, *words)


@pytest.mark.parametrize("kind", ["ICO", "PCX", "SGI", "TGA", "DDS", "JPEG2000"])
def test_rare_parsers_are_shut(kind):
    data = file_of(smooth_picture(64, 64), kind)
    check_rejects(lambda: load_picture(data), ImageError, "expected a picture as PNG")


@pytest.mark.parametrize("error", [RuntimeError, NotImplementedError, AttributeError])
def test_whatever_a_parser_raises_is_an_image_error(monkeypatch, error):
    def broken(self):
        raise error("inside the parser")

    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load_prepare", broken)
    check_rejects(lambda: load_picture(file_of(PIXELS)), ImageError, "inside the parser")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
def test_truncated_files_are_refused_or_read_but_never_crash(kind):
    data = file_of(smooth_picture(64, 64), kind)
    refused = 0
    for cut in range(0, len(data), max(1, len(data) // 40)):
        try:
            load_picture(data[:cut])
        except ImageError:
            refused += 1
    assert refused >= 20


def test_a_missing_file_stays_the_usual_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_picture(tmp_path / "none.png")


def test_decompression_bombs_are_refused(monkeypatch):
    data = file_of(PIXELS)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 400)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        check_rejects(lambda: load_picture(data), ImageError, "bomb")
    check_rejects(lambda: load_picture(data), ImageError, "bomb")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 800)  # over the limit, under twice it
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        check_rejects(lambda: load_picture(data), ImageError, "MAX_IMAGE_PIXELS")


def test_floating_point_pictures_are_refused():
    check_rejects(lambda: load_picture(Image.new("F", (4, 4))), ImageError, "mode F")

"""Which files are pictures, and what is said of those that are not opened."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from PIL import Image
from support.small_model import file_of, levels_apart, smooth_picture

import tcsdk
from checks import check_rejects
from container_bytes import bare_stream
from tcsdk.errors import ImageError, NotATcsStreamError
from tcsdk.image_formats import is_readable, skipped
from tcsdk.images import load_picture

PIXELS = smooth_picture(64, 48)
HEIF = find_spec("pillow_heif") is not None
HEIC_START = b"\0\0\0\x18ftypheic\0\0\0\0"


@pytest.mark.parametrize("name", ["a.png", "b.JPG", "c.jfif", "d.jpe", "e.Tif", "f.pbm", "g/h.dib"])
def test_pictures_are_known_by_their_suffix_in_any_case(name):
    assert is_readable(name)


@pytest.mark.parametrize("name", ["png", ".png", "a.pdf", "a.tcs", "a", "a.png.txt", "a.jp2"])
def test_other_files_are_no_pictures(name):
    assert not is_readable(name)


def test_pictures_that_are_not_opened_are_counted_with_what_to_do():
    names = ["a.PDF", "b.pdf", "c.jp2", "notes.txt", "d.nef", "e", "f.tcs"]
    assert skipped(names) == [
        "1 .jp2 skipped: convert it to PNG first",
        "1 .nef skipped: convert it to PNG first",
        "2 .pdf skipped: draw its pages first, for example with pdftoppm -png",
    ]


@pytest.mark.skipif(HEIF, reason="pillow-heif is installed, so HEIC is opened")
def test_heic_says_what_to_install():
    assert not is_readable("a.heic")
    assert skipped(["a.heic"]) == [
        "1 .heic skipped: install pillow-heif, or convert it to PNG first"
    ]
    check_rejects(lambda: load_picture(HEIC_START), ImageError, "HEIC", "install pillow-heif")


@pytest.mark.skipif(not HEIF, reason="pillow-heif is not installed")
def test_heic_is_opened_where_its_parser_is_installed():
    assert is_readable("a.heic")
    assert is_readable("a.HIF")
    check_rejects(lambda: load_picture(HEIC_START), ImageError, "HEIC", "damaged")
    data = file_of(PIXELS, "HEIF", quality=95)
    assert levels_apart(load_picture(data).pixels, PIXELS) < 20
    assert load_picture(data).notes == ()


@pytest.mark.skipif(not HEIF, reason="pillow-heif is not installed")
def test_heic_is_turned_upright_once():
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = load_picture(file_of(PIXELS, "HEIF", exif=exif.tobytes()), keep=("exif",))
    assert picture.pixels.shape == (64, 48, 3)
    kept = Image.Exif()
    kept.load(picture.exif)
    assert kept.get(0x0112, 1) == 1


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "PPM"])
def test_a_picture_in_the_place_of_a_stream_is_named_with_what_to_do(name):
    picture = file_of(PIXELS, name)
    wanted = f"got a picture ({'WebP' if name == 'WEBP' else name})", "with tcsdk encode"
    for asks in (tcsdk.decode, tcsdk.inspect, tcsdk.metadata, tcsdk.open):
        check_rejects(lambda asks=asks: asks(picture), NotATcsStreamError, *wanted)


def test_a_picture_that_cannot_be_opened_either_says_what_to_do_first():
    check_rejects(
        lambda: tcsdk.decode(b"%PDF-1.7"), NotATcsStreamError, "PDF", "pdftoppm -png, then make"
    )


def test_a_stream_in_the_place_of_a_picture_is_named_with_what_to_do(encoder):
    full, small = (encoder.encode(PIXELS, small=small) for small in (False, True))
    rows = {"a tcsdk stream": full, "a small tcsdk": small, "a bare tcsdk": bare_stream(full)}
    for name, stream in rows.items():
        check_rejects(lambda s=stream: load_picture(s), ImageError, name, "tcsdk decode")

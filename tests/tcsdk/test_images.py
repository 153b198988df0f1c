from __future__ import annotations

import io
import struct
import sys
import types
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps
from support.small_model import file_of, smooth_picture

from checks import check_rejects
from tcsdk.errors import ImageError
from tcsdk.images import load_picture

PIXELS = smooth_picture(37, 23)


def same(source: object, expected: np.ndarray = PIXELS, **options: object) -> None:
    pixels = load_picture(source, **options).pixels
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    np.testing.assert_array_equal(pixels, expected)


def test_all_kinds_of_sources_give_the_same_pixels(tmp_path):
    data = file_of(PIXELS)
    path = tmp_path / "a.png"
    path.write_bytes(data)
    sources = (PIXELS, data, bytearray(data), memoryview(data), path, str(path), io.BytesIO(data))
    for source in (*sources, Image.fromarray(PIXELS)):
        same(source)


def test_a_file_object_that_cannot_seek_is_read():
    class Pipe(io.RawIOBase):
        def __init__(self, data: bytes) -> None:
            self.left = io.BytesIO(data)

        def read(self, size: int = -1) -> bytes:
            return self.left.read(size)

    same(Pipe(file_of(PIXELS)))


def test_strided_arrays_are_taken_as_they_look():
    same(PIXELS[::-2, 3::2], np.ascontiguousarray(PIXELS[::-2, 3::2]))


@pytest.mark.parametrize("shape", [(23, 37), (23, 37, 1)])
def test_gray_arrays_become_rgb(shape):
    gray = PIXELS[:, :, 0].reshape(shape)
    same(gray, np.repeat(PIXELS[:, :, :1], 3, axis=2))


def test_sixteen_bits_are_scaled_so_that_white_stays_white():
    wide = np.array([[0, 128, 257, 32768, 65534, 65535]], np.uint16)
    expected = np.repeat(np.array([[[0], [0], [1], [128], [255], [255]]], np.uint8), 3, axis=2)
    same(wide, expected)
    buffer = io.BytesIO()
    Image.fromarray(wide).save(buffer, "PNG")
    same(buffer.getvalue(), expected)


@pytest.mark.parametrize("background", [(255, 255, 255), (0, 10, 200)])
def test_alpha_is_flattened_on_the_background(background):
    rgba = np.dstack([PIXELS, np.full((23, 37), 255, np.uint8)])
    rgba[:5, :, 3] = 0
    rgba[5, 0] = (100, 100, 100, 128)
    pixels = load_picture(rgba, background=background).pixels
    assert (pixels[:5] == background).all()
    np.testing.assert_array_equal(pixels[6:], PIXELS[6:])
    half = np.array([100 * 128 + c * 127 for c in background]) / 255
    assert np.abs(pixels[5, 0] - half).max() <= 1
    np.testing.assert_array_equal(load_picture(file_of(rgba), background=background).pixels, pixels)


def test_palette_with_a_transparent_colour_is_flattened():
    image = Image.new("P", (4, 2), 0)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putpixel((1, 0), 1)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=1)
    pixels = load_picture(buffer.getvalue()).pixels
    assert tuple(pixels[0, 0]) == (10, 20, 30)
    assert tuple(pixels[0, 1]) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "YCbCr", "HSV", "RGBX", "I", "I;16"])
def test_every_mode_of_pillow_becomes_rgb(mode):
    image = Image.new(mode, (5, 3))
    assert load_picture(image).pixels.shape == (3, 5, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_as_viewers_do(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = file_of(PIXELS, exif=exif)
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    picture = load_picture(data, keep=("icc", "exif"))
    np.testing.assert_array_equal(picture.pixels, expected)
    assert picture.exif is not None
    kept = Image.Exif()
    kept.load(picture.exif)
    assert kept.get(0x0112) == 1


def test_metadata_is_collected_only_when_asked():
    profile = b"\0" * 16 + b"RGB " + b"\0" * 108
    data = file_of(PIXELS, icc_profile=profile)
    assert load_picture(data).icc is None
    assert load_picture(data, keep=("icc", "exif")).icc == profile
    assert load_picture(data, keep=("icc", "exif")).exif is None


def test_a_profile_of_another_colour_space_is_not_kept():
    profile = b"\0" * 16 + b"GRAY" + b"\0" * 108
    assert load_picture(file_of(PIXELS, icc_profile=profile), keep=("icc",)).icc is None


def test_pictures_of_several_frames_from_phones_are_jpeg():
    """MPO, which Pillow names apart, begins as a JPEG file and is opened as one."""
    buffer = io.BytesIO()
    other = Image.fromarray(PIXELS[::-1].copy())
    Image.fromarray(PIXELS).save(buffer, "MPO", save_all=True, append_images=[other])
    assert load_picture(buffer.getvalue()).pixels.shape == PIXELS.shape


def test_the_transparent_gray_of_16_bits_shows_the_background():
    raw = np.array([[0, 257, 32896, 65535]], ">u2").tobytes()
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 4, 1, 16, 0, 0, 0, 0)),
        (b"tRNS", b"\0\0"),
        (b"IDAT", zlib.compress(b"\0" + raw)),
        (b"IEND", b""),
    )
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    pixels = load_picture(data, background=(9, 8, 7)).pixels
    assert pixels[0].tolist() == [[9, 8, 7], [1, 1, 1], [128, 128, 128], [255, 255, 255]]


def test_a_damaged_exif_block_is_left_out_and_the_pixels_stay(monkeypatch):
    exif = Image.Exif()
    exif[0x010F] = "maker"
    data = file_of(PIXELS, exif=exif)

    def broken(self, offset=8):
        raise TypeError("resolution is text")

    monkeypatch.setattr("PIL.Image.Exif.tobytes", broken)
    picture = load_picture(data, keep=("icc", "exif"))
    np.testing.assert_array_equal(picture.pixels, PIXELS)
    assert picture.exif is None
    (note,) = picture.notes
    assert note.kind == "metadata"
    assert "resolution is text" in note.text
    assert load_picture(data).notes == ()


def test_an_exif_block_that_cannot_be_read_leaves_the_orientation_unknown(monkeypatch):
    exif = Image.Exif()
    exif[0x0112] = 6

    def broken(self, key, default=None):
        raise TypeError("no tags")

    data = file_of(PIXELS, exif=exif)
    monkeypatch.setattr("PIL.Image.Exif.get", broken)
    picture = load_picture(data)
    np.testing.assert_array_equal(picture.pixels, PIXELS)
    assert ["on its side" in note.text for note in picture.notes] == [True]


def test_a_half_imported_pillow_is_no_obstacle(monkeypatch):
    """Another thread may be importing it at this moment."""
    monkeypatch.setitem(sys.modules, "PIL.Image", types.ModuleType("PIL.Image"))
    same(PIXELS)
    check_rejects(lambda: load_picture(None), ImageError, "expected a path")


def test_a_pil_image_of_the_caller_is_left_alone():
    image = Image.fromarray(np.dstack([PIXELS, PIXELS[:, :, :1]]))
    before = image.tobytes()
    load_picture(image)
    assert image.mode == "RGBA"
    assert image.tobytes() == before

"""Files of several pages or frames."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from support.small_model import file_of, levels_apart, smooth_picture

from checks import check_rejects
from tcsdk.errors import ImageError
from tcsdk.images import load_picture

PAGES = [smooth_picture(64, 48), smooth_picture(64, 48)[::-1].copy(), smooth_picture(48, 32)]


def paged(kind: str, pages: list[np.ndarray], **options: object) -> bytes:
    buffer = io.BytesIO()
    first, *others = map(Image.fromarray, pages)
    first.save(buffer, kind, save_all=True, append_images=others, **options)
    return buffer.getvalue()


def test_other_pages_are_said_and_the_first_is_taken():
    picture = load_picture(paged("TIFF", PAGES))
    np.testing.assert_array_equal(picture.pixels, PAGES[0])
    (note,) = picture.notes
    assert note.kind == "pages"
    assert "number 1 alone" in note.text
    assert load_picture(file_of(PAGES[0], "TIFF")).notes == ()


def test_pages_are_not_counted(monkeypatch):
    """For 100,000 of them, in a TIFF file of 5 MB, Pillow takes 108 s."""

    def counted(image: object) -> int:
        raise AssertionError("counted")

    data = paged("TIFF", PAGES)
    monkeypatch.setattr("PIL.TiffImagePlugin.TiffImageFile.n_frames", property(counted))
    assert [note.kind for note in load_picture(data).notes] == ["pages"]
    assert load_picture(data, page=2).pixels.shape == PAGES[1].shape


@pytest.mark.parametrize("page", [1, 2, 3])
def test_each_page_of_a_document_can_be_taken_at_its_own_size(page):
    picture = load_picture(paged("TIFF", PAGES), page=page)
    np.testing.assert_array_equal(picture.pixels, PAGES[page - 1])
    assert f"number {page} alone" in picture.notes[0].text


@pytest.mark.parametrize(
    ("kind", "options", "apart"),
    [("PNG", {}, 0), ("WEBP", {"lossless": True}, 0), ("GIF", {}, 40), ("MPO", {"quality": 95}, 9)],
)
def test_frames_of_animations_are_pages(kind, options, apart):
    data = paged(kind, PAGES[:2], **options)
    for page, expected in enumerate(PAGES[:2], 1):
        picture = load_picture(data, page=page)
        assert levels_apart(picture.pixels, expected) <= apart
        assert [note.kind for note in picture.notes] == ["pages"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP"])
def test_a_page_that_is_not_there_is_refused(kind):
    data = file_of(PAGES[0], kind)
    assert load_picture(data, page=1).notes == ()
    check_rejects(lambda: load_picture(data, page=2), ImageError, "page 2", "fewer")


@pytest.mark.parametrize("source", [PAGES[0], Image.fromarray(PAGES[0])], ids=["array", "PIL"])
def test_what_is_one_picture_has_no_pages(source):
    check_rejects(lambda: load_picture(source, page=1), ImageError, "page 1")


def test_a_damaged_second_frame_does_not_spoil_the_first():
    data = paged("GIF", PAGES[:2])
    with Image.open(io.BytesIO(data)) as image:
        image.seek(1)
        whole = np.asarray(image.convert("RGB"))
    first = load_picture(data, page=1).pixels
    assert levels_apart(first, whole) > 40
    second = data.rindex(b"\x2c\0\0\0\0")  # its image descriptor
    for cut in range(second, len(data), 7):
        np.testing.assert_array_equal(load_picture(data[:cut]).pixels, first)


def test_an_image_of_the_caller_keeps_its_page_and_what_was_drawn_on_it():
    with Image.open(io.BytesIO(paged("TIFF", PAGES))) as image:
        image.seek(1)
        image.putpixel((0, 0), (1, 2, 3))
        picture = load_picture(image)
        assert image.tell() == 1
        assert image.getpixel((0, 0)) == (1, 2, 3)
    assert tuple(picture.pixels[0, 0]) == (1, 2, 3)
    np.testing.assert_array_equal(picture.pixels[1:], PAGES[1][1:])

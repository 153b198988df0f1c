"""Where another format is the better choice, one line says so; elsewhere none does."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from support.small_model import MODEL, smooth_picture

import tcsdk
from tcsdk.alternatives import FULL_BYTES, MOST_COLOURS, alternatives, flat_share

SMOOTH = smooth_picture(160, 128)
# Noise in two colours: what takes a bit per pixel whatever codes it.
TWO_COLOURS = (
    np.where(np.random.default_rng(1).random((96, 128, 1)) < 0.5, 0, 255)
    .astype(np.uint8)
    .repeat(3, axis=2)
)


def half_flat(height: int = 128, width: int = 160) -> np.ndarray:
    """Noise above, one colour below."""
    pixels = np.random.default_rng(2).integers(0, 256, (height, width, 3), np.uint8)
    pixels[height // 2 :] = (30, 60, 90)
    return pixels


def kinds(*arguments: object) -> list[str]:
    return [note.kind for note in alternatives(*arguments)]


def test_a_stream_that_is_no_smaller_than_the_file_is_said():
    assert kinds(SMOOTH, 500, 500) == ["size"]
    assert kinds(SMOOTH, 499, 500) == []
    assert kinds(SMOOTH, 10**6, None) == []
    (note,) = alternatives(SMOOTH, 612, 500)
    assert "612 bytes" in note.text
    assert "500" in note.text


def test_few_colours_are_compared_with_a_png_of_them():
    buffer = io.BytesIO()
    Image.fromarray(TWO_COLOURS[:, :, 0] > 0).save(buffer, "PNG")
    size = len(buffer.getvalue())
    assert kinds(TWO_COLOURS, size // 2) == []
    (note,) = alternatives(TWO_COLOURS, 2 * size)
    assert note.kind == "lossless"
    assert "2 colours" in note.text
    said = int(note.text.split(" has ")[1].split()[0])
    palette = Image.fromarray(TWO_COLOURS[:, :, 0]).quantize(2)
    palette.save(buffer := io.BytesIO(), "PNG")
    assert abs(said - len(buffer.getvalue())) <= 4


@pytest.mark.parametrize("colours", [MOST_COLOURS, MOST_COLOURS + 1])
def test_pictures_of_more_colours_are_left_to_photographs(colours):
    levels = (np.arange(64 * 64) % colours * (240 // colours)).astype(np.uint8).reshape(64, 64, 1)
    expected = ["lossless"] if colours == MOST_COLOURS else []
    assert kinds(levels.repeat(3, axis=2), 10**6 if expected else FULL_BYTES - 1) == expected


def test_flat_pictures_whose_streams_are_large_belong_elsewhere():
    assert kinds(half_flat(), FULL_BYTES) == ["flat"]
    assert kinds(half_flat(), FULL_BYTES - 1) == []
    assert kinds(SMOOTH, 100 * FULL_BYTES) == []


def test_the_flat_share_counts_whole_blocks_of_one_colour():
    assert flat_share(half_flat()) == 0.5
    assert flat_share(half_flat(144, 160 + 7)) == 0.5
    assert flat_share(np.zeros((7, 300, 3), np.uint8)) == 0.0
    one = np.zeros((8, 8, 3), np.uint8)
    assert flat_share(one) == 1.0
    one[7, 7, 2] = 1
    assert flat_share(one) == 0.0


def test_an_encoder_says_it_of_files_and_of_arrays():
    encoder, more = tcsdk.Encoder(MODEL, device="cpu", threads=1), bytes(2000)
    buffer = io.BytesIO()
    Image.fromarray(TWO_COLOURS[:, :, 0] > 0).save(buffer, "PNG")
    small = buffer.getvalue()
    assert len(encoder.encode(small, user=more)) >= len(small)
    assert [note.kind for note in encoder.notes] == ["size"]
    encoder.encode(TWO_COLOURS, user=more)
    assert [note.kind for note in encoder.notes] == ["lossless"]
    encoder.encode(SMOOTH)
    assert encoder.notes == ()
    (outcome,) = encoder.encode_many([small], tcsdk.Request(user=more))
    assert [note.kind for note in outcome.notes] == ["size"]

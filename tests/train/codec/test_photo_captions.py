"""Captions of the project's photographs, and the whole frames that they are of."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.sets.folders import BESIDE, VARIABLE
from checks import check_rejects
from tcsdk.captions_file import Captions
from tcsdk.codec.caption import CAPTION_PIECES, caption_pieces
from tcsdk.given_caption import checked_caption
from tcsdk.train.codec.photo_captions import CAPTIONS, COLUMNS, photo_captions, whole_frames

SHARED = Path(os.environ.get(VARIABLE, BESIDE))


def rows():
    with CAPTIONS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_photograph_has_two_captions_of_its_own():
    made = rows()
    assert len(made) == 34 + 314
    assert {row["file"].partition("/")[0] for row in made} == {"natural", "photos"}
    for column in COLUMNS:
        said = [row[column] for row in made]
        assert len(set(said)) == len(said)
        assert all(checked_caption(text) == text for text in said)
    assert all(len(row["long"]) > len(row["short"]) for row in made)


def test_short_ones_fit_the_text_encoder():
    assert max(len(caption_pieces(row["short"])) for row in rows()) <= CAPTION_PIECES


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the project's shared data")
def test_every_file_of_the_shared_data_is_named():
    there = {
        f"{place.name}/{file.name}"
        for place in (SHARED / "dev" / "natural", SHARED / "train" / "photos")
        for file in place.iterdir()
    }
    assert {row["file"] for row in rows()} == there


def test_frames_come_whole_with_their_captions(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (70, 110, 3), np.uint8)
    for name in ("a.png", "b.png", "c.png"):
        Image.fromarray(pixels).save(tmp_path / name)
    captions = Captions({"a.png": "a wall", "c.png": "a door", "d.png": "a gate"})
    frames = list(whole_frames(tmp_path, "short", captions))
    assert [(frame.file, frame.caption) for frame in frames] == [
        ("a.png", "a wall"),
        ("c.png", "a door"),
    ]
    assert all(np.array_equal(frame.pixels, pixels) for frame in frames)


def test_a_folder_without_captioned_photographs_is_refused(tmp_path):
    check_rejects(lambda: list(whole_frames(tmp_path, "long")), FileNotFoundError, str(tmp_path))


def test_there_are_two_kinds():
    assert photo_captions("short").of("/x/photos/wiki_049.webp").startswith("Yellow sand dunes")
    check_rejects(lambda: photo_captions("middle"), ValueError, "short or long", "'middle'")

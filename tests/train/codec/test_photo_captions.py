"""Captions of the project's photographs, and the whole frames that they are of."""

import csv
import os
from pathlib import Path

import pytest

from benchmarks.sets.folders import BESIDE, VARIABLE
from checks import check_rejects
from tcsdk.codec.caption import CAPTION_PIECES, caption_pieces
from tcsdk.given_caption import checked_caption
from tcsdk.train.codec.photo_captions import CAPTIONS, COLUMNS, photo_captions

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


def test_there_are_two_kinds():
    assert photo_captions("short").of("/x/photos/wiki_049.webp").startswith("Yellow sand dunes")
    check_rejects(lambda: photo_captions("middle"), ValueError, "short or long", "'middle'")

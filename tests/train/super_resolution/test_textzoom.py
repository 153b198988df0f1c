import io

import numpy as np
import pytest
from PIL import Image

from tcsdk.train.super_resolution.textzoom import TextZoom

pytestmark = pytest.mark.train
lmdb = pytest.importorskip("lmdb")


def png(height, width, level):
    memory = io.BytesIO()
    Image.new("RGB", (width, height), (level, 0, 0)).save(memory, "PNG")
    return memory.getvalue()


def make_folder(folder, entries):
    with (
        lmdb.open(str(folder), map_size=1 << 20) as environment,
        environment.begin(write=True) as transaction,
    ):
        for key, value in entries.items():
            transaction.put(key, value)
    return folder


@pytest.fixture
def entries():
    """As TextZoom writes them: numbered from 1, crops of any size."""
    return {
        b"num-samples": b"2",
        b"image_lr-000000001": png(15, 50, 10),
        b"image_hr-000000001": png(40, 130, 20),
        b"label-000000001": "Café".encode(),
        b"image_lr-000000002": png(16, 64, 30),
        b"image_hr-000000002": png(32, 128, 40),
        b"label-000000002": b"EXIT",
    }


def test_pairs_come_in_order_and_stretched(tmp_path, entries):
    with TextZoom(make_folder(tmp_path / "easy", entries)) as pairs:
        assert len(pairs) == 2
        first, second = pairs
    assert (first.text, second.text) == ("Café", "EXIT")
    assert first.bin == "easy"
    assert first.low.shape == (16, 64, 3)
    assert first.high.shape == (32, 128, 3)
    assert (first.low[0, 0, 0], second.high[0, 0, 0]) == (10, 40)
    assert first.low.dtype == np.uint8


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"a folder with a data\.mdb, got .*nowhere"):
        TextZoom(tmp_path / "nowhere")


def test_what_is_missing_in_it_is_named(tmp_path, entries):
    del entries[b"label-000000002"]
    with TextZoom(make_folder(tmp_path / "hard", entries)) as pairs:
        with pytest.raises(ValueError, match="expected an entry label-000000002, found none"):
            pairs[1]
        with pytest.raises(IndexError, match="a pair from 0 to 1, got 2"):
            pairs[2]


@pytest.mark.parametrize("said", [b"many", b""])
def test_a_count_that_is_none_is_refused(tmp_path, said):
    with pytest.raises(ValueError, match="expected num-samples to be a number"):
        TextZoom(make_folder(tmp_path / "easy", {b"num-samples": said}))


def test_what_is_no_picture_is_refused(tmp_path, entries):
    entries[b"image_hr-000000001"] = b"not a picture"
    folder = make_folder(tmp_path / "easy", entries)
    with TextZoom(folder) as pairs, pytest.raises(ValueError, match="pair 0 is not of two pictu"):
        pairs[0]

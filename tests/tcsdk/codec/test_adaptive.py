"""Small and faint text is coded finer where the model says how much."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import manifests
from support.offsets import offsets_of
from support.small_model import ADAPTIVE, DETECTOR, MODEL, psnr, smooth_picture, striped_picture

import tcsdk
from checks import check_rejects
from tcsdk import Decoder, Encoder
from tcsdk.codec.quality_map import rounded_offsets, tile_offsets
from tcsdk.codec.tiles import Box
from tcsdk.codec.windows import crop_analysis
from tcsdk.errors import EngineError, TargetTooSmallError
from tcsdk.model.find import list_codecs

PICTURE = striped_picture(300, 200)
TEXT = np.s_[48:144, 64:192]


@pytest.fixture(scope="module")
def adaptive():
    return Encoder(ADAPTIVE, quality=8, device="cpu", threads=2)


def test_blocks_get_the_steps_that_the_model_asks_for(adaptive):
    showing = Decoder("cpu", threads=2, models=[ADAPTIVE])
    finer, plain = adaptive.encode(PICTURE), adaptive.encode(PICTURE, adaptive=False)
    offsets = offsets_of(finer)
    assert set(np.unique(offsets)) <= {0, 4, 8, 12, 16, 20}
    assert (offsets[3:9, 4:12] > 0).all()
    assert not offsets_of(plain).any()
    after, before = showing.decode(finer), showing.decode(plain)
    assert psnr(after[TEXT], PICTURE[TEXT]) > psnr(before[TEXT], PICTURE[TEXT]) + 0.5


def test_a_model_that_asks_for_nothing_codes_all_alike():
    encoder = Encoder(DETECTOR, quality=8, device="cpu", threads=2)
    assert encoder.encode(PICTURE) == encoder.encode(PICTURE, adaptive=False)


def test_a_picture_that_wants_nothing_has_no_map(adaptive):
    smooth = smooth_picture(200, 100)
    assert adaptive.encode(smooth) == adaptive.encode(smooth, adaptive=False)


def test_steps_add_to_what_callers_ask_for(adaptive):
    asked = offsets_of(adaptive.encode(PICTURE))
    qmap = np.full(asked.shape, -3)
    np.testing.assert_array_equal(offsets_of(adaptive.encode(PICTURE, qmap=qmap)), asked - 3)


def test_tiles_agree_on_steps(adaptive):
    small = Encoder(ADAPTIVE, quality=8, device="cpu", threads=2, tile=64)
    np.testing.assert_array_equal(
        offsets_of(adaptive.encode(PICTURE)), offsets_of(small.encode(PICTURE))
    )


def test_a_small_stream_has_the_same_map(adaptive):
    np.testing.assert_array_equal(
        offsets_of(adaptive.encode(PICTURE, small=True)), offsets_of(adaptive.encode(PICTURE))
    )


def test_where_no_quality_fits_with_steps_one_without_is_taken(adaptive):
    sizes = {
        choice: min(
            len(adaptive.encode(PICTURE, quality=q, adaptive=choice, scale=1.0)) for q in range(9)
        )
        for choice in (True, False)
    }
    assert sizes[False] < sizes[True]
    assert offsets_of(adaptive.encode(PICTURE, max_bytes=sizes[True], scale=1.0)).any()
    fitted = adaptive.encode(PICTURE, max_bytes=sizes[True] - 1, scale=1.0)
    assert len(fitted) < sizes[True]
    assert not offsets_of(fitted).any()
    with pytest.raises(TargetTooSmallError) as caught:
        adaptive.encode(PICTURE, max_bytes=sizes[False] - 1, scale=1.0)
    assert caught.value.smallest == sizes[False]


def test_many_pictures_are_coded_as_one(adaptive):
    for choice in (True, False):
        (outcome,) = adaptive.encode_many([PICTURE], tcsdk.Request(adaptive=choice))
        assert outcome.get() == adaptive.encode(PICTURE, adaptive=choice)


def test_a_manifest_that_promises_steps_in_vain_is_damage(tmp_path):
    folder = shutil.copytree(DETECTOR, tmp_path / "model")
    manifest = manifests.read(folder)
    manifests.save(folder, {**manifest, "adaptive": True})
    encoder = Encoder(folder, device="cpu")
    check_rejects(lambda: encoder.encode(PICTURE), EngineError, "does not say of text")
    manifests.save(folder, {**manifest, "adaptive": "yes"})
    check_rejects(
        lambda: Encoder(folder), tcsdk.ModelFileError, "adaptive as true or false", "got 'yes'"
    )


def test_manifests_say_which_models_ask():
    asks = {model.family: model.adaptive for model in list_codecs([MODEL, DETECTOR, ADAPTIVE])}
    assert (asks["small"], asks["small-detector"], asks["small-adaptive"]) == (False, False, True)


@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=30))
def test_steps_are_few_whole_values(asked):
    steps = rounded_offsets(np.float32([asked]))
    assert steps.dtype == np.int8
    assert set(np.unique(steps)) <= {0, 4, 8, 12, 16, 20}
    inside = np.clip(np.float32([asked]), 0, 20)
    assert np.abs(steps - inside).max() <= 2


def test_steps_of_the_own_part_of_an_analysis_are_kept():
    z, d = np.zeros((1, 1, 3, 3), np.float32), np.zeros((1, 1, 12, 12), np.float32)
    text = np.zeros((1, 2, 12, 12), np.float32)
    text[0, 1, 5, 6] = 9.0
    outputs = {"z_hat": z, "d": d, "text": text}
    analysed = crop_analysis(outputs, Box(64, 128, 64, 30), Box(0, 64, 192, 94))
    assert analysed.offsets.tolist() == [[0, 0, 0, 0], [0, 0, 8, 0]]


def test_steps_that_cancel_out_are_no_map():
    asked = np.int8([[-8, -4]])
    tile = Box(0, 0, 32, 16)
    assert tile_offsets([asked], tile, 0, None, np.int8([[8, 4]])) is None
    assert tile_offsets([asked], tile, 0, None, np.int8([[8, 8]])).tolist() == [[0, 4]]

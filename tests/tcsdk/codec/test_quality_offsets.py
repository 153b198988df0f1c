"""Where a picture is coded finer than elsewhere: text_boost, regions, qmap."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import manifests
from support.offsets import offsets_of
from support.small_model import DETECTOR, MODEL, psnr, smooth_picture, striped_picture

import tcsdk
from checks import check_rejects
from tcsdk import Decoder, Encoder, _kernels
from tcsdk.codec.quality_map import asked_offsets, line_blocks, text_blocks, tile_offsets
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.tiles import Box
from tcsdk.errors import EngineError, NoDetectorError, RegionError

PICTURE = striped_picture(300, 200)
TEXT = np.s_[48:144, 64:192]


@pytest.fixture(scope="module")
def finding():
    """An encoder whose model has a text detector."""
    return Encoder(DETECTOR, quality=8, device="cpu", threads=2)


@pytest.fixture(scope="module")
def showing():
    return Decoder("cpu", threads=2, models=[DETECTOR, MODEL])


def test_a_boost_for_text_spends_its_bytes_there(finding, showing):
    plain, boosted = finding.encode(PICTURE), finding.encode(PICTURE, text_boost=20)
    before, after = showing.decode(plain), showing.decode(boosted)
    assert psnr(after[TEXT], PICTURE[TEXT]) > psnr(before[TEXT], PICTURE[TEXT]) + 0.5
    np.testing.assert_array_equal(before[:16, :32], after[:16, :32])
    assert len(boosted) > len(plain)


@pytest.mark.parametrize("tile", [64, 512])
def test_the_boost_covers_text_and_one_block_around_it(tile):
    encoder = Encoder(DETECTOR, quality=8, device="cpu", threads=2, tile=tile)
    offsets = offsets_of(encoder.encode(PICTURE, text_boost=9))
    expected = np.zeros((13, 19), int)
    expected[2:10, 3:13] = 9  # text is in rows 3..8 and columns 4..11
    np.testing.assert_array_equal(offsets, expected)


def test_tiles_agree_on_where_text_is(finding):
    """A tile's detector sees the tile's surroundings: a cut does not change the map."""
    small = Encoder(DETECTOR, quality=8, device="cpu", threads=2, tile=64)
    np.testing.assert_array_equal(
        offsets_of(finding.encode(PICTURE, text_boost=9)),
        offsets_of(small.encode(PICTURE, text_boost=9)),
    )


def test_a_picture_without_text_costs_nothing_more(finding):
    smooth = smooth_picture(200, 100)
    assert finding.encode(smooth, text_boost=20) == finding.encode(smooth)


def test_max_bytes_holds_with_a_boost(finding):
    data = finding.encode(PICTURE, max_bytes=900, text_boost=6)
    assert len(data) <= 900
    quality = tcsdk.inspect(data).quality
    assert data == finding.encode(PICTURE, quality=quality, text_boost=6)
    assert offsets_of(data).max() == 6


def test_many_pictures_are_boosted_alike(finding):
    options = {"text_boost": 5, "regions": [(0, 0, 16, 16, -3)]}
    for outcome in finding.encode_many([PICTURE, PICTURE], tcsdk.Request(**options)):
        assert outcome.get() == finding.encode(PICTURE, **options)


def test_regions_boost_every_block_that_they_touch(encoder, decoder):
    data = encoder.encode(PICTURE, quality=8, regions=[(15, 31, 2, 2, 7), (0, 0, 300, 16, -4)])
    expected = np.zeros((13, 19), int)
    expected[1:3, 0:2] = 7
    expected[0] = -4
    np.testing.assert_array_equal(offsets_of(data), expected)
    assert decoder.decode(data).shape == PICTURE.shape


def test_the_last_region_counts_and_text_adds_up(finding):
    regions = [(0, 0, 300, 200, 100), (0, 0, 300, 200, 120)]
    offsets = offsets_of(finding.encode(PICTURE, regions=regions, text_boost=10))
    assert set(np.unique(offsets)) == {120, 127}
    qmap = np.full((13, 19), 3)
    added = offsets_of(finding.encode(PICTURE, qmap=qmap, text_boost=10))
    assert set(np.unique(added)) == {3, 13}


def test_regions_shape_the_picture(encoder, decoder):
    finer = encoder.encode(PICTURE, quality=5, regions=[(64, 48, 176, 112, 20)])
    before, after = decoder.decode(encoder.encode(PICTURE, quality=5)), decoder.decode(finer)
    assert psnr(after[TEXT], PICTURE[TEXT]) > psnr(before[TEXT], PICTURE[TEXT]) + 2


def test_a_model_without_detector_refuses_a_boost(encoder):
    check_rejects(
        lambda: encoder.encode(PICTURE, text_boost=3), NoDetectorError, "small-fp32", "regions="
    )


def test_a_manifest_that_promises_a_detector_in_vain_is_damage(tmp_path):
    folder = shutil.copytree(MODEL, tmp_path / "model")
    manifest = manifests.read(folder)
    manifests.save(folder, {**manifest, "detects_text": True})
    encoder = Encoder(folder, device="cpu")
    check_rejects(lambda: encoder.encode(PICTURE), EngineError, "does not say of text")


def test_a_manifest_says_of_detectors_true_or_false(tmp_path):
    folder = shutil.copytree(MODEL, tmp_path / "model")
    manifest = manifests.read(folder)
    manifests.save(folder, {**manifest, "detects_text": 1})
    check_rejects(
        lambda: Encoder(folder), tcsdk.ModelFileError, "detects_text as true or false", "got 1"
    )


@pytest.mark.parametrize(
    ("options", "error", "word"),
    [
        ({"regions": [(0, 0, 301, 1, 1)]}, RegionError, "within 300x200"),
        ({"regions": [(0, 0, 0, 1, 1)]}, RegionError, "within 300x200"),
        ({"regions": [(-1, 0, 5, 5, 1)]}, RegionError, "within 300x200"),
        ({"regions": [(0, 0, 5, 5)]}, ValueError, "(x, y, width, height, boost)"),
        ({"regions": [(0, 0, 5, 5, 128)]}, ValueError, "-128..127"),
        ({"regions": [(0, 0, 5, 5, 0.5)]}, TypeError, "5 whole numbers"),
        ({"text_boost": 200}, ValueError, "text_boost as a whole number -128..127 steps"),
        ({"text_boost": 1.5}, TypeError, "got 1.5"),
        (
            {"regions": [(0, 0, 5, 5, 1)], "qmap": np.zeros((13, 19), int)},
            ValueError,
            "either qmap or regions",
        ),
    ],
)
def test_wrong_offsets_are_refused(finding, options, error, word):
    check_rejects(lambda: finding.encode(PICTURE, **options), error, word)


@given(st.integers(1, 6), st.integers(1, 6), st.data())
def test_text_blocks_grow_by_one(height, width, data):
    drawn = data.draw(
        st.lists(st.floats(0, 1, width=32), min_size=height * width, max_size=height * width)
    )
    probability = np.float32(drawn).reshape(height, width)
    expected = [
        [
            probability[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].max() >= 0.5
            for x in range(width)
        ]
        for y in range(height)
    ]
    np.testing.assert_array_equal(text_blocks(probability), expected)


def test_offsets_that_cancel_out_are_no_map():
    tile = Box(0, 0, 32, 16)
    asked = asked_offsets(Sizes.of((32, 16), (32, 16)), np.array([[-5, -5]]), ())
    text = np.array([[True, True]])
    assert tile_offsets([asked], tile, 5, text) is None
    assert tile_offsets([asked], tile, 6, text).tolist() == [[1, 1]]


def test_a_map_of_two_values_is_short():
    blocks = np.zeros((32, 32), np.int8)
    blocks[10:13, 4:28] = 8
    assert len(_kernels.encode_quality_map(blocks)) <= 4 * 3 + 4


BLOCKS_OF_LINES = [
    # The second row of blocks, and not the blocks whose middles are more than half a block beyond.
    ([(18, 18), (62, 18), (62, 30), (18, 30)], 1.0, {(1, 1), (1, 2), (1, 3)}),
    # The same at half the size.
    ([(36, 36), (124, 36), (124, 60), (36, 60)], 0.5, {(1, 1), (1, 2), (1, 3)}),
    # Down the diagonal: not all blocks of its upright box.
    ([(1, 0), (64, 63), (63, 64), (0, 1)], 1.0, {(0, 0), (1, 1), (2, 2), (3, 3)}),
]


@pytest.mark.parametrize(("corners", "scale", "expected"), BLOCKS_OF_LINES)
def test_the_blocks_of_a_line_are_those_it_lies_on(corners, scale, expected):
    along = line_blocks(np.float32(corners), Sizes.of((96, 96), (round(96 / scale),) * 2))
    assert along.shape == (6, 6)
    places = [tuple(place) for place in np.argwhere(np.isfinite(along)).tolist()]
    assert set(places) == expected
    said = [along[place] for place in sorted(expected)]
    assert said == sorted(said)
    assert 0 <= said[0] < said[-1] <= 1


def test_lines_that_run_up_are_counted_from_their_beginning():
    corners = [(20, 120), (20, 8), (36, 8), (36, 120)]  # reads from the bottom to the top
    along = line_blocks(np.float32(corners), Sizes.of((64, 128), (64, 128)))
    column = along[:, 1]
    assert (np.diff(column[np.isfinite(column)]) < 0).all()

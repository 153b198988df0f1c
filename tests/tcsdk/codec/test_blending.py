"""Where a blend of two layers shows which: the threshold, the mask, the mixing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tcsdk.codec.blending import BlendMask, blend, find_threshold
from tcsdk.codec.tiles import Box, TileGrid


@given(st.integers(0, 30), st.integers(60, 160))
def test_the_threshold_parts_two_kinds_of_blocks(idle, active):
    grid = TileGrid(640, 320, 512)
    blocks = np.full((20, 40), idle, np.int32)
    blocks[5:15, 10:30] = active
    threshold = find_threshold(grid, [blocks[:, :32], blocks[:, 32:]])
    assert 3 <= threshold <= 255
    mask = BlendMask(
        grid, grid.picture, {0: blocks[:, :32], 1: blocks[:, 32:]}, threshold, (), ()
    ).of(grid.picture)
    assert (mask[7 * 16 : 13 * 16, 12 * 16 : 28 * 16] >= 0.5).all()
    assert (mask[:32, :64] < 0.5).all()


def test_a_flat_picture_shows_the_base_layer():
    grid = TileGrid(160, 96, 512)
    blocks = np.zeros((6, 10), np.int32)
    blocks[2, 3] = 2
    assert find_threshold(grid, [blocks]) == 3
    mask = BlendMask(grid, grid.picture, {0: blocks}, 3, (), ()).of(grid.picture)
    assert not mask.any()


def test_a_threshold_of_0_shows_the_base_layer_alone():
    grid = TileGrid(64, 64, 512)
    mask = BlendMask(grid, grid.picture, {0: np.full((4, 4), 99, np.int32)}, 0, (), ())
    assert not mask.of(Box(0, 0, 64, 64)).any()


def test_the_mask_is_smooth():
    grid = TileGrid(320, 160, 512)
    blocks = np.zeros((10, 20), np.int32)
    blocks[:, 10:] = 50
    mask = BlendMask(grid, grid.picture, {0: blocks}, 40, (), ()).of(grid.picture)
    assert mask[:, 0].max() == 0
    assert mask[:, -1].min() == 1
    assert np.abs(np.diff(mask, axis=1)).max() <= 1 / 16 + 1e-6


def test_blending_mixes_and_rounds():
    text, base = (np.full((1, 5, 3), level, np.uint8) for level in (200, 100))
    share = np.float32([[0, 0.25, 0.5, 0.994, 1]])
    assert blend(text, base, share)[0, :, 0].tolist() == [100, 125, 150, 199, 200]

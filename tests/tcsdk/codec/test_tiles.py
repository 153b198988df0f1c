from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcsdk.codec.tiles import Box, TileGrid
from tcsdk.codec.windows import Decoded, analysis_window, crop_analysis, synthesis_window

sides = st.integers(1, 300)
tile_sides = st.sampled_from([64, 128, 192])


@given(sides, sides, tile_sides)
def test_tiles_cover_every_pixel_once(width, height, side):
    grid = TileGrid(width, height, side)
    seen = np.zeros((height, width), int)
    for index in range(len(grid)):
        box = grid[index]
        seen[box.y : box.bottom, box.x : box.right] += 1
    assert (seen == 1).all()


@given(sides, sides, tile_sides, st.data())
def test_touching_finds_the_tiles_of_an_area_and_no_others(width, height, side, data):
    grid = TileGrid(width, height, side)
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    area = Box(x, y, data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y)))
    overlaps = [grid[index].overlap(area) for index in range(len(grid))]
    expected = [i for i, box in enumerate(overlaps) if box.width and box.height]
    assert list(grid.touching(area)) == expected


@given(sides, sides, tile_sides, st.data())
def test_covering_is_what_the_touching_tiles_make_up(width, height, side, data):
    grid = TileGrid(width, height, side)
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    area = Box(x, y, data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y)))
    tiles = [grid[index] for index in grid.touching(area)]
    left, top = min(t.x for t in tiles), min(t.y for t in tiles)
    right, bottom = max(t.right for t in tiles), max(t.bottom for t in tiles)
    assert grid.covering(area) == Box(left, top, right - left, bottom - top)


def test_a_picture_no_larger_than_a_tile_is_one_tile():
    assert len(TileGrid(512, 512, 512)) == 1
    assert len(TileGrid(513, 512, 512)) == 2


@given(sides, sides, tile_sides, st.sampled_from([0, 64, 128]))
def test_analysis_sees_real_pixels_around_a_tile_and_its_edge_beyond(width, height, side, halo):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    grid = TileGrid(width, height, side)
    for index in range(len(grid)):
        x, window = analysis_window(pixels, grid[index], halo)
        assert x.dtype == np.float32
        assert x.shape[2] % 64 == 0
        assert x.shape[3] % 64 == 0
        rows = np.minimum(window.y + np.arange(x.shape[2]), window.bottom - 1)
        columns = np.minimum(window.x + np.arange(x.shape[3]), window.right - 1)
        expected = pixels[rows][:, columns].transpose(2, 0, 1) / 255
        np.testing.assert_allclose(x[0], expected, atol=1e-6)
        box = grid[index]
        assert box.x - window.x == min(halo, box.x)
        assert window.right - box.right == min(halo, width - box.right)


@given(sides, sides, tile_sides, st.sampled_from([0, 64, 128]))
def test_synthesis_gets_the_latents_of_the_neighbours_in_place(width, height, side, halo):
    """Latents that name their own place on the whole grid come out where they belong."""
    grid = TileGrid(width, height, side)
    z_all = np.random.default_rng(1).integers(-127, 128, (2, 5, 5), np.int8)
    r_all = np.arange(3 * 19 * 19, dtype=np.int16).reshape(3, 19, 19) + 1
    tiles = {}
    for index in range(len(grid)):
        z, y = grid[index].on_grid(64), grid[index].on_grid(16)
        tiles[index] = Decoded(
            z_all[:, z.y : z.bottom, z.x : z.right],
            r_all[:, y.y : y.bottom, y.x : y.right],
            False,
            lambda: np.full((3, 1, 1), 2, np.float32),
        )
    known = grid.picture.on_grid(16)
    for index in range(len(grid)):
        inputs, window = synthesis_window(grid[index], grid, halo, tiles)
        z, y = window.on_grid(64), window.on_grid(16)
        expected = z_all[:, z.y : z.bottom, z.x : z.right]
        np.testing.assert_array_equal(inputs["z_hat"][0], expected)
        inside = r_all.copy()
        inside[:, known.height :], inside[:, :, known.width :] = 0, 0
        padded = np.pad(inside, ((0, 0), (0, 8), (0, 8)))
        np.testing.assert_array_equal(inputs["r"][0], padded[:, y.y : y.bottom, y.x : y.right])
        assert inputs["inv_gain"].shape == (1, 3, 1, 1)


def test_one_tile_with_a_quality_map_makes_the_gain_a_map():
    grid = TileGrid(128, 64, 64)
    z, r = np.zeros((2, 1, 1), np.int8), np.zeros((3, 4, 4), np.int16)
    mapped = np.arange(48, dtype=np.float32).reshape(3, 4, 4)
    one = np.full((3, 1, 1), 7, np.float32)
    tiles = {0: Decoded(z, r, False, lambda: one), 1: Decoded(z, r, True, lambda: mapped)}
    inputs, _ = synthesis_window(grid[0], grid, 64, tiles)
    assert inputs["inv_gain"].shape == (1, 3, 4, 8)
    assert (inputs["inv_gain"][0, :, :, :4] == 7).all()
    np.testing.assert_array_equal(inputs["inv_gain"][0, :, :, 4:], mapped)


def test_only_the_own_part_of_an_analysis_is_kept():
    z = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
    d = np.arange(144, dtype=np.float32).reshape(1, 1, 12, 12)
    text = np.zeros((1, 1, 12, 12), np.float32)
    text[..., 4, 4] = 1.0
    outputs = {"z_hat": z, "d": d, "text": text}
    analysed = crop_analysis(outputs, Box(64, 128, 64, 30), Box(0, 64, 192, 94))
    assert analysed.z_hat.tolist() == [[[4]]]
    np.testing.assert_array_equal(analysed.residual, d[0, :, 4:6, 4:8])
    assert analysed.text.shape == (2, 4)
    assert analysed.text[0, 0] > analysed.text[-1, -1]


@pytest.mark.parametrize("halo", [0, 64, 128, 192])
def test_neighbours_further_than_one_tile_are_found(halo):
    grid = TileGrid(64 * 7, 64, 64)
    reach = halo // 64
    assert grid.around(3, halo) == list(range(3 - reach, 4 + reach))

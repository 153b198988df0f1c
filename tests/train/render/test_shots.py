import random

import numpy as np
import pytest
from PIL import Image

from tcsdk.train.render.shots import Shot, demosaiced, draw_shot, shoot

pytestmark = pytest.mark.train

SIZE = (16, 64)


def rng():
    return np.random.default_rng(3)


@pytest.fixture(scope="module")
def scene():
    """(128, 512, 3) uint8, smooth, with all colours."""
    y, x = np.mgrid[0:128, 0:512]
    waves = [np.sin(x / 30), np.cos(y / 20), np.sin((x + y) / 40)]
    return (127.5 + 100 * np.stack(waves, 2)).astype(np.uint8)


def test_plain_shot_is_the_mean_over_its_pixels(scene):
    expected = scene.reshape(16, 8, 64, 8, 3).mean((1, 3))
    assert np.abs(shoot(scene, Shot(SIZE), rng()) - expected).max() <= 1


def test_blur_is_measured_in_the_pixels_of_the_picture():
    edge = np.zeros((128, 512, 3), np.uint8)
    edge[:, 256:] = 255
    row = shoot(edge, Shot(SIZE, defocus=2.0), rng())[8, :, 0].astype(float)
    # Two standard deviations on either side of the edge a normal blur has 2.3 and 97.7 %.
    assert row[32 - 5] / 255 == pytest.approx(0.012, abs=0.01)
    assert row[32 + 4] / 255 == pytest.approx(0.988, abs=0.01)


def test_shift_moves_the_scene_by_pixels_of_the_picture(scene):
    plain = shoot(scene, Shot(SIZE), rng()).astype(int)
    moved = shoot(scene, Shot(SIZE, shift=(1.0, 0.0)), rng()).astype(int)
    assert np.abs(moved[:, :-1] - plain[:, 1:]).max() <= 1


def test_shake_blurs_along_its_direction_alone():
    line = np.zeros((128, 512, 3), np.uint8)
    line[56:72] = 255
    along = shoot(line, Shot(SIZE, motion=2.0, direction=0.0), rng())
    across = shoot(line, Shot(SIZE, motion=2.0, direction=np.pi / 2), rng())
    np.testing.assert_array_equal(along, shoot(line, Shot(SIZE), rng()))
    assert across[8, 32, 0] < 200 < along[8, 32, 0]


def test_tone_is_gain_gamma_and_lift():
    grey = np.full((128, 512, 3), 64, np.uint8)
    shot = Shot(SIZE, gain=0.9, gamma=0.5, lift=10)
    expected = 255 * 0.9 * (64 / 255) ** 0.5 + 10
    assert np.abs(shoot(grey, shot, rng()) - expected).max() <= 0.5


def test_mosaic_keeps_a_plain_colour_and_each_pixels_own_one():
    plain = np.full((6, 8, 3), (10.0, 90.0, 200.0), np.float32)
    np.testing.assert_allclose(demosaiced(plain), plain, rtol=1e-5)
    noise = np.random.default_rng(0).uniform(0, 255, (6, 8, 3)).astype(np.float32)
    seen = demosaiced(noise)
    np.testing.assert_array_equal(seen[::2, ::2, 0], noise[::2, ::2, 0])
    np.testing.assert_array_equal(seen[::2, 1::2, 1], noise[::2, 1::2, 1])
    np.testing.assert_array_equal(seen[1::2, 1::2, 2], noise[1::2, 1::2, 2])


def test_noise_is_of_the_given_deviation_and_repeats():
    grey = np.full((128, 512, 3), 128, np.uint8)
    seen = shoot(grey, Shot(SIZE, noise=6.0), rng())
    assert seen.std() == pytest.approx(6.0, rel=0.1)
    np.testing.assert_array_equal(seen, shoot(grey, Shot(SIZE, noise=6.0), rng()))


def test_drawn_shots_keep_their_bounds():
    dice = random.Random(1)
    poor = [draw_shot(dice, SIZE, (0.6, 0.9), sharp=False) for _ in range(200)]
    good = [draw_shot(dice, SIZE, (0.3, 0.6), sharp=True) for _ in range(200)]
    assert all(0.6 <= shot.defocus <= 0.9 and 30 <= shot.quality <= 95 for shot in poor)
    assert max(abs(shot.shift[0]) for shot in poor) <= 1
    assert all(shot.motion == 0 and shot.shift == (0, 0) and shot.quality >= 80 for shot in good)


def test_stored_pictures_went_through_jpeg(scene):
    plain = shoot(scene, Shot(SIZE), rng()).astype(int)
    poor, fine = (np.abs(shoot(scene, Shot(SIZE, quality=q), rng()) - plain) for q in (10, 95))
    assert poor.mean() > 2 * fine.mean() > 0
    assert Image.fromarray(shoot(scene, Shot(SIZE, quality=30), rng())).size == (64, 16)

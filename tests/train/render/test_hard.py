"""What is hard to code: large letters, displays, plates; clean, faint and coloured."""

import random

import numpy as np
import pytest

from tcsdk.train.render import render
from tcsdk.train.render.background import flat
from tcsdk.train.render.fonts import DISPLAYS, load_font
from tcsdk.train.render.hard import (
    HARD,
    display,
    large_letters,
    number_plate,
    render_hard,
)
from tcsdk.train.render.ink import LEAST_HUE, LUMA, pick_faint, pick_hue
from tcsdk.train.render.segments import LIT, POINTS

SIZE = (256, 256)
GROUNDS = [(255, 255, 255), (0, 0, 0), (128, 128, 128), (200, 40, 40), (20, 60, 160)]


def heights(assets, layout):
    samples = [
        render(assets, np.random.default_rng(seed), SIZE, {layout: 1.0}) for seed in range(40)
    ]
    return [int(sample.text_height.max()) for sample in samples]


def test_large_letters_are_larger_than_the_usual_ones(assets):
    drawn = heights(assets, large_letters)
    assert max(drawn) > 120
    assert np.mean(np.array(drawn) > 40) > 0.6


@pytest.mark.parametrize("layout", [display, number_plate])
def test_displays_and_plates_are_read_whole(assets, layout):
    samples = (
        render(assets, np.random.default_rng(seed), SIZE, {layout: 1.0}) for seed in range(12)
    )
    texts = [line.text for sample in samples for line in sample.lines]
    assert sum(any(c.isdigit() for c in text) for text in texts) >= 4


def test_the_same_state_gives_the_same_picture(assets):
    one, two = (render_hard(assets, np.random.default_rng(3), SIZE) for _ in range(2))
    assert np.array_equal(one.image, two.image)
    assert len(HARD) == len({layout.__name__ for layout in HARD})


def test_flat_grounds_have_one_colour_and_reach_the_corners_of_the_cube():
    dice, rng = random.Random(1), np.random.default_rng(1)
    seen = set()
    for _ in range(120):
        ground = flat(dice, rng, 4, 6)
        assert ground.shape == (4, 6, 3)
        assert (ground == ground[0, 0]).all()
        seen.add(tuple(ground[0, 0].tolist()))
    assert {(255, 255, 255), (0, 0, 0), (255, 0, 255), (0, 255, 0)} <= seen


@pytest.mark.parametrize("ground", GROUNDS)
def test_faint_text_differs_a_little(ground):
    dice, ground = random.Random(2), np.array(ground, np.float32)
    for _ in range(30):
        difference = abs(float((pick_faint(dice, ground, 0.0) - ground) @ LUMA))
        assert 8 < difference < 60


def test_hue_alone_tells_coloured_text_from_its_ground():
    dice, ground = random.Random(2), np.array((150, 60, 60), np.float32)
    inks = [pick_hue(dice, ground, 0.0) for _ in range(30)]
    near = [ink for ink in inks if abs(float((ink - ground) @ LUMA)) < 30]
    assert len(near) >= 25
    assert all(np.linalg.norm(ink - ground) >= LEAST_HUE for ink in near)


@pytest.mark.parametrize("name", DISPLAYS)
def test_every_character_of_a_display_has_a_shape_of_its_own(name):
    font = load_font(name, 40)
    shapes = {}
    for character in {*LIT, *POINTS} - {" "}:
        left, top, right, bottom = map(int, font.getbbox(character, anchor="ls"))
        mask = font.write(character, (left - 2, top - 2, right + 6, bottom + 2), 0, 0.0)
        assert mask.max() == 255
        assert not mask[[0, -1]].any()
        shapes[character] = mask.tobytes()
    assert len(set(shapes.values())) == len(shapes)


def test_a_stroke_makes_segments_thicker():
    font = load_font("seven segments", 40)
    thin, thick = (font.write("8", (-4, -44, 30, 4), stroke, 0.0) for stroke in (0, 2))
    assert (thick >= thin).all()
    assert thick.sum() > 1.1 * thin.sum()

"""What the renderer promises.

The same sample from the same state, ASCII lines, quads inside the picture, heights that cover them.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tcsdk.train.render import Assets, Sample, fonts, render
from tcsdk.train.render.damage import KINDS, Kind, damage, low_contrast
from tcsdk.train.render.geometry import bend, from_corners, project, rectangle, rotation, warp
from tcsdk.train.render.layout import LAYOUTS, single_code
from tcsdk.train.render.text import PRINTABLE, data, snippet, wording

pytestmark = pytest.mark.train

SIZES = [(128, 256), (256, 512), (97, 131)]


@pytest.fixture(scope="module")
def samples(assets: Assets) -> list[Sample]:
    return [render(assets, np.random.default_rng(seed)) for seed in range(60)]


def area_inside(quad: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Mark the pixels whose centres lie in a clockwise quad, a pixel or more from its sides."""
    rows, columns = np.indices(shape) + 0.5
    inside = np.ones(shape, np.bool_)
    for (x0, y0), (x1, y1) in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        distance = (x1 - x0) * (rows - y0) - (y1 - y0) * (columns - x0)
        inside &= distance >= np.hypot(x1 - x0, y1 - y0)
    return inside


def test_same_state_gives_same_sample(assets: Assets) -> None:
    for seed in range(12):
        one, two = (render(assets, np.random.default_rng(seed)) for _ in range(2))
        assert np.array_equal(one.image, two.image)
        assert np.array_equal(one.text_height, two.text_height)
        assert [line.text for line in one.lines] == [line.text for line in two.lines]
        assert all(
            np.array_equal(a.quad, b.quad) for a, b in zip(one.lines, two.lines, strict=True)
        )


def test_the_usual_layouts_given_as_such_change_nothing(assets: Assets) -> None:
    for seed in range(6):
        rngs = (np.random.default_rng(seed) for _ in range(2))
        one, two = render(assets, next(rngs)), render(assets, next(rngs), layouts=dict(LAYOUTS))
        assert np.array_equal(one.image, two.image)


def test_only_the_layouts_asked_for_are_drawn(assets: Assets) -> None:
    rngs = [np.random.default_rng(seed) for seed in range(8)]
    codes = [render(assets, rng, (256, 512), {single_code: 1.0}).lines for rng in rngs]
    assert {len(lines) for lines in codes} <= {0, 1}
    assert any(codes)


def test_successive_samples_differ(assets: Assets) -> None:
    rng = np.random.default_rng(5)
    assert not np.array_equal(render(assets, rng).image, render(assets, rng).image)


@pytest.mark.parametrize("size", SIZES)
def test_arrays_have_the_size_asked_for(assets: Assets, size: tuple[int, int]) -> None:
    for seed in range(8):
        sample = render(assets, np.random.default_rng(seed), size)
        assert sample.image.shape == (*size, 3)
        assert sample.image.dtype == np.uint8
        assert sample.clean.shape == sample.image.shape
        assert sample.clean.dtype == np.uint8
        assert sample.text_height.shape == size
        assert sample.text_height.dtype == np.uint8
        assert all(
            line.quad.shape == (4, 2) and line.quad.dtype == np.float32 for line in sample.lines
        )


def test_quads_lie_inside_the_picture_and_run_clockwise(samples: list[Sample]) -> None:
    for sample in samples:
        height, width = sample.text_height.shape
        for line in sample.lines:
            assert (line.quad >= 0).all()
            assert (line.quad <= (width, height)).all()
            x, y = line.quad.T
            area = 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))
            assert area > 4  # y points down: clockwise


def test_every_quad_is_filled_with_its_height(samples: list[Sample]) -> None:
    for sample in samples:
        for line in sample.lines:
            height = float(np.linalg.norm(line.quad[3] - line.quad[0]))
            filled = sample.text_height[area_inside(line.quad, sample.text_height.shape)]
            # A quad cut at the border is listed shorter than it was drawn; neighbours may overlap.
            assert (filled > 0).all()
            if line.quad.min() > 0 and len(sample.lines) == 1:
                assert np.abs(filled - height).max() <= 0.5


def test_most_pictures_are_clean_and_the_others_differ_a_little(samples: list[Sample]) -> None:
    changed = [s for s in samples if not np.array_equal(s.image, s.clean)]
    assert 0.2 * len(samples) < len(changed) < 0.6 * len(samples)
    for sample in changed:
        assert np.abs(sample.image.astype(int) - sample.clean).mean() < 20


@pytest.mark.parametrize("kind", KINDS)
def test_damage_keeps_what_the_text_should_look_like(kind: Kind, samples: list[Sample]) -> None:
    image = samples[0].image
    clean, spoilt = kind(image, image, np.random.default_rng(3))
    assert clean.shape == spoilt.shape == image.shape
    assert spoilt.dtype == np.uint8
    assert not np.array_equal(spoilt, image)
    contrast = clean.std() / image.std()
    assert 1 / 13 < contrast < 1 / 4 if kind is low_contrast else clean is image
    damaged = damage(samples[0], np.random.default_rng(5))
    assert not np.array_equal(damaged.image, samples[0].image)
    assert damaged.lines == samples[0].lines


def test_quads_hold_what_differs_from_the_ground(samples: list[Sample]) -> None:
    contrasts = []
    for sample in samples:
        grey = sample.image.mean(axis=2)
        contrasts += [
            float(np.ptp(grey[area_inside(line.quad, sample.text_height.shape)]))
            for line in sample.lines
        ]
    assert len(contrasts) > 60
    assert min(contrasts) > 20


def test_lines_are_printable_ascii_without_outer_spaces(samples: list[Sample]) -> None:
    for sample in samples:
        for line in sample.lines:
            assert line.text
            assert set(line.text) <= set(PRINTABLE + " ")
            assert line.text == line.text.strip()


def test_some_pictures_have_no_text_and_most_have(samples: list[Sample]) -> None:
    empty = sum(not sample.text_height.any() for sample in samples)
    assert 0 < empty < 20


def test_train_and_test_share_no_font_family_and_no_word(assets: Assets) -> None:
    test = Assets.load("test")
    assert not {face.family for family in assets.families for face in family} & {
        face.family for family in test.families for face in family
    }
    assert not set(assets.fonts) & set(test.fonts)
    assert not set(assets.words) & set(test.words)


def test_photographs_are_split_and_used(assets: Assets, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    for index in range(30):
        Image.fromarray(noise).save(tmp_path / f"{index}.png")
    train, test = (len(Assets.load(split, tmp_path).photos) for split in ("train", "test"))
    assert train + test == 30
    assert train > test > 0
    with_photos = Assets(assets.families, assets.words, (noise,))
    assert render(with_photos, np.random.default_rng(1), (128, 256)).image.shape == (128, 256, 3)


def test_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="dev"):
        Assets.load("dev")


def test_missing_fonts_name_the_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "FONT_FOLDERS", (tmp_path,))
    with pytest.raises(FileNotFoundError, match="fonts-dejavu-core"):
        fonts.find_families("train")


@pytest.mark.parametrize("longest", [1, 4, 12, 40])
def test_snippets_keep_to_their_length_and_can_be_read(longest: int) -> None:
    dice = random.Random(3)
    for _ in range(300):
        text = snippet(dice, ("alpha", "omega"), longest, (wording, data))
        assert 0 < len(text) <= longest
        assert any(c.isalnum() for c in text)


def test_homography_takes_corners_to_corners() -> None:
    source = rectangle(0, 0, 20, 10)
    target = source + np.array([[1, 2], [-3, 0], [2, 2], [0, -1]])
    assert np.allclose(project(from_corners(source, target), source), target)


def test_warped_mask_lands_where_its_corners_are_projected() -> None:
    mask = np.full((12, 40), 255, np.uint8)
    view = rotation(15, 30, 30)
    view[:2, 2] += (20, 15)
    seen = warp(mask, view, 100, 100)
    assert seen is not None
    part, left, top = seen
    rows, columns = np.nonzero(part > 127)
    corners = project(view, rectangle(0, 0, 40, 12))
    assert abs(columns.min() + left - corners[:, 0].min()) < 1.5
    assert abs(rows.max() + 1 + top - corners[:, 1].max()) < 1.5


def test_whole_pixel_move_keeps_the_mask() -> None:
    mask = np.random.default_rng(0).integers(0, 256, (5, 9), dtype=np.uint8)
    view = np.array([[1.0, 0, 4], [0, 1, -2], [0, 0, 1]])
    seen = warp(mask, view, 30, 30)
    assert seen is not None
    part, left, top = seen
    assert (left, top) == (4, 0)
    assert np.array_equal(part, mask[2:])


def test_bend_keeps_all_ink() -> None:
    mask = np.full((6, 8), 200, np.uint8)
    bent = bend(mask, np.linspace(0, 3.5, 8))
    assert np.allclose(bent.sum(axis=0, dtype=int), 1200, atol=6)

"""The training of the reader that ships: its lines, its steps, and that it resumes exactly."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from tcsdk.model.grids import LINE_HEIGHT
from tcsdk.models.recognition.reader import CHARACTERS
from tcsdk.models.registry import crop_net
from tcsdk.train.recognition.coded import CODINGS, code
from tcsdk.train.recognition.cut_lines import CutLine, LineConfig, make_lines, open_line_batches
from tcsdk.train.recognition.figures import FIGURES, SIGNS, reading, writes_signs
from tcsdk.train.recognition.reader import READER, ReaderRecipe, ReaderTrainer, stack
from tcsdk.train.render import Assets, render
from tcsdk.train.run.checkpoint import AVERAGE
from tcsdk.train.run.weights import load_origin, load_weights

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("assets", "one_thread")]
TINY = LineConfig(sizes=((96, 192),), coded=0.2, pictures=3, lines=2, fresh=1)


def weights_after(folder, steps, *, resume=False):
    recipe = ReaderRecipe(steps=steps, data=TINY)
    ReaderTrainer(recipe, folder, resume=resume).run(minutes=20)
    return torch.load(folder / AVERAGE, weights_only=True)


def test_resumed_training_equals_uninterrupted_one(tmp_path):
    whole = weights_after(tmp_path / "whole", 3)
    weights_after(tmp_path / "parts", 1)
    parts = weights_after(tmp_path / "parts", 3, resume=True)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    assert any(name.endswith("running_var") for name in whole)
    origin = load_origin(tmp_path / "parts")
    assert (origin.net, origin.recipe, origin.steps) == (READER, READER, 3)


def test_what_it_ships_is_folded(tmp_path):
    weights_after(tmp_path, 1)
    weights = load_weights(tmp_path)
    assert not any("norm" in name for name in weights)
    crop_net(weights, READER)  # they fit


def test_training_reads_the_same_lines_better(tmp_path):
    trainer = ReaderTrainer(ReaderRecipe(steps=1000, warmup=5, data=TINY), tmp_path)
    batch = next(iter(trainer._batches))
    trainer._batches.close()
    losses = []
    for _ in range(25):
        trainer._learn(batch)
        losses.append(trainer._log.values[-1])
    assert losses[-1] < 0.5 * losses[0]


def test_lines_depend_on_seed_and_number_alone(assets):
    first, again, other = (make_lines(assets, TINY, 5, index) for index in (3, 3, 4))
    assert [line.text for line in first] == [line.text for line in again]
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(first, again, strict=True))
    assert [line.text for line in first] != [line.text for line in other]


def test_lines_are_of_one_height_and_of_known_characters(assets):
    lines = [line for index in range(15) for line in make_lines(assets, LineConfig(), 1, index)]
    assert len(lines) > 20
    for line in lines:
        assert line.pixels.shape[0] == LINE_HEIGHT
        assert line.pixels.dtype == np.uint8
        assert set(line.text) <= set(CHARACTERS)


def test_lines_of_one_batch_are_filled_up_to_its_widest():
    lines = [np.full((LINE_HEIGHT, width, 3), 255, np.uint8) for width in (10, 21)]
    stacked = stack(lines)
    assert stacked.shape == (2, 3, LINE_HEIGHT, 24)
    assert (stacked[0, :, :, :10] == 1).all()
    assert (stacked[0, :, :, 10:] == 0.5).all()


def test_batches_hold_few_lines_of_a_picture():
    source = open_line_batches(None, replace(TINY, pictures=4, lines=1), seed=2)
    try:
        batches = [batch for batch, _ in zip(source, range(3), strict=False)]
    finally:
        source.close()
    assert all(len(batch) <= 4 and isinstance(batch[0], CutLine) for batch in batches)


@pytest.mark.parametrize("name", list(CODINGS))
def test_each_codec_brings_back_a_picture_of_the_same_size(name):
    y, x = np.mgrid[0:70, 0:130]
    picture = np.stack([x + y, 255 - x, 2 * y], -1).astype(np.uint8)
    coding, share = CODINGS[name]
    coded = coding(picture, np.random.default_rng(1))
    assert coded.shape == picture.shape
    assert 0 < np.abs(coded.astype(int) - picture).mean() < 40
    assert 0 < share < 1


def test_shares_of_codecs_are_shares():
    assert sum(share for _, share in CODINGS.values()) == pytest.approx(1)
    picture = np.full((40, 60, 3), 99, np.uint8)
    assert all(code(picture, np.random.default_rng(k)).shape == (40, 60, 3) for k in range(12))


def test_figures_are_figures_and_some_carry_signs(assets):
    texts = []
    for index in range(25):
        sample = render(assets, np.random.default_rng((9, index)), (192, 384), FIGURES)
        texts += [line.text for line in sample.lines]
    joined = "".join(texts)
    digits = sum(c.isdigit() for c in joined)
    assert digits > 0.4 * len(joined)
    assert set(joined) & set(SIGNS)
    assert set(joined) <= set(CHARACTERS)


def test_signs_are_written_by_faces_that_have_them(assets):
    faces = [face.path for family in assets.families for face in family]
    assert sum(map(writes_signs, faces)) > 0
    assert any(c in SIGNS for c in "".join(reading(random.Random(k), ()) for k in range(5)))


def test_the_held_out_fonts_are_not_learnt_from():
    learnt, held_out = (Assets.load(split) for split in ("train", "test"))
    assert not set(learnt.fonts) & set(held_out.fonts)
    assert len(held_out.families) > 0

"""Pictures that differ in look-alikes: how they are drawn, batched and kept apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tcsdk.models.codecs.base import CodecOutput
from tcsdk.train.codec.data import Batch, DataConfig, make_sample, open_batches
from tcsdk.train.codec.losses import compute_loss
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.codec.trainer import Trainer
from tcsdk.train.codec.twins import MARGIN, kept_apart
from tcsdk.train.render import render
from tcsdk.train.render.layout import single_code
from tcsdk.train.render.lookalikes import LOOKALIKES, lookalike
from tcsdk.train.run.weights import load_origin

pytestmark = pytest.mark.train

TWINNED = DataConfig(crop=(64, 128), batch=4, fresh=2, photos=0.0, twins=1.0)


def test_every_lookalike_is_another_character_of_one_case():
    for character, others in LOOKALIKES.items():
        assert character not in others
        assert all(other.isalnum() for other in others)
    assert len(lookalike("0O1Il5S8B a")) == len("0O1Il5S8B a")


def test_a_twin_differs_where_its_characters_do_and_nowhere_else(assets):
    differing = 0
    for seed in range(12):
        first, second = (
            render(
                assets,
                np.random.default_rng(seed),
                (96, 256),
                {single_code: 1.0},
                spelling=spelling,
            )
            for spelling in (str, lookalike)
        )
        if not (first.lines and second.lines):
            continue
        assert [lookalike(line.text) for line in first.lines] == [x.text for x in second.lines]
        changed = np.abs(first.clean.astype(int) - second.clean).max(axis=2) > 24
        inside = (first.text_height > 0) | (second.text_height > 0)
        assert changed[~inside].mean() < 0.01
        differing += bool(changed.any())
    assert differing >= 4


def test_samples_are_drawn_twice_where_the_data_say_so(assets):
    samples = [make_sample(assets, TWINNED, 5, k) for k in range(4)]
    assert all(sample.twin is not None for sample in samples)
    plain = [make_sample(assets, replace(TWINNED, twins=0.0), 5, k) for k in range(4)]
    assert all(sample.twin is None for sample in plain)


@pytest.mark.usefixtures("assets")
def test_a_step_has_as_many_crops_with_twins_among_them():
    batches = open_batches(None, TWINNED, 3)
    batch = next(iter(batches))
    batches.close()
    assert batch.pictures.shape == (4, 3, 64, 128)
    assert batch.twins.tolist() == [[0, 1], [2, 3]]
    for first, second in batch.twins.tolist():  # one crop, one colour
        alike = (batch.clean[first] - batch.clean[second]).abs().amax(0) < 0.05
        outside = (batch.text_heights[first, 0] == 0) & (batch.text_heights[second, 0] == 0)
        assert alike[outside].float().mean() > 0.95


def two_pictures(generator):
    first = torch.rand(1, 3, 32, 64, generator=generator)
    second = first.clone()
    second[..., :16, :16] = 1.0 - second[..., :16, :16]
    return torch.cat([first, second]), torch.tensor([[0, 1]])


def test_twins_that_differ_as_their_originals_cost_nothing():
    clean, twins = two_pictures(torch.Generator().manual_seed(1))
    kept = kept_apart(clean, clean, twins)
    assert kept.missing.tolist() == [0.0]
    assert kept.share == 1.0
    flatter = 0.5 + 0.7 * (clean - 0.5)
    assert kept_apart(flatter, clean, twins).missing.tolist() == [0.0]


def test_twins_that_are_decoded_alike_lack_the_whole_margin():
    clean, twins = two_pictures(torch.Generator().manual_seed(1))
    alike = clean[:1].expand(2, -1, -1, -1)
    kept = kept_apart(alike, clean, twins)
    assert kept.missing.tolist() == [1.0]
    assert kept.share == 0.0
    half = clean.clone()
    half[1] = clean[0] + 0.5 * MARGIN * (clean[1] - clean[0])
    assert kept_apart(half, clean, twins).missing[0] == pytest.approx(0.5, abs=1e-4)


def test_the_loss_pays_for_twins_that_are_decoded_alike():
    clean, twins = two_pictures(torch.Generator().manual_seed(1))
    heights = torch.full((2, 1, 32, 64), 16.0)
    nothing = torch.zeros(0, dtype=torch.int64), torch.zeros(0, 4, 2), ()
    batch = Batch(clean, clean, heights, *nothing, twins)
    alike = clean[:1].expand(2, -1, -1, -1).clone().requires_grad_()
    logits = torch.zeros(2, 1, 2, 4)
    output = CodecOutput(alike, torch.zeros(2), torch.zeros(2), logits)
    quality = torch.tensor([32, 32])

    def loss(name):
        recipe = replace(RECIPES[name], reading=None)
        return compute_loss(recipe, batch, output, quality, None, torch.Generator()).total

    more = loss("tfic-apart") - loss("tfic-more")
    assert more > 0
    (gradient,) = torch.autograd.grad(more, alike)
    assert gradient[..., :16, :16].abs().sum() > 0
    assert gradient[..., 16:, :].abs().sum() == 0


@pytest.mark.usefixtures("assets", "one_thread")
@pytest.mark.parametrize("name", ["tfic-apart", "tfic-blurred"])
def test_a_training_with_it_runs(tmp_path, name):
    recipe = replace(
        RECIPES[name],
        init=None,
        steps=1,
        readers=(("own", 1.0),),
        data=replace(RECIPES[name].data, crop=(64, 128), batch=2),
    )
    Trainer(recipe, tmp_path).run(minutes=5)
    assert load_origin(tmp_path).recipe == name

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from tcsdk.models.codecs.base import CodecOutput
from tcsdk.train.codec.data import Batch
from tcsdk.train.codec.losses import (
    SOFT_NATS,
    asking_loss,
    choose_lines,
    compute_loss,
    detector_loss,
    reading_loss,
    rim_weight,
    weight_of,
)
from tcsdk.train.codec.recipe import Range
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.readers import READERS, Reader, Readers

pytestmark = pytest.mark.train


def batch_of(lines):
    quads = torch.tensor([[[4, 4], [4 + w, 4], [4 + w, 4 + h], [4, 4 + h]] for w, h in lines])
    text_heights = torch.zeros(1, 1, 64, 128)
    text_heights[..., :32, :] = 16.0
    pictures = torch.rand(1, 3, 64, 128)
    return Batch(
        pictures,
        pictures,
        text_heights,
        torch.zeros(len(lines), dtype=torch.int64),
        quads.float().reshape(-1, 4, 2),
        tuple("abc" for _ in lines),
    )


def loss_of(recipe, batch, x_hat, quality=32):
    logits = (nn.functional.max_pool2d(batch.masks, 16) - 0.5) * 1e3  # a detector without fault
    output = CodecOutput(x_hat, torch.tensor([800.0]), torch.tensor([200.0]), logits)
    return compute_loss(recipe, batch, output, torch.tensor([quality]), None, torch.Generator())


def test_weight_is_log_linear_in_quality():
    weights = weight_of(Range(1.0, 100.0), torch.tensor([0, 63]))
    assert weights.tolist() == pytest.approx([1.0, 100.0], rel=1e-5)


def test_the_rim_counts_more_and_the_inside_as_ever():
    weights = rim_weight(4.0, torch.zeros(2, 1, 64, 128))
    assert weights.shape == (1, 1, 4, 8)
    assert weights[..., 1:-1, 1:-1].unique().tolist() == [1.0]
    assert weights.sum() == 12 + 4 * 20
    batch = replace(batch_of([]), text_heights=torch.zeros(1, 1, 64, 128))
    recipe, next_ = RECIPES["tfic"], replace(RECIPES["tfic"], rim=4.0)
    at_rim, inside = batch.pictures.clone(), batch.pictures.clone()
    at_rim[..., :16, :] += 0.1
    inside[..., 32:48, 16:-16] += 0.1
    bits = loss_of(recipe, batch, batch.pictures).total
    errors = [
        (loss_of(r, batch, x).total - bits).item()
        for x in (at_rim, inside)
        for r in (recipe, next_)
    ]
    assert errors[1] == pytest.approx(4 * errors[0], rel=1e-4)
    assert errors[3] == pytest.approx(errors[2], rel=1e-6)


def test_perfect_picture_costs_its_bits():
    batch = batch_of([])
    loss = loss_of(RECIPES["base"], batch, batch.pictures.clone(), quality=0)
    assert loss.total.item() == pytest.approx(1000 / (64 * 128))
    assert loss.mse.item() == 0


def test_tfic_minds_errors_in_text_more_than_behind_it():
    batch = batch_of([])
    in_text, behind = batch.pictures.clone(), batch.pictures.clone()
    in_text[..., :32, :] += 0.1
    behind[..., 32:, :] += 0.1
    text_loss, background_loss = (
        loss_of(RECIPES["tfic"], batch, x).total for x in (in_text, behind)
    )
    assert text_loss > background_loss


def test_tfic_minds_errors_in_small_text_more_than_in_large():
    small = batch_of([])
    large = replace(small, text_heights=small.text_heights * 2)
    x_hat = small.pictures.clone()
    x_hat[..., :32, :] += 0.1
    losses = [loss_of(RECIPES["tfic"], batch, x_hat).total for batch in (small, large)]
    assert losses[0] > 2 * losses[1]


def test_tfic_minds_a_shifted_tone_of_the_background_more_than_its_grain():
    batch = batch_of([])
    tone, grain = batch.pictures.clone(), batch.pictures.clone()
    tone[..., 32:, :] += 0.1
    grain[..., 32:, :] += 0.1 * (torch.arange(128) % 2 * 2 - 1)
    losses = [loss_of(RECIPES["tfic"], batch, x).total for x in (tone, grain)]
    assert losses[0] > losses[1]


def test_text_is_compared_with_its_clean_form_and_the_rest_with_the_picture():
    batch = batch_of([])
    clean = batch.pictures.clone()
    clean[..., :32, :] += 0.1  # in text
    batch = replace(batch, clean=clean)
    tfic = [loss_of(RECIPES["tfic"], batch, x).total for x in (batch.pictures, clean)]
    assert tfic[1] < tfic[0]
    base = [loss_of(RECIPES["base"], batch, x).total for x in (batch.pictures, clean)]
    assert base[0] < base[1]


def test_lines_too_small_or_too_long_are_not_read():
    generator = torch.Generator().manual_seed(0)
    assert choose_lines(batch_of([(60, 3), (119, 8)]), 4, generator) is None
    chosen = choose_lines(batch_of([(60, 20), (60, 3)]), 4, generator)
    assert len(chosen.texts) == 1


def test_quads_are_jittered_but_stay_near():
    batch = batch_of([(60, 20)])
    chosen = choose_lines(batch, 1, torch.Generator().manual_seed(1))
    moved = (chosen.quads - batch.quads).abs()
    assert 0 < moved.max() <= 0.04 * 20


def test_detector_learns_which_blocks_show_text():
    masks = torch.zeros(1, 1, 64, 128)
    masks[..., :16, :32] = 1.0  # two blocks
    masks[..., 32:33, 64:65] = 1.0  # a pixel is not text
    truth = torch.full((1, 1, 4, 8), -20.0)
    truth[..., 0, :2] = 20.0
    assert detector_loss(truth, masks).item() < 1e-6
    assert detector_loss(-truth, masks).item() > 10


def test_errors_of_colour_count_less_in_text():
    batch = batch_of([])
    grey, colour = batch.pictures.clone(), batch.pictures.clone()
    grey[..., :32, :] += 0.1
    tint = torch.tensor([0.1, -0.1, 0.1])[:, None, None]
    colour[..., :32, :] += tint
    losses = [loss_of(RECIPES["tfic"], batch, x).total.item() for x in (grey, colour)]
    assert losses[0] > losses[1]


class ReaderOfErrors(Reader):
    """Loses, per line, a nat for each unit of squared error in its picture."""

    def nats(self, decoded, originals, lines):
        return (decoded - originals).square().sum((1, 2, 3))[lines.picture]


def test_reading_loss_is_soft_and_stands_for_all_lines():
    batch, generator = batch_of([(60, 20), (60, 12), (60, 3)]), torch.Generator().manual_seed(0)
    decoded = batch.pictures.clone()
    decoded[0, 0, 0, 0] = (decoded[0, 0, 0, 0] + 0.5) % 1.0  # an error of a half
    gamma = torch.tensor([2.0])
    recipe = replace(RECIPES["tfic"], lines=1)
    cost, nats = reading_loss(recipe, batch, decoded, gamma, ReaderOfErrors(), generator)
    per_character = SOFT_NATS * math.log1p(0.25 / (SOFT_NATS * 3))
    assert nats.item() == pytest.approx(per_character, rel=1e-4)
    assert cost.item() == pytest.approx(2.0 * 3 * 3 * per_character, rel=1e-4)  # lines, characters


def test_reading_costs_nothing_where_no_line_can_be_read():
    batch = batch_of([(60, 3)])
    cost, nats = reading_loss(
        RECIPES["tfic"],
        batch,
        batch.pictures,
        torch.tensor([1.0]),
        ReaderOfErrors(),
        torch.Generator(),
    )
    assert cost.item() == 0.0
    assert math.isnan(nats.item())


def test_asking_for_too_little_costs_more_than_for_too_much():
    wanted = torch.tensor([8.0, 8.0, 0.0])
    too_little, too_much, for_nothing = (
        asking_loss(wanted + torch.tensor(off), wanted).item()
        for off in ([-4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 4.0])
    )
    assert too_little == pytest.approx(2 * too_much)
    assert too_much == pytest.approx(3 * for_nothing)
    assert asking_loss(wanted, wanted).item() == 0.0


def test_each_step_asks_one_of_the_recipes_readers():
    recipe = RECIPES["tfic"]
    readers = Readers((("own", 1.0),))
    batch = batch_of([(60, 20)])
    decoded = (batch.pictures * 0.5).requires_grad_()
    output = CodecOutput(
        decoded, torch.tensor([800.0]), torch.tensor([200.0]), torch.zeros(1, 1, 4, 8)
    )
    quality, generator = torch.tensor([32]), torch.Generator().manual_seed(0)
    loss = compute_loss(recipe, batch, output, quality, readers, generator)
    assert loss.reader == "own"
    assert loss.nats.item() > 0
    without = compute_loss(recipe, batch, output, quality, None, generator)
    assert without.reader is None
    assert loss.total.item() > without.total.item()


def test_recipes_name_readers_that_exist():
    named = [name for recipe in RECIPES.values() for name, _ in recipe.readers]
    assert len(named) >= 3
    assert set(named) <= set(READERS)
    assert all(bool(recipe.readers) == (recipe.reading is not None) for recipe in RECIPES.values())

"""What text that is too small to be read should look like."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tcsdk.models.codecs.base import CodecOutput
from tcsdk.train.codec.blurring import blurred, legible_target
from tcsdk.train.codec.data import Batch
from tcsdk.train.codec.losses import choose_lines, compute_loss, weight_of
from tcsdk.train.codec.recipes import RECIPES

pytestmark = pytest.mark.train

RECIPE = replace(RECIPES["tfic-blurred"], reading=None)


def batch_of(height):
    generator = torch.Generator().manual_seed(4)
    pictures = torch.rand(1, 3, 64, 128, generator=generator)
    heights = torch.zeros(1, 1, 64, 128)
    heights[..., :32, :] = height
    quads = torch.tensor([[[8, 4], [90, 4], [90, 4 + height], [8, 4 + height]]])
    return Batch(
        pictures, pictures, heights, torch.zeros(1, dtype=torch.int64), quads.float(), ("abc",)
    )


def test_a_blur_keeps_what_is_flat_and_the_mean():
    flat = torch.full((1, 3, 20, 30), 0.3)
    assert blurred(flat) == pytest.approx(flat, abs=1e-6)
    noise = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    assert blurred(noise).mean() == pytest.approx(float(noise.mean()), abs=0.01)
    assert blurred(noise).var() < 0.1 * noise.var()


def test_only_text_below_its_least_height_is_blurred():
    batch = batch_of(9)
    target = legible_target(batch.clean, batch.text_heights, torch.tensor([10.0]))
    assert torch.equal(target[..., 32:, :], batch.clean[..., 32:, :])
    assert target[..., :32, :].var() < 0.2 * batch.clean[..., :32, :].var()
    assert torch.equal(
        legible_target(batch.clean, batch.text_heights, torch.tensor([9.0])), batch.clean
    )


@pytest.mark.parametrize(("height", "quality", "is_blurred"), [(9, 0, True), (9, 63, False)])
def test_the_loss_wants_blur_at_low_quality_alone(height, quality, is_blurred):
    batch = batch_of(height)
    soft = torch.where(batch.text_heights > 0, blurred(batch.clean), batch.clean)

    def loss(x_hat):
        logits = torch.zeros(1, 1, 4, 8)
        output = CodecOutput(x_hat, torch.zeros(1), torch.zeros(1), logits)
        qualities = torch.tensor([quality])
        return compute_loss(RECIPE, batch, output, qualities, None, torch.Generator()).total

    assert (loss(soft) < loss(batch.clean)) == is_blurred


def test_no_reader_is_asked_for_what_is_to_be_blurred():
    batch, generator = batch_of(9), torch.Generator().manual_seed(1)
    least = weight_of(RECIPES["tfic-blurred"].blurred, torch.tensor([0]))
    assert choose_lines(batch, 4, generator, least) is None
    assert choose_lines(batch, 4, generator) is not None

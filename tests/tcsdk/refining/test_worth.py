"""What errors are worth, and its gradient."""

import numpy as np
import pytest

from tcsdk.refining import worth

BOX = np.array([[8, 12], [100, 14], [99, 34], [7, 32]], np.float32)


def made(quality=24, boxes=(BOX,), blocks=None):
    target = np.random.default_rng(1).random((3, 64, 128)).astype(np.float32)
    blocks = np.zeros((4, 8), bool) if blocks is None else blocks
    counted = np.ones((64, 128), np.float32)
    return worth.pixel_worth(target, blocks, list(boxes), counted, quality)


def test_what_is_right_has_no_gradient():
    pixels = made()
    assert not pixels.gradient(pixels.target).any()


def test_errors_in_text_are_worth_more():
    pixels = made()
    slope = np.abs(pixels.gradient(pixels.target + np.float32(0.01)))
    assert slope[:, 16:30, 20:90].mean() > 20 * slope[:, 40:].mean()


def test_a_block_that_a_detector_sees_counts_as_text_where_no_line_is_near():
    blocks = np.zeros((4, 8), bool)
    blocks[3, 7] = blocks[1, 2] = True
    box = np.array([[8, 4], [60, 4], [60, 20], [8, 20]], np.float32)
    text = made(blocks=blocks, boxes=(box,)).text
    assert text[48:, 112:].all()
    assert text[4:20, 8:60].all()
    assert text.sum() == 16 * 16 + 16 * 52  # of the other block the line itself counts alone


def test_what_is_not_counted_has_no_gradient():
    pixels = made()
    counted = np.zeros((64, 128), np.float32)
    counted[:, :64] = 1
    half = worth.PixelWorth(pixels.target, pixels.text, pixels.legible, counted, 24)
    slope = half.gradient(pixels.target + np.float32(0.1))
    assert slope[:, :, :64].any()
    assert not slope[:, :, 64:].any()


def test_weights_are_between_the_two_ends():
    assert worth.at_quality(worth.TEXT, 0) == pytest.approx(worth.TEXT[0])
    assert worth.at_quality(worth.TEXT, 63) == pytest.approx(worth.TEXT[1])
    assert worth.TEXT[0] < worth.at_quality(worth.TEXT, 30) < worth.TEXT[1]


@pytest.mark.train
@pytest.mark.parametrize("quality", [0, 24, 63])
def test_it_is_the_loss_of_training(quality):
    import torch

    from tcsdk.train.codec.data import Batch
    from tcsdk.train.codec.losses import _distortion
    from tcsdk.train.codec.recipes import RECIPES

    pixels = made(quality)
    heights = np.where(pixels.text, np.float32(worth.sides(BOX)[1]), 0)
    picture = torch.from_numpy(pixels.target)[None]
    shown = picture + 0.1 * torch.randn(picture.shape, generator=torch.manual_seed(2))
    shown.requires_grad_(True)
    batch = Batch(
        picture,
        picture,
        torch.from_numpy(heights)[None, None],
        torch.zeros(0, dtype=torch.int64),
        torch.zeros(0, 4, 2),
        (),
    )

    class Output:
        x_hat = shown

    recipe = next(recipe for recipe in RECIPES.values() if recipe.name == "tfic")
    error = (shown - picture) * 255.0
    bits = _distortion(recipe, batch, Output, torch.tensor([quality]), error).sum() * 64 * 128
    bits.backward()
    ours = pixels.gradient(shown.detach()[0].numpy())
    np.testing.assert_allclose(ours, shown.grad[0].numpy(), rtol=1e-3, atol=1e-4)

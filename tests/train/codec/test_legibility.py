"""What text wants: how much errors count, and how much finer it is coded."""

import pytest
import torch

from tcsdk.codec.quality_map import rounded_offsets as rounded
from tcsdk.models.codecs.gains import whole_steps
from tcsdk.train.codec.legibility import (
    contrast_weight,
    height_weight,
    luma,
    wanted_offsets,
)

pytestmark = pytest.mark.train


def stripes(contrast):
    """Grey stripes of 4 pixels, `contrast` levels apart, as a picture (1, 3, 64, 128)."""
    wave = (torch.arange(128) // 4 % 2).float() * contrast / 255.0 + 0.2
    return wave.expand(1, 3, 64, 128).contiguous()


def test_an_error_counts_by_an_inverse_power_of_the_height_within_bounds():
    weights = height_weight(torch.tensor([0.0, 8.0, 16.0, 64.0, 255.0]))
    assert weights.tolist() == pytest.approx([4.0, 4.0, 1.0, 1 / 32, 1 / 32])


def test_faint_text_weighs_more_than_bold_text():
    faint, plain, bold = (contrast_weight(stripes(c)).mean().item() for c in (20, 80, 180))
    assert faint == pytest.approx(4.0)
    assert plain == pytest.approx(40**2 / (40**2 + 10**2), rel=0.1)
    assert bold == pytest.approx(0.4)


def test_white_has_the_luma_of_one():
    assert luma(torch.ones(1, 3, 1, 1)).item() == pytest.approx(1.0)


def heights(pixels):
    """Text of a height in the left half of (1, 1, 64, 128)."""
    text_heights = torch.zeros(1, 1, 64, 128)
    text_heights[..., :64] = pixels
    return text_heights


def test_small_and_faint_text_wants_finer_steps_and_nothing_else_does():
    picture = stripes(80)  # a deviation of 40, and the floor's
    wanted = {h: wanted_offsets(picture, heights(h))[0, 0, 1] for h in (10, 20, 40)}
    assert all((w[4:] == 0).all() for w in wanted.values())  # no text
    assert wanted[10][1] - wanted[20][1] == pytest.approx(10.0, abs=0.3)
    assert wanted[20][1] == pytest.approx(0.0, abs=0.3)
    assert wanted[40][1] == 0.0
    assert wanted_offsets(stripes(20), heights(20))[0, 0, 1, 1] > 6.0
    assert wanted_offsets(stripes(1), heights(4)).max() == 20.0


def test_a_block_takes_the_most_that_a_pixel_of_it_wants():
    text_heights = heights(20)
    text_heights[0, 0, 17, 17] = 10.0
    wanted = wanted_offsets(stripes(80), text_heights)
    assert wanted.shape == (1, 1, 4, 8)
    assert wanted[0, 0, 1, 1] > wanted[0, 0, 1, 2] + 9.0


def test_a_touch_of_text_wants_nothing():
    text_heights = torch.zeros(1, 1, 64, 128)
    text_heights[..., :16] = 8.0
    text_heights[..., :12, 16:17] = 8.0  # 5 % of the next block
    wanted = wanted_offsets(stripes(80), text_heights)[0, 0, 0]
    assert wanted[0] > 10.0
    assert wanted[1] == 0.0
    text_heights[..., :, 16:17] = 8.0
    assert wanted_offsets(stripes(80), text_heights)[0, 0, 0, 1] > 10.0


def test_contrast_is_that_of_text_whatever_lies_behind_its_edge():
    picture = stripes(20)
    loud = picture.clone()
    loud[..., 64:] = (torch.arange(64) // 4 % 2).float()
    quiet, beside = (wanted_offsets(p, heights(20))[0, 0, 1, :4] for p in (picture, loud))
    torch.testing.assert_close(quiet, beside)


def test_training_rounds_steps_as_the_encoder_does():
    wanted = torch.linspace(-3.0, 25.0, 200)[None, None, None]
    expected = rounded(wanted[0, 0].numpy())
    assert whole_steps(wanted)[0, 0].tolist() == expected.tolist()

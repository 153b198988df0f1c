"""TextBoost's fusion block: Figure 4, shown where the text reaches and nowhere else."""

import pytest
import torch

from tcsdk.models.codecs.fusion import FusionBlock
from tcsdk.models.registry import NETS, paints_frame

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def block():
    torch.manual_seed(5)
    return FusionBlock().eval()


def test_the_block_has_the_figures_parameters(block):
    weights = sum(p.numel() for n, p in block.named_parameters() if n.endswith("weight"))
    biases = sum(p.numel() for n, p in block.named_parameters() if n.endswith("bias"))
    # 3 -> 13; six units of 16 -> 8, 3x3, 8 -> 16; 16 -> 16 in the mask; 16 -> 3.
    assert weights == 3 * 13 + 6 * (128 + 576 + 128) + 256 + 48 == 5335
    assert biases == 13 + 6 * (8 + 8 + 16) + 16 + 3 == 224


def test_where_nothing_reaches_the_picture_stays(block):
    x_hat, guidance = torch.rand(2, 3, 32, 40), torch.zeros(2, 2, 32, 40)
    guidance[:, 0] = 1.0  # letters alone move nothing
    guidance[:, :, :, 20:] = 1.0
    with torch.no_grad():
        fused = block.fuse(x_hat, guidance)
    assert torch.equal(fused[..., :20], x_hat[..., :20])
    assert (fused[..., 20:] != x_hat[..., 20:]).any()


def test_over_the_whole_frame_reach_counts_for_nothing(block):
    whole = FusionBlock(frame=True).eval()
    whole.load_state_dict(block.state_dict())
    x_hat, guidance = torch.rand(1, 3, 32, 40), torch.rand(1, 2, 32, 40)
    with torch.no_grad():
        fused = whole.fuse(x_hat, guidance)
        assert torch.equal(fused, block(x_hat, guidance[:, :1]))
        guidance[:, 1:] = 1.0
        torch.testing.assert_close(block.fuse(x_hat, guidance), fused)


def test_nets_say_where_they_paint():
    frames = {name for name in NETS if paints_frame(name)}
    assert frames == {"elic-s-guided", "tcm-s-guided"}
    assert not paints_frame("nobody's")


def test_letters_change_what_is_painted(block):
    x_hat, letters = torch.rand(1, 3, 32, 32), torch.zeros(1, 1, 32, 32)
    letters[..., 10:20, 10:20] = 1.0
    with torch.no_grad():
        moved = (block(x_hat, letters) != block(x_hat, torch.zeros_like(letters))).any(1)[0]
    assert moved[10:20, 10:20].all()
    # Three convolutions of 3x3: tcsdk.codec.guidance counts on no more.
    assert not moved[:7].any()
    assert not moved[:, 23:].any()


def test_an_untrained_block_begins_near_the_picture(block):
    x_hat = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        off = (block(x_hat, torch.rand(1, 1, 64, 64)) - x_hat).abs().mean()
    assert off < 0.3


def test_a_guided_codec_shows_pictures_with_and_without_guidance():
    torch.manual_seed(5)
    codec = NETS["edge-guided"]().eval()
    x, quality, guidance = torch.rand(1, 3, 64, 64), torch.tensor([10]), torch.zeros(1, 2, 64, 64)
    guidance[..., 32:] = 1.0
    with torch.no_grad():
        plain = codec(x, quality).x_hat
        guided = codec(x, quality, guidance=guidance).x_hat
    assert torch.equal(guided[..., :32], plain[..., :32].clamp(0, 1))
    assert (guided[..., 32:] != plain[..., 32:]).any()

"""LIC-TCM as published in code, with the context for the means that a decoder can follow."""

import pytest
import torch
from torch import nn

from tcsdk.models.codecs.tcm import SMALL, MixedBlock, TcmCodec, TcmConfig
from tcsdk.models.layers.gdn_blocks import DoublingBlock, HalvingBlock, conv3, doubled
from tcsdk.models.layers.window_attention import SwinLayer
from tcsdk.models.registry import NETS

pytestmark = pytest.mark.train
TINY = TcmConfig(
    half=8, heads=(8, 8, 8), latent=24, groups=(8, 8, 8), context=(24, 16), inner=16, hyper=8
)


def numbers(*modules: nn.Module) -> int:
    return sum(p.numel() for module in modules for p in module.parameters())


@pytest.fixture(scope="module")
def codec():
    torch.manual_seed(1)
    codec = TcmCodec(TINY)
    with torch.no_grad():
        for layers in (*codec.grouped.gather, *codec.grouped.refine):
            layers[-1].weight.normal_(0, 0.3)
        for parameter in (*codec.g_a[-1].parameters(), *codec.means.parameters()):
            parameter.mul_(8)
    return codec.eval()


def hyper(half: int, first: nn.Module, last: nn.Module) -> int:
    """Numbers of one of the published hyper networks, whose attention has windows of 4."""
    mixed = numbers(MixedBlock(half, 32, False))
    mixed += numbers(SwinLayer(half, 32, 4, False)) - numbers(SwinLayer(half, 32, 8, False))
    return numbers(first, last) + 2 * mixed


def test_the_published_size_has_the_published_parameters():
    """45.18 M, as jmliu206/LIC_TCM's models/tcm.py makes them at N = 64.

    What is not here is added: its hyper networks, the scales' half of its context, and the
    bottleneck's 61 numbers per channel of z.
    """
    config, codec = TcmConfig(), TcmCodec()
    wide, z = 2 * config.half, 192
    h_a = hyper(config.half, HalvingBlock(320, wide), conv3(wide, z, 2))
    h_s = hyper(config.half, DoublingBlock(z, wide), doubled(wide, 320))
    context = codec.grouped
    own = numbers(codec.g_a, codec.g_s, context)
    scales = numbers(context.attention, context.gather)
    assert (numbers(codec.g_a), numbers(codec.g_s)) == (2_141_020, 6_765_096)
    assert own + scales + h_a + 2 * h_s + 61 * z == 45_180_752


def test_the_small_size_has_the_edge_nets_latents():
    codec = NETS["tcm-s"]()
    assert (codec.config.latent, codec.config.hyper) == (192, 32)
    assert sum(SMALL.groups) == 192
    assert numbers(codec) < 8_000_000


@pytest.mark.parametrize("size", [(64, 64), (128, 192)])
def test_output_has_the_pictures_shape(codec, size):
    x = torch.rand(2, 3, *size)
    with torch.no_grad():
        output = codec(x, torch.tensor([0, 63]))
    assert output.x_hat.shape == x.shape
    assert (output.r_bits > 0).all()


def test_an_untrained_context_changes_nothing():
    torch.manual_seed(1)
    codec, y = TcmCodec(TINY).eval(), torch.randn(1, 24, 8, 8)
    with torch.no_grad():
        latents = codec.latents(y, torch.tensor([40]))
        mu = codec.means(latents.z_hat / codec.gains.z_gain_at(torch.tensor([40])))
    torch.testing.assert_close(latents.mu, mu)
    torch.testing.assert_close(latents.refined, mu)


def test_a_decoder_that_has_r_alone_finds_the_same_picture(codec):
    quality = torch.tensor([50])
    with torch.no_grad():
        latents = codec.latents(5 * torch.randn(1, 24, 8, 8), quality)
        r, z = latents.r_hat, latents.z_hat / codec.gains.z_gain_at(quality)
        mu, refined = codec.context()(
            z, lambda mu, place: r[:, place] / latents.gain[:, place] + mu
        )
    assert (r != 0).float().mean() > 0.02
    torch.testing.assert_close(mu, latents.mu)
    torch.testing.assert_close(refined, latents.refined)
    torch.testing.assert_close(latents.decode(r), r / latents.gain + refined)
    moved = (refined - mu).abs()
    assert 0.01 < moved.max() <= 0.5


def test_means_look_at_nothing_that_is_decoded_later(codec):
    z, r = torch.randn(1, 8, 2, 2), torch.randn(1, 24, 8, 8)

    def predicted(r):
        with torch.no_grad():
            return codec.context()(z, lambda mu, place: r[:, place] + mu)

    before, changed = predicted(r), r.clone()
    changed[:, 8:16] += 3
    after = predicted(changed)
    assert torch.equal(after.mu[:, :16], before.mu[:, :16])
    assert torch.equal(after.refined[:, :8], before.refined[:, :8])
    assert not torch.allclose(after.refined[:, 8:16], before.refined[:, 8:16])
    assert not torch.allclose(after.mu[:, 16:], before.mu[:, 16:])


def test_rounding_that_is_predicted_passes_gradients(codec):
    codec.train()
    output = codec(torch.rand(1, 3, 64, 64), torch.tensor([40]))
    (output.x_hat.square().sum() + output.cost.sum()).backward()
    codec.eval()
    silent = [n for n, p in codec.named_parameters() if p.grad is None]
    assert all(name.startswith(("detector.", "fusion.")) for name in silent), silent

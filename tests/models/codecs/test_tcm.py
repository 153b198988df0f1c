"""LIC-TCM as published in code, with the context for the means that a decoder can follow."""

import pytest
import torch
from torch import nn

from tcsdk.models.codecs.tcm import SMALL, TcmCodec, TcmConfig
from tcsdk.models.codecs.tcm_context import TcmNetwork
from tcsdk.models.layers.window_attention import WindowLayer

pytestmark = pytest.mark.train
TINY = TcmConfig(half=8, latent=24, slices=3, heads=(8, 8, 8), hyper=8)


def numbers(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.fixture(scope="module")
def codec():
    torch.manual_seed(1)
    codec = TcmCodec(TINY).eval()
    with torch.no_grad():
        for layers in (*codec.grouped.means, *codec.grouped.errors):
            layers[-1].weight.normal_(0, 0.1)
    return codec


def test_the_published_transforms_have_the_published_parameters():
    codec, n = TcmCodec(), 64

    def block(head: int) -> int:
        heads = n // head
        attention = 3 * n * n + 3 * n + n * n + n + heads * 15 * 15 + 4 * n
        mlp = 2 * 4 * n * n + 5 * n
        return 2 * (4 * n * n + 2 * n) + 2 * (9 * n * n + n) + attention + mlp

    w = 2 * n
    strided = [w * taken * 9 + w + w * w * 9 + w + w * w + w + w * taken + w for taken in (3, w, w)]
    blocks = 2 * (block(8) + block(16) + block(32))
    assert numbers(codec.g_a) == sum(strided) + blocks + 320 * w * 9 + 320
    up = [2 * (4 * w * taken * 9 + 4 * w) + w * w * 9 + w + w * w + w for taken in (320, w, w)]
    assert numbers(codec.g_s) == sum(up) + blocks + 12 * w * 9 + 12


def test_the_published_context_has_five_even_slices():
    network = TcmNetwork(320, 5)
    assert network.groups == (64,) * 5
    assert [layers[0].in_channels for layers in network.means] == [320, 384, 448, 512, 576]
    assert [layers[0].in_channels for layers in network.errors] == [384, 448, 512, 576, 640]


def test_the_small_size_has_the_edge_nets_latents():
    assert (SMALL.latent, SMALL.hyper) == (192, 32)
    assert SMALL.latent % SMALL.slices == 0


@pytest.mark.parametrize("size", [(64, 64), (64, 128)])
def test_output_has_the_pictures_shape(codec, size):
    x = torch.rand(1, 3, *size)
    with torch.no_grad():
        output = codec(x, torch.tensor([50]))
    assert output.x_hat.shape == x.shape
    assert (output.r_bits > 0).all()


def test_an_untrained_context_changes_nothing():
    torch.manual_seed(1)
    codec, quality = TcmCodec(TINY).eval(), torch.tensor([40])
    y = torch.randn(1, 24, 4, 8)
    with torch.no_grad():
        latents = codec.latents(y, quality)
        z = latents.z_hat / codec.gains.z_gain_at(quality)
        torch.testing.assert_close(latents.mu, codec.means(z))
        torch.testing.assert_close(codec.refine(y, z), y)


def test_a_decoder_that_has_r_alone_finds_the_same_means(codec):
    quality = torch.tensor([50])
    with torch.no_grad():
        latents = codec.latents(2 * torch.randn(1, 24, 4, 8), quality)
        r, z = latents.r_hat, latents.z_hat / codec.gains.z_gain_at(quality)
        mu = codec.context()(z, lambda mu: r / latents.gain + mu)
    assert (r != 0).any()
    torch.testing.assert_close(mu, latents.mu)


def test_slices_are_predicted_from_earlier_ones_and_from_no_later_one(codec):
    z, r = torch.randn(1, 8, 1, 2), torch.randn(1, 24, 4, 8)

    def means(r):
        with torch.no_grad():
            return codec.context()(z, lambda mu: r + mu)

    before, changed = means(r), r.clone()
    changed[:, 8:16] += 3
    after = means(changed)
    assert torch.equal(after[:, :16], before[:, :16])
    assert not torch.allclose(after[:, 16:], before[:, 16:])


def test_windows_see_themselves_alone():
    """A change in one window reaches no other; in shifted ones not over the plane's edge."""
    torch.manual_seed(2)
    for shifted, near in ((False, (slice(0, 4), slice(0, 4))), (True, (slice(0, 2), slice(0, 2)))):
        layer = WindowLayer(16, 4, shifted).eval()
        x = torch.randn(1, 8, 12, 16)
        changed = x.clone()
        changed[0, 1, 1] = 5 * torch.randn(16)
        with torch.no_grad():
            moved = (layer(changed) != layer(x)).any(-1)[0]
        assert moved[near].all()
        moved[near] = False
        assert not moved.any()

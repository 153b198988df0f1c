"""ELIC as published in code, with the context for the means that a decoder can follow."""

import pytest
import torch
from torch import nn

from tcsdk.models.codecs.elic import SMALL, ElicCodec, ElicConfig
from tcsdk.models.codecs.elic_context import ElicNetwork
from tcsdk.models.registry import NETS

pytestmark = pytest.mark.train
TINY = ElicConfig(width=16, latent=24, groups=(4, 4, 16), hyper=8)


def numbers(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def taught(codec: ElicCodec) -> ElicCodec:
    """The same with a context that says something, and gains that let r through."""
    torch.manual_seed(3)
    with torch.no_grad():
        for layers in codec.grouped.gather:
            layers[-1].weight.normal_(0, 0.3)
        for part in (codec.g_a[-1], codec.means):
            for parameter in part.parameters():
                parameter.mul_(8)
    return codec.eval()


@pytest.fixture(scope="module")
def codec():
    torch.manual_seed(1)
    return taught(ElicCodec(TINY))


def test_the_published_size_has_the_published_parameters():
    # A bottleneck of 192 channels has 120,192, attention 6 of these and a 1x1 convolution more.
    bottleneck, wide = 120_192, 6 * 333_440 + 102_720
    attention, down = 6 * bottleneck + 37_056, 192 * 192 * 25 + 192
    transforms = 9 * bottleneck + attention + wide + 2 * down
    codec = ElicCodec()
    assert numbers(codec.g_a) == transforms + 3 * 192 * 25 + 192 + 192 * 320 * 25 + 320
    assert numbers(codec.g_s) == transforms + 192 * 3 * 25 + 3 + 320 * 192 * 25 + 192


def test_the_published_groups_are_uneven():
    network = ElicNetwork(320, ElicConfig().groups, ElicConfig().context)
    assert network.groups == (16, 16, 32, 64, 192)
    assert [layers[0].in_channels for layers in network.channels] == [16, 32, 64, 128]
    assert [layers[-1].out_channels for layers in network.channels] == [32, 64, 128, 384]


def test_the_small_size_has_the_edge_nets_latents():
    codec = NETS["elic-s"]()
    assert (codec.config.latent, codec.config.hyper) == (192, 32)
    assert sum(SMALL.groups) == 192
    assert numbers(codec.g_a) + numbers(codec.g_s) < 3_500_000
    assert numbers(codec) < 10_000_000  # the context has six of them


@pytest.mark.parametrize("size", [(64, 64), (128, 192)])
def test_output_has_the_pictures_shape(codec, size):
    x = torch.rand(2, 3, *size)
    with torch.no_grad():
        output = codec(x, torch.tensor([0, 63]))
    assert output.x_hat.shape == x.shape
    assert (output.r_bits > 0).all()


def test_an_untrained_context_changes_nothing():
    torch.manual_seed(1)
    codec = ElicCodec(TINY).eval()
    y = torch.randn(1, 24, 8, 8)
    with torch.no_grad():
        latents = codec.latents(y, torch.tensor([40]))
        mu = codec.means(latents.z_hat / codec.gains.z_gain_at(torch.tensor([40])))
    torch.testing.assert_close(latents.mu, mu)


def test_a_decoder_that_has_r_alone_finds_the_same_means(codec):
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


def test_means_look_at_nothing_that_is_decoded_later(codec):
    """What is changed of a group's later elements or groups moves no mean before them."""
    z, r = torch.randn(1, 8, 2, 2), torch.randn(1, 24, 8, 8)
    context = codec.context()

    def means(r):
        with torch.no_grad():
            return context(z, lambda mu, place: r[:, place] + mu).mu

    before, changed = means(r), r.clone()
    changed[:, 4:8, 1::2, 1::2] += 3  # no anchors, of the second group
    after = means(changed)
    rows, columns = torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij")
    assert torch.equal(after[:, :8], before[:, :8])
    assert not torch.allclose(after[:, 8:], before[:, 8:])
    changed = r.clone()
    changed[:, 0, 0, 1] += 3  # an anchor, of the first
    moved = (means(changed)[:, :4] != before[:, :4]).any(1)[0]
    assert moved.any()
    assert not moved[(rows + columns) % 2 == 1].any()

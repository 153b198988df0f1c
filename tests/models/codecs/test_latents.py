"""One arithmetic from y to symbols: the formula of training, one rule of skipping, any context."""

import pytest
import torch

from tcsdk.models.codecs.context import HyperContext, Means
from tcsdk.models.codecs.edge import EdgeCodec, EdgeConfig
from tcsdk.models.codecs.gains import z_level
from tcsdk.models.codecs.latents import SKIP_INDEX, is_coded
from tcsdk.models.codecs.likelihood import LOG_SCALE_RATIO, gaussian_bits, round_ste

pytestmark = pytest.mark.train
QUALITY = torch.tensor([63, 20, 3])


class HalvesContext:
    """The second half of the channels is predicted from what is decoded of the first."""

    def __init__(self, network):
        self.network = network

    def __call__(self, z, decoded):
        mu = self.network(z)
        half = mu.shape[1] // 2
        first = decoded(mu[:, :half], slice(0, half))
        mu = torch.cat([mu[:, :half], mu[:, half:] + 0.5 * first], 1)
        return Means(mu, mu)


class HalvesCodec(EdgeCodec):
    """The edge codec with that context."""

    def context(self, part=None):
        return HalvesContext(self.means)


def made(kind=EdgeCodec):
    """A codec whose gains are far from one, which skips some elements and not others."""
    torch.manual_seed(4)
    codec = kind(EdgeConfig(16, 16, 16, 8, (1, 1), (1, 1), adaptive=True))
    with torch.no_grad():
        codec.gains.log_z_gain.uniform_(-1.0, 1.5)
        codec.scales.convs[-1].bias.fill_(4.0)
        for parameter in codec.g_a[-1].parameters():
            parameter.mul_(20)
    return codec


def formula(codec, y, offsets, whole):
    """Picture and bits as the training of the shipped models computed them."""
    level = z_level(QUALITY)
    z_gain = codec.gains.z_gain()[level][:, :, None, None]
    z = (codec.h_a(y) * z_gain).clamp(-127, 127)
    dequantised = round_ste(z) / z_gain
    mu = codec.means(dequantised)
    steps = codec.gains.steps()[QUALITY][:, :, None, None] + offsets
    index = codec.scales(dequantised) + steps
    gain = torch.exp(steps * LOG_SCALE_RATIO)
    r = (y - mu) * gain
    r_hat = torch.cat([r[:1], (round_ste(r) * (index.detach() >= 3.5))[1:]])
    noisy_r, noisy_z = (torch.round(t) if whole else t + torch.rand_like(t) - 0.5 for t in (r, z))
    counted = torch.tensor([0.0, 1.0, 1.0])
    return (
        codec.synthesise(r_hat / gain + mu),
        gaussian_bits(noisy_r, index).sum((1, 2, 3)) * counted,
        codec.prior.bits(noisy_z, level).sum((1, 2, 3)) * counted,
    )


def learnt_from(codec, outputs):
    """Gradients of a loss of picture and bits."""
    x_hat, r_bits, z_bits = outputs
    codec.zero_grad()
    (x_hat.square().mean() + (r_bits + z_bits).mean()).backward()
    return {n: p.grad.clone() for n, p in codec.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("whole", [False, True])
def test_a_step_of_training_is_the_formula_bit_for_bit(whole):
    codec = made()
    x = torch.rand(3, 3, 64, 128)
    offsets = 4.0 * torch.randint(0, 5, (3, 1, 4, 8))
    torch.manual_seed(9)
    output = codec(x, QUALITY, 1, whole, offsets)
    got = output.x_hat, output.r_bits, output.z_bits
    torch.manual_seed(9)
    expected = formula(codec, codec.analyse(x - 0.5)[0], offsets, whole)
    for a, b in zip(got, expected, strict=True):
        assert torch.equal(a, b)
    mine, theirs = learnt_from(codec, got), learnt_from(codec, expected)
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)


def test_whole_and_real_indexes_are_skipped_by_one_rule():
    real = torch.tensor([3.0, 3.4999, 3.5, 4.0, 4.5, -7.0, 63.2])
    assert is_coded(real).tolist() == [False, False, True, True, True, False, True]
    assert torch.equal(is_coded(real), is_coded(torch.round(real)))
    assert not is_coded(torch.tensor([SKIP_INDEX - 1.0]))


@torch.no_grad()
def test_what_is_skipped_is_zero_and_the_rest_is_rounded():
    codec = made()
    latents = codec.latents(codec.analyse(torch.rand(3, 3, 64, 128) - 0.5)[0], QUALITY)
    assert 0 < latents.coded.float().mean() < 1
    assert torch.equal(latents.r_hat, torch.round(latents.r) * latents.coded)
    assert torch.equal(latents.z_hat, torch.round(latents.z))
    assert latents.z.abs().max() <= 127


@torch.no_grad()
def test_offsets_change_steps_and_indexes_alike():
    codec = made()
    y = codec.analyse(torch.rand(3, 3, 64, 128) - 0.5)[0]
    plain, finer = codec.latents(y, QUALITY), codec.latents(y, QUALITY, torch.full((3, 1, 4, 8), 8))
    torch.testing.assert_close(finer.index, plain.index + 8)
    torch.testing.assert_close(finer.r, plain.r * torch.exp(torch.tensor(8 * LOG_SCALE_RATIO)))


@torch.no_grad()
def test_a_context_predicts_from_what_a_decoder_has():
    codec = made(HalvesCodec)
    latents = codec.latents(codec.analyse(torch.rand(3, 3, 64, 128) - 0.5)[0], QUALITY)
    r, gain, half = latents.r_hat, latents.gain, codec.config.latent // 2
    z = latents.z_hat / codec.gains.z_gain_at(QUALITY)
    # The decoder's side: all of r is there before a mean is.
    mu, _ = codec.context()(z, lambda means, at: r[:, at] / gain[:, at] + means)
    assert torch.equal(mu, latents.mu)
    plain = HyperContext(codec.means)(z, None).mu
    assert not torch.equal(mu[:, half:], plain[:, half:])
    assert torch.equal(mu[:, :half], plain[:, :half])


@torch.no_grad()
def test_another_nets_parts_predict_where_they_are_given():
    codec, other = made(), made()
    for parameter in other.means.parameters():
        parameter.add_(0.1)
    y = codec.analyse(torch.rand(3, 3, 64, 128) - 0.5)[0]
    latents = codec.latents(y, QUALITY, part=lambda name, *x: other.get_submodule(name)(*x))
    own = codec.latents(y, QUALITY)
    assert torch.equal(latents.index, own.index)
    assert not torch.equal(latents.mu, own.mu)

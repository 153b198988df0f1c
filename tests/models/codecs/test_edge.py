from dataclasses import replace

import pytest
import torch

from tcsdk.models.codecs.edge import EdgeCodec, EdgeConfig
from tcsdk.models.codecs.gains import NUM_QUALITIES, QualityGains, z_level
from tcsdk.models.codecs.likelihood import MixturePrior, gaussian_bits, round_ste
from tcsdk.models.layers.bounds import bound
from tcsdk.models.registry import NETS

pytestmark = pytest.mark.train
SMALL = EdgeConfig(16, 24, 24, 8, (1, 1), (1, 1))


@pytest.fixture(scope="module")
def codec() -> EdgeCodec:
    torch.manual_seed(0)
    return EdgeCodec().eval()


@pytest.mark.parametrize("size", [(64, 64), (128, 256), (192, 64)])
def test_output_has_the_pictures_shape(codec, size):
    x = torch.rand(2, 3, *size)
    with torch.no_grad():
        output = codec(x, torch.tensor([0, 63]))
    assert output.x_hat.shape == x.shape
    assert output.r_bits.shape == output.z_bits.shape == (2,)
    assert (output.r_bits > 0).all()
    assert (output.z_bits > 0).all()


def test_size_is_what_the_design_allows(codec):
    parameters = sum(p.numel() for p in codec.parameters())
    assert 2_000_000 < parameters < 3_000_000


@pytest.mark.parametrize("name", ["edge-replicate", "edge-deep"])
def test_complexity_is_what_the_design_allows(name):
    """Multiply-accumulates per picture pixel: at most 15k to encode, 20k to decode."""
    codec, count = NETS[name]().eval(), {}

    def add(part):
        def hook(layer, _, output):
            taps = layer.weight[0].numel()
            count[part] = count.get(part, 0) + taps * output.shape[1] * output[0, 0].numel()

        return hook

    handles = [
        layer.register_forward_hook(add(part))
        for part, net in codec.named_children()
        for layer in net.modules()
        if isinstance(layer, torch.nn.Conv2d)
    ]
    with torch.no_grad():
        codec(torch.rand(1, 3, 128, 128), torch.tensor([32]))
    for handle in handles:
        handle.remove()
    pixels = 128 * 128
    assert count["g_a"] + count["h_a"] + count["means"] <= 15_000 * pixels
    assert count["g_s"] + count["means"] <= 20_000 * pixels
    assert count["scales"] <= 150 * pixels


def test_transforms_do_not_see_the_border_of_a_flat_picture():
    """Up to the upsampling, whose four phases differ: 2x2 features are no flat plane."""
    flat = torch.tensor([0.5, -0.5, 0.4])[:, None, None].expand(1, 3, 96, 128)
    spread = {}
    for padding in ("zeros", "replicate"):
        torch.manual_seed(0)
        codec = EdgeCodec(replace(SMALL, padding=padding)).eval()
        with torch.no_grad():
            features = codec.g_s[:2](codec.analyse(flat)[0])
        spread[padding] = (features - features[:, :, 3:4, 3:4]).abs().max().item()
    assert spread["replicate"] < 1e-5
    assert spread["zeros"] > 1e-2


def test_higher_quality_costs_more_bits(codec):
    x = torch.rand(1, 3, 128, 128)
    with torch.no_grad():
        low, high = (codec(x, torch.tensor([q])).r_bits.item() for q in (0, 63))
    assert high > low


def test_gain_steps_are_whole_and_rise_with_quality():
    steps = QualityGains(latent=5, hyper=3).steps().detach()
    assert steps.shape == (NUM_QUALITIES, 5)
    assert torch.equal(steps, steps.round())
    assert (steps.diff(dim=0) >= 0).all()
    assert steps[-1, 0] - steps[0, 0] >= 19  # more than a factor of ten


def test_z_levels_are_four_equal_ranges():
    levels = z_level(torch.arange(NUM_QUALITIES))
    assert torch.bincount(levels).tolist() == [16, 16, 16, 16]


def test_gaussian_bits_sum_to_a_probability_of_one():
    r = torch.arange(-200.0, 201.0)
    for index in (0.0, 20.0, 40.0):
        mass = torch.exp2(-gaussian_bits(r, torch.full_like(r, index)))
        assert mass[mass > 2e-9].sum().item() == pytest.approx(1.0, abs=1e-4)


def test_mixture_prior_sums_to_a_probability_of_one():
    prior = MixturePrior(levels=2, channels=3)
    z = torch.arange(-60.0, 61.0).reshape(1, 1, 1, -1).expand(1, 3, 1, -1)
    mass = torch.exp2(-prior.bits(z, torch.tensor([1]))).sum(-1)
    assert torch.allclose(mass, torch.ones_like(mass), atol=1e-4)


def test_bound_lets_gradients_back_inside():
    x = torch.tensor([-1.0, 0.5, 2.0], requires_grad=True)
    bound(x, 0.0, 1.0).backward(torch.tensor([-1.0, 1.0, 1.0]))
    assert x.grad.tolist() == [-1.0, 1.0, 1.0]
    x.grad = None
    bound(x, 0.0, 1.0).backward(torch.tensor([1.0, 1.0, -1.0]))
    assert x.grad.tolist() == [0.0, 1.0, 0.0]


def test_rounding_passes_the_gradient():
    x = torch.tensor([0.4, 2.5, -1.5], requires_grad=True)
    rounded = round_ste(x)
    rounded.sum().backward()
    assert rounded.tolist() == [0.0, 2.0, -2.0]
    assert x.grad.tolist() == [1.0, 1.0, 1.0]

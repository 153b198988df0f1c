"""How unlike a codec the quantised halves are, and that tuning lowers it."""

import copy
from dataclasses import replace

import pytest
import torch
from support.shipped import shipped_codec

from tcsdk.models.codecs.edge import EdgeCodec, EdgeConfig
from tcsdk.quant import RateDistortion, quantize
from tcsdk.quant.judge.distillation import distillation_loss
from tcsdk.quant.judge.pictures import rendered
from tcsdk.quant.ship import OPTIONS

pytestmark = pytest.mark.train


@pytest.fixture
def codec():
    torch.manual_seed(3)
    return EdgeCodec(EdgeConfig(16, 16, 16, 8, (1, 1), (1, 1))).eval()


def unlike(codec, other, by_text=False):
    x = torch.rand(2, 3, 64, 128, generator=torch.Generator().manual_seed(1))

    def part(name, *inputs):
        return other.get_submodule(name)(*inputs)

    with torch.no_grad():
        return distillation_loss(part, codec, x, torch.tensor([20, 50]), by_text).item()


def test_a_codec_is_like_itself(codec):
    assert unlike(codec, codec) == 0


def test_a_codec_that_codes_nothing_has_a_finite_distillation_loss(codec):
    with torch.no_grad():
        codec.scales.convs[-1].bias.fill_(-1e3)
    assert unlike(codec, codec) == 0


@pytest.mark.parametrize("part", ["g_a", "h_a", "g_s"])
def test_errors_of_either_half_count(codec, part):
    other = copy.deepcopy(codec)
    with torch.no_grad():
        for parameter in other.get_submodule(part).parameters():
            parameter.mul_(1.1)
    assert unlike(codec, other) > 1e-6


@pytest.mark.parametrize("part", ["g_a", "g_s"])
def test_errors_count_by_where_text_is_seen(codec, part):
    """The detector sees text on the left, say; the quantised net errs on one side or the other."""
    with torch.no_grad():
        codec.detector.layers[-1].weight.zero_()
    x = torch.rand(1, 3, 64, 128, generator=torch.Generator().manual_seed(1))
    logits = torch.full((1, 1, 4, 8), -9.0)
    logits[..., :4] = 9.0
    codec.detector.register_forward_hook(lambda module, arguments, output: (logits, None))

    def erring(on_the_left):
        def run(name, *inputs):
            output = codec.get_submodule(name)(*inputs)
            middle = output.shape[-1] // 2
            side = slice(None, middle) if on_the_left else slice(middle, None)
            if name == part:
                output[..., side] += 0.05
            return output

        return run

    with torch.no_grad():
        left, right = (
            distillation_loss(erring(side), codec, x, torch.tensor([63]), by_text=True).item()
            for side in (True, False)
        )
    assert left > 5 * right > 0 if part == "g_s" else left > right > 0


def test_bits_count_where_no_text_is_seen(codec):
    """Half of the channels are hardly ever anything but zero; errors there, and in the others."""
    with torch.no_grad():
        codec.detector.layers[-1].weight.zero_()
        codec.detector.layers[-1].bias.fill_(-9.0)
        codec.h_a.layers[0].weight.zero_()
        codec.scales.convs[-1].weight.zero_()
        codec.scales.convs[-1].bias[:8] = 8 - codec.gains.steps()[63, :8]
        codec.scales.convs[-1].bias[8:] = 40 - codec.gains.steps()[63, 8:]
    x = torch.rand(1, 3, 64, 128, generator=torch.Generator().manual_seed(1))

    def unlike_by(channels):
        def run(name, *inputs):
            output = codec.get_submodule(name)(*inputs)
            if name == "g_a":
                output[:, channels] += 0.02
            return output

        with torch.no_grad():
            return distillation_loss(run, codec, x, torch.tensor([63]), by_text=True).item()

    assert unlike_by(slice(8)) > 1.05 * unlike_by(slice(8, 16)) > 0


@pytest.mark.slow
def test_tuning_brings_a_shipped_codec_nearer_to_its_float_form():
    codec = shipped_codec("base")
    made, held_out = (
        rendered(split, n, None, (64, 128)) for split, n in (("train", 40), ("test", 4))
    )
    objective = RateDistortion(made[:8], held_out, tuning=made[8:])
    options = replace(OPTIONS, allocation="uniform", grid_loss=None, tuning_steps=300)
    report = quantize(codec, objective, bits=4, options=options).report
    assert report.loss < report.untuned_loss
    assert all("tuning" in layer.corrections for layer in report.layers if "g_s" in layer.name)

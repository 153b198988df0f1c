"""Weights of layer types on grids: which, how many values, what is counted."""

import pytest
import torch

from tcsdk.models.recognition.cdistnet import Cdistnet, CdistnetConfig
from tcsdk.models.super_resolution.edsr import Edsr, EdsrConfig
from tcsdk.models.super_resolution.tbsrn import Tbsrn, TbsrnConfig
from tcsdk.quant.by_type import quantise_types
from tcsdk.quant.nets.layers import find_layers

pytestmark = pytest.mark.train
WORDS = CdistnetConfig(
    stem=4,
    planes=(4, 4, 8, 8, 8),
    depths=(1, 1, 1, 1, 1),
    closing=None,
    channels=8,
    heads=2,
    encoders=1,
    encoder_hidden=8,
    blocks=2,
    block_hidden=8,
)


@pytest.fixture(params=["edsr", "tbsrn", "cdistnet"])
def net(request):
    torch.manual_seed(0)
    makers = {
        "edsr": lambda: Edsr(EdsrConfig(width=8, blocks=2)),
        "tbsrn": lambda: Tbsrn(TbsrnConfig(width=8, blocks=1)),
        "cdistnet": lambda: Cdistnet(WORDS),
    }
    return makers[request.param]()


def test_layers_have_the_papers_types():
    types = {layer.name: layer.type for layer in find_layers(Cdistnet(WORDS))}
    assert types["visual.rectify.look.0"] == types["visual.rectify.place"] == "stn"
    assert types["visual.trunk.3.branch.0"] == "conv"
    assert types["blocks.0.itself.attention.query"] == "attention"
    assert types["blocks.0.itself.expand"] == types["visual.encoders.0.contract"] == "ffn"
    assert types["gate"] == types["classes"] == "linear"


@pytest.mark.parametrize("steps", ["channel", "tensor"])
@pytest.mark.parametrize("clip", ["aciq", "minmax"])
@pytest.mark.parametrize("bits", [2, 4, 8])
def test_weights_have_as_many_values_as_bits_allow_and_others_stay(net, bits, clip, steps):
    before = {name: value.clone() for name, value in net.state_dict().items()}
    made = quantise_types(net, bits, ("conv",), clip, steps)
    chosen = {layer.key for layer in find_layers(net, ("conv",))}
    assert chosen
    for name, value in made.net.state_dict().items():
        if name in chosen:
            rows = value.flatten(1) if steps == "channel" else value.reshape(1, -1)
            assert max(len(row.unique()) for row in rows) <= 2**bits - 1
            assert not torch.equal(value, before[name])
        else:
            assert torch.equal(value, before[name])
    assert all(torch.equal(v, before[n]) for n, v in net.state_dict().items())  # left as it is
    count = sum(p.numel() for p in net.parameters())
    assert made.bits == 32 * count - (32 - bits) * made.quantised
    assert made.megabits == made.bits / 1e6


def test_more_bits_are_nearer(net):
    weights = {layer.key: layer.weight.detach() for layer in find_layers(net)}
    errors = []
    for bits in (2, 4, 6, 8):
        state = quantise_types(net, bits).net.state_dict()
        errors.append(sum(float((state[k] - w).square().sum()) for k, w in weights.items()))
    assert errors == sorted(errors, reverse=True)


def test_wrong_arguments_are_refused(net):
    for bits in (1, 9):
        with pytest.raises(ValueError, match="bits"):
            quantise_types(net, bits)
    with pytest.raises(ValueError, match="layer types"):
        quantise_types(net, 4, ("convolution",))
    with pytest.raises(ValueError, match="clipping method"):
        quantise_types(net, 4, clip="best")
    with pytest.raises(ValueError, match="found none"):
        quantise_types(torch.nn.Linear(2, 2), 4, ("conv",))

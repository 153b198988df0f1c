"""A deeper net that goes on from a shallower one's weights."""

from dataclasses import replace

import pytest
import torch

from tcsdk.models.codecs.edge import EdgeCodec, EdgeConfig
from tcsdk.train.codec.growth import grown

pytestmark = pytest.mark.train
SMALL = EdgeConfig(16, 24, 24, 8, (1, 1), (1, 1))
DEEPER = replace(SMALL, analysis_blocks=(2, 1), synthesis_blocks=(3, 2))
PICTURES = torch.rand(2, 3, 64, 128, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def nets():
    torch.manual_seed(0)
    small, deeper = EdgeCodec(SMALL).eval(), EdgeCodec(DEEPER).eval()
    deeper.load_state_dict(grown(deeper.state_dict(), small.state_dict()))
    return small, deeper


def output_of(net):
    torch.manual_seed(2)
    with torch.no_grad():
        return net(PICTURES, torch.tensor([10, 50]))


def test_a_grown_net_codes_what_the_small_one_does(nets):
    small, deeper = (output_of(net) for net in nets)
    assert torch.equal(small.x_hat, deeper.x_hat)
    assert torch.equal(small.r_bits, deeper.r_bits)
    assert torch.equal(small.text, deeper.text)


def test_new_blocks_are_silent_and_learn(nets):
    deeper = nets[1]
    new = [deeper.g_a[1][1], deeper.g_s[1][1], *deeper.g_s[3][1:]]
    assert not any(block.project.weight.any() or block.project.bias.any() for block in new)
    output = deeper(PICTURES, torch.tensor([10, 50]))
    ((output.x_hat - PICTURES).square().mean() + output.r_bits.mean()).backward()
    assert all(block.project.weight.grad.any() for block in new)


def test_weights_of_a_deeper_net_do_not_fit_a_shallower_one(nets):
    small, deeper = nets
    with pytest.raises(RuntimeError, match=r"g_s\.3\.2"):
        small.load_state_dict(grown(small.state_dict(), deeper.state_dict()))

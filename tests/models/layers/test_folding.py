"""Normalisations fold into the layers before them, and nothing else changes."""

import pytest
import torch
from torch import nn

from tcsdk.models.layers.folding import NORMALISATIONS, folded
from tcsdk.models.layers.thin_plate import SMALL, Rectifier
from tcsdk.models.super_resolution.tbsrn import Tbsrn, TbsrnConfig

pytestmark = pytest.mark.train


def stirred(net):
    """Normalisations that are not one."""
    torch.manual_seed(0)
    for module in net.modules():
        if isinstance(module, NORMALISATIONS):
            nn.init.uniform_(module.weight, 0.5, 2)
            nn.init.normal_(module.bias)
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return net.eval()


@pytest.mark.parametrize("make", [lambda: Rectifier(SMALL), lambda: Tbsrn(TbsrnConfig(8, 1))])
def test_a_folded_net_says_the_same_without_normalisations(make):
    net = stirred(make())
    crops = torch.rand(2, 3, 16, 64)
    with torch.no_grad():
        expected = net(crops)
        made = folded(net)
        torch.testing.assert_close(made(crops), expected, atol=1e-4, rtol=1e-3)
    assert not any(isinstance(module, NORMALISATIONS) for module in made.modules())
    assert any(isinstance(module, NORMALISATIONS) for module in net.modules())  # left as it is
    assert folded(made).state_dict().keys() == made.state_dict().keys()


def test_a_normalisation_elsewhere_is_refused():
    with pytest.raises(ValueError, match="0 elsewhere"):
        folded(nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 3, 1)))

"""What calibration sees of a layer: patches of its input, and a ReLU's input."""

import pytest
import torch
from support.upscaler import upscaler
from torch import nn

from tcsdk.quant.calibrate.calibration import collect_inputs
from tcsdk.quant.calibrate.patches import patches_of
from tcsdk.quant.nets.layers import find_layers

pytestmark = pytest.mark.train


def test_patches_times_rows_are_the_layers_output():
    torch.manual_seed(2)
    layers = [
        nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2, bias=False),
        nn.Conv2d(4, 4, 5, padding=2, groups=4, bias=False),
        nn.Conv2d(4, 4, (3, 5), padding=(1, 2), groups=4, bias=False, padding_mode="replicate"),
        nn.Linear(7, 3, bias=False),
    ]
    for module, x in zip(
        layers, (torch.randn(2, 4, 9, 8),) * 3 + (torch.randn(2, 5, 7),), strict=True
    ):
        patches = patches_of(module, x)
        rows = module.weight.reshape(patches.shape[0], -1, patches.shape[2])
        out = (patches @ rows.transpose(1, 2)).transpose(1, 2).flatten(0, 1)
        expected = module(x).movedim(-1 if isinstance(module, nn.Linear) else 1, 0).flatten(1)
        assert torch.allclose(out, expected, atol=1e-5)


def test_relus_inputs_are_seen():
    net = upscaler()
    x = torch.rand(4, 3, 8, 8)
    samples = collect_inputs(find_layers(net), lambda: net(x))
    assert samples["0"].before_relu is None
    before = net[0](x).detach()
    assert samples["2"].before_relu.low[0] == pytest.approx(float(before.min()))
    assert samples["2"].before_relu.mean()[0] == pytest.approx(float(before.mean()), abs=1e-3)
    assert samples["2"].low[0] == 0

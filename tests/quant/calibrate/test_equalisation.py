"""Equalised nets compute the same, with channels of like ranges; the rules name real layers."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tcsdk.models.codecs.edge import EdgeCodec, EdgeConfig
from tcsdk.models.codecs.text_adapter import AdapterConfig
from tcsdk.quant.calibrate.equalisation import QUIETEST, equalised
from tcsdk.quant.nets.edge import EDGE, streams
from tcsdk.quant.nets.layers import find_layers

pytestmark = pytest.mark.train
SMALL = EdgeConfig(16, 24, 20, 8, (2, 1), (1, 2))


@pytest.fixture(scope="module")
def codec():
    torch.manual_seed(1)
    codec = EdgeCodec(SMALL).eval()
    with torch.no_grad():  # channels of very different loudness
        for layer in find_layers(codec):
            spread = torch.logspace(-1, 1, len(layer.weight))[torch.randperm(len(layer.weight))]
            if not layer.name.startswith(("scales", "means")):
                layer.module.weight.mul_(spread[:, None, None, None] ** 0.5)
                layer.module.bias.uniform_(-0.1, 0.1)
    return codec


def run(net):
    torch.manual_seed(2)
    with torch.no_grad():
        return net(torch.rand(2, 3, 64, 128), torch.tensor([10, 50]))


def ranges_into(net, name):
    """Largest magnitude of each channel that flows into a layer."""
    found = []
    layer = net.get_submodule(name)
    handle = layer.register_forward_pre_hook(
        lambda module, inputs: found.append(inputs[0].abs().amax((0, 2, 3)))
    )
    run(net)
    handle.remove()
    return found[0]


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_the_function_stays(codec, strength):
    made = equalised(codec, run, strength)
    before, after = run(codec), run(made)
    for name in ("x_hat", "r_bits", "z_bits", "text"):
        expected = getattr(before, name)
        scale = float(expected.abs().max())
        assert torch.allclose(getattr(after, name), expected, atol=1e-4 * scale, rtol=1e-3), name


def test_the_function_stays_where_an_adapter_asks_the_features():
    torch.manual_seed(1)
    adapter = AdapterConfig(16, 24, 8, heads=2, inner=8)
    codec = EdgeCodec(replace(SMALL, adapter=adapter)).eval()
    for name, value in codec.named_parameters():
        if name.endswith("gamma"):
            torch.nn.init.constant_(value, 1.0)
    x = torch.rand(1, 3, 64, 128)
    with torch.no_grad():
        before, after = (net.analyse(x)[0] for net in (codec, equalised(codec, run, 1.0)))
    assert torch.allclose(after, before, atol=1e-4 * float(before.abs().max()), rtol=1e-3)


def test_full_strength_evens_what_a_layer_takes(codec):
    made = equalised(codec, run, 1.0)
    for stream in streams(codec):
        if len(stream.takers) == 1:
            before, after = (ranges_into(net, stream.takers[0]) for net in (codec, made))
            loud = before > 2 * QUIETEST * before.max()
            assert np.ptp(np.log(after[loud].numpy())) < 0.01
    assert np.ptp(np.log(ranges_into(codec, "g_a.1.0.project").clamp(min=1e-3).numpy())) > 1


def test_no_strength_and_unknown_nets_change_nothing(codec):
    other = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1))
    for net, strength in ((codec, 0.0), (other, 1.0)):
        made = equalised(net, run, strength)
        assert all(
            torch.equal(a, b)
            for a, b in zip(net.state_dict().values(), made.state_dict().values(), strict=True)
        )


def test_rules_name_layers_of_the_net(codec):
    """Every sum has its terms on grids of their own; no stream touches y, z or y_hat."""
    layers = {layer.name for layer in find_layers(codec)}
    found = streams(codec)
    makers = {name for stream in found for name in stream.makers}
    takers = {name for stream in found for name in stream.takers}
    assert makers | takers <= layers
    assert not makers & {"g_a.4", "h_a.layers.4", "g_s.4"}
    assert not takers & {"g_a.0", "h_a.layers.0", "g_s.0"}
    rounded = set(EDGE.integers.rounded(find_layers(codec)))
    assert {n for n in layers if n.endswith(".project")} < rounded
    assert rounded == {n for n in rounded if n.endswith(".project")} | {"g_a.0", "g_a.2"}
    assert EDGE.integers.pictures == ("g_a.0", "g_s.4")

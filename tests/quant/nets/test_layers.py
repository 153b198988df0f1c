import pytest
import torch
from torch import nn

from tcsdk.models.codecs.edge import EdgeCodec
from tcsdk.quant.nets.edge import EDGE
from tcsdk.quant.nets.layers import find_layers

pytestmark = pytest.mark.train


class PositionwiseFeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(8, 16)


class Recogniser(nn.Module):
    def __init__(self):
        super().__init__()
        self.stn_head = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Linear(4, 6))
        self.stem = nn.Conv2d(3, 8, 3)
        self.up = nn.ConvTranspose2d(8, 4, 2)
        self.self_attn = nn.MultiheadAttention(8, 2)
        self.feed = PositionwiseFeedForward()
        self.head = nn.Linear(8, 10)


def test_layers_are_found_by_the_papers_types():
    types = {layer.key: layer.type for layer in find_layers(Recogniser())}
    assert types == {
        "stn_head.0.weight": "stn",
        "stn_head.1.weight": "stn",
        "stem.weight": "conv",
        "up.weight": "conv",
        "self_attn.in_proj_weight": "attention",
        "self_attn.out_proj.weight": "attention",
        "feed.inner.weight": "ffn",
        "head.weight": "linear",
    }
    assert [layer.key for layer in find_layers(Recogniser(), ("ffn", "linear"))] == [
        "feed.inner.weight",
        "head.weight",
    ]


def test_unknown_types_are_refused():
    with pytest.raises(ValueError, match=r"stn, attention, ffn, conv, linear, got recurrent"):
        find_layers(Recogniser(), ("conv", "recurrent"))
    with pytest.raises(ValueError, match="got none"):
        find_layers(Recogniser(), ())


def test_nets_without_such_layers_are_refused():
    with pytest.raises(ValueError, match="layers of type linear, found none"):
        find_layers(EdgeCodec(), ("linear",))


def test_latents_means_and_scales_are_fixed_and_the_transforms_free():
    codec = EdgeCodec()
    layers = find_layers(codec)
    rules = {layer.name: EDGE.integers.rule_of(layer.name) for layer in layers}
    for name, rule in rules.items():
        inside = f"{name}.".startswith((*EDGE.float_layers, "h_a.", "scales.", "g_s.2.0."))
        assert (rule is not None and rule.float_input) == inside
    fixed = {name for name, rule in rules.items() if rule is not None and rule.bits == 8}
    free = sum(layer.weight.numel() for layer in layers if layer.name not in fixed)
    assert free > 0.7 * sum(p.numel() for p in codec.parameters())


def test_the_means_network_gets_the_grid_of_export():
    from tcsdk.export.graphs.float_graphs import round_weights
    from tcsdk.quant import Options, quantize

    torch.manual_seed(0)
    codec = EdgeCodec().eval()
    quantised = quantize(codec, bits=2, options=Options(clip="minmax")).quantised
    round_weights(codec.means)
    for name, value in codec.means.state_dict().items():
        if name.endswith("weight"):
            assert torch.allclose(quantised.weights[f"means.{name}"].dequantise(), value, atol=1e-7)

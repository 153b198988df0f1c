from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch

from tcsdk.export.graphs.float_graphs import (
    AnalysisGraph,
    SynthesisGraph,
    export_analysis,
    export_synthesis,
)
from tcsdk.models.codecs.tinylic import SMALL, TinylicCodec, TinylicConfig
from tcsdk.models.layers.attention import NeighbourhoodAttention, neighbourhood
from tcsdk.train.codec.principal import AMPLITUDE, start_from_principal_components

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def codec() -> TinylicCodec:
    torch.manual_seed(0)
    return TinylicCodec(SMALL).eval()


def attention_by_definition(layer, x, window):
    """Each pixel by itself, its window shifted inward at borders: (1, H, W, C)."""
    _, height, width, channels = x.shape
    heads = channels // 16
    q, k, v = layer.qkv(x)[0].view(height, width, 3, heads, 16).unbind(2)
    bias = layer.bias.view(heads, 2 * window - 1, 2 * window - 1)
    out = torch.empty(height, width, heads, 16)
    for i in range(height):
        for j in range(width):
            top = max(0, min(i - window // 2, height - window))
            left = max(0, min(j - window // 2, width - window))
            rows, columns = slice(top, top + window), slice(left, left + window)
            near = torch.einsum("hc,abhc->hab", q[i, j] / 4.0, k[rows, columns])
            down, across = near.shape[1:]
            first_row, first_column = top - i + window - 1, left - j + window - 1
            near = near + bias[:, first_row : first_row + down, first_column:][:, :, :across]
            weight = torch.softmax(near.flatten(1), 1).view_as(near)
            out[i, j] = torch.einsum("hab,abhc->hc", weight, v[rows, columns])
    return layer.project(out.flatten(2))[None]


@pytest.mark.parametrize(("window", "size"), [(7, (12, 8)), (7, (4, 16)), (7, (4, 4)), (3, (8, 4))])
def test_attention_is_the_definition(window, size):
    torch.manual_seed(1)
    layer = NeighbourhoodAttention(32, window)
    with torch.no_grad():
        layer.bias.normal_(0.0, 1.0)
        x = torch.randn(1, *size, 32)
        rows = layer(x.view(-1, 32), neighbourhood(*size, window, x.device))
        expected = attention_by_definition(layer, x, window)
    assert torch.allclose(rows.view_as(x), expected, atol=1e-5)


@pytest.mark.parametrize(("channels", "window"), [(40, 7), (32, 6)])
def test_attention_refuses_sizes_that_it_cannot_split(channels, window):
    with pytest.raises(ValueError, match=f"got {channels} channels and window {window}"):
        NeighbourhoodAttention(channels, window)


@pytest.mark.parametrize("size", [(64, 64), (128, 192), (192, 64)])
def test_output_has_the_pictures_shape(codec, size):
    x = torch.rand(2, 3, *size)
    with torch.no_grad():
        output = codec(x, torch.tensor([0, 63]))
    assert output.x_hat.shape == x.shape
    assert output.text.shape == (2, 1, size[0] // 16, size[1] // 16)
    assert (output.r_bits > 0).all()
    assert (output.z_bits > 0).all()


def test_sizes_are_those_published_and_named():
    """g_a of the published size by hand: convolutions, and 8 C^2 + 11 C + heads * 13^2 a layer."""
    widths, depths, taps = (3, 128, 192, 256, 320), (2, 2, 6, 2), (25, 9, 9, 9)
    expected = 0
    for i, depth in enumerate(depths):
        narrow, wide = widths[i : i + 2]
        expected += narrow * wide * taps[i] + wide
        expected += depth * (8 * wide**2 + 11 * wide + wide // 16 * 169)
    with torch.device("meta"):
        published, small = TinylicCodec(), TinylicCodec(SMALL)
    assert sum(p.numel() for p in published.g_a.parameters()) == expected
    assert 3_000_000 < sum(p.numel() for p in small.parameters()) < 8_000_000


def test_start_codes_all_components_without_loss():
    """With as many channels as pixels, principal components lose nothing, borders included."""
    torch.manual_seed(2)
    net = TinylicCodec(TinylicConfig(widths=(16, 48, 192, 768), depths=(1, 1, 1, 1))).eval()
    pictures = torch.rand(2, 3, 128, 128)
    start_from_principal_components(net, pictures)
    with torch.no_grad():
        y, _ = net.analyse(pictures - 0.5)
        back = net.g_s(y) + 0.5
    assert (back - pictures).abs().max() < 1e-4
    energy, expected = y.square().sum().item(), (pictures - 0.5).square().sum().item()
    assert energy / AMPLITUDE**2 == pytest.approx(expected, rel=1e-3)


@pytest.fixture(scope="module")
def shallow() -> TinylicCodec:
    """Attention on the largest and on the smallest plane; what lies between is slow to export."""
    torch.manual_seed(4)
    return TinylicCodec(replace(SMALL, depths=(1, 0, 0, 1))).eval()


@pytest.fixture(scope="module")
def graphs(shallow):
    models = {"analysis": export_analysis(shallow), "synthesis": export_synthesis(shallow)}
    return {
        role: onnxruntime.InferenceSession(model.SerializeToString())
        for role, model in models.items()
    }


@pytest.mark.parametrize("size", [(64, 64), (128, 320)])
def test_graphs_equal_torch(shallow, graphs, size):
    rng = np.random.default_rng(3)
    gain = rng.uniform(0.5, 4.0, (1, 32, 1, 1)).astype(np.float32)
    x = rng.random((1, 3, *size), np.float32)
    analysis = {"x": x, "z_gain": gain, "z_inverse_gain": 1 / gain}
    with torch.no_grad():
        expected = AnalysisGraph(shallow).eval()(*map(torch.from_numpy, analysis.values()))
    z_hat, d, text = graphs["analysis"].run(None, analysis)
    assert np.array_equal(z_hat, expected[0].numpy())
    assert np.abs(d - expected[1].numpy()).max() < 1e-4
    assert np.abs(text - expected[2].numpy()).max() < 1e-4
    synthesis = {
        "z_hat": z_hat,
        "r": np.rint(4 * d),
        "inv_gain": np.full((1, 192, 1, 1), 0.25, np.float32),
        "z_inverse_gain": 1 / gain,
    }
    with torch.no_grad():
        x_hat = SynthesisGraph(shallow).eval()(*map(torch.from_numpy, synthesis.values()))
    (got,) = graphs["synthesis"].run(None, synthesis)
    assert got.shape == x.shape
    assert np.abs(got - x_hat.numpy()).max() < 1e-4


def test_graph_computes_what_training_does(codec):
    """Borders too: the first layer's padding is mid-grey in both."""
    x, gain = torch.rand(1, 3, 64, 64), torch.ones(1, 32, 1, 1)
    with torch.no_grad():
        z_hat, d, _ = AnalysisGraph(codec).eval()(x, gain, gain)
        y, _ = codec.analyse(x - 0.5)
        assert torch.allclose(d, y - codec.means(z_hat), atol=1e-5)

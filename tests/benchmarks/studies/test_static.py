import numpy as np
import pytest
import torch

from benchmarks.studies.static import StaticQuantiser, collect_feeds
from tcsdk.export.entropy.scale_network import to_integers, torch_twin
from tcsdk.export.graphs.float_graphs import export_analysis, export_synthesis
from tcsdk.models.codecs.edge import EdgeCodec
from tcsdk.models.codecs.gains import z_level
from tcsdk.models.codecs.latents import SKIP_INDEX, Z_LIMIT
from tcsdk.quant.nets.edge import EDGE
from tcsdk.quant.nets.graphs import float_nodes

pytestmark = pytest.mark.train


def test_calibration_refuses_no_pictures():
    with pytest.raises(ValueError, match="at least one picture"):
        StaticQuantiser(EdgeCodec(), [])


def test_calibration_refuses_pictures_of_several_shapes():
    pictures = [np.zeros((3, 64, 64), np.float32), np.zeros((3, 64, 128), np.float32)]
    with pytest.raises(ValueError, match="one shape"):
        StaticQuantiser(EdgeCodec(), pictures)


@pytest.mark.parametrize("export", [export_analysis, export_synthesis])
def test_means_network_and_latents_stay_float(export):
    model = export(EdgeCodec().eval())
    kept = set(float_nodes(model, EDGE.float_layers))
    for node in model.graph.node:
        border = any(name.startswith(EDGE.float_layers) for name in node.input)
        layer = any(name.startswith(("g_a.", "g_s.", "h_a.")) for name in node.input)
        assert (node.name in kept) or not border
        assert (node.name not in kept) or border or not layer


def test_calibration_sees_what_the_kernel_decodes():
    """z_hat within its limits, and zero where the integer network says that nothing is coded."""
    torch.manual_seed(3)
    codec = EdgeCodec().eval()
    with torch.no_grad():  # z beyond its limits, large residuals, indexes on both sides of the skip
        codec.gains.log_z_gain += 8.0
        codec.g_a[-1].weight *= 30.0
        codec.scales.convs[-1].bias.uniform_(-20.0, 20.0)
        steps, z_gain = codec.gains.steps().numpy(), codec.gains.z_gain().numpy()
    network = to_integers(codec.scales, 1 / z_gain)
    pictures = [np.random.default_rng(i).random((3, 64, 128), np.float32) for i in range(3)]
    for i, feed in enumerate(collect_feeds(codec, pictures)["synthesis"]):
        quality = 13 * i
        z_hat, r = feed["z_hat"][0], feed["r"][0]
        assert np.abs(z_hat).max() == Z_LIMIT
        index = torch_twin(network, z_hat.astype(np.int8), int(z_level(torch.tensor(quality))))
        margin = index + steps[quality][:, None, None] - SKIP_INDEX
        # The float network may be one index off (test_folder.py).
        assert (r[margin < -1] == 0).all()
        assert (margin < -1).mean() > 0.2
        assert (r[margin > 1] != 0).mean() > 0.2

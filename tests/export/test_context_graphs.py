"""The graphs of a codec with a context say what torch says, in any size."""

import numpy as np
import pytest
import torch

from tcsdk.engines import select_engine
from tcsdk.export.graphs.roles import roles_of
from tcsdk.export.tensorrt.rules import check_graph
from tcsdk.model.graphs import (
    ANALYSIS,
    CODED,
    GAIN,
    INV_GAIN,
    RESIDUAL,
    SYNTHESIS,
    X_HAT,
    Z_GAIN,
    Z_HAT,
    Z_INVERSE_GAIN,
    R,
    X,
    Y,
)
from tcsdk.models.codecs.elic import ElicCodec, ElicConfig

pytestmark = pytest.mark.train


def elic():
    codec = ElicCodec(ElicConfig(width=16, latent=24, groups=(4, 4, 16), hyper=8, context=(24, 16)))
    for layers in codec.grouped.gather:
        layers[-1].weight.normal_(0, 0.05)
    for parameter in codec.g_a[-2].parameters():
        parameter.mul_(5)
    return codec


@pytest.fixture(scope="module", params=[elic], ids=["elic"])
def codec(request):
    torch.manual_seed(2)
    with torch.no_grad():
        return request.param().eval()


@pytest.fixture(scope="module")
def models(codec):
    return {name: role.export(codec) for name, role in roles_of(codec).items()}


@pytest.fixture(scope="module")
def graphs(models, tmp_path_factory):
    folder, engine = tmp_path_factory.mktemp("graphs"), select_engine("cpu")
    loaded = {}
    for role, model in models.items():
        (folder / role).write_bytes(model.SerializeToString())
        loaded[role] = engine.load(folder / role)
    return loaded


def test_graphs_break_no_rule_of_tensorrts(models):
    for role, model in models.items():
        assert check_graph(model) == [], role


@pytest.mark.parametrize(("size", "mapped"), [((64, 64), True), ((128, 192), False)])
def test_graphs_code_a_picture_as_torch_does(codec, graphs, size, mapped):
    x = torch.rand(1, 3, *size)
    quality = torch.tensor([60])
    with torch.no_grad():
        y, _ = codec.analyse(x - 0.5)
        latents = codec.latents(y, quality)
        shown = codec.synthesise(latents.decode(latents.r_hat)).clamp(0, 1)
    z_gain = codec.gains.z_gain_at(quality).detach().numpy()
    inverse = 1 / z_gain
    analysed = graphs[ANALYSIS].run({X: x.numpy(), Z_GAIN: z_gain})
    np.testing.assert_array_equal(analysed[Z_HAT], latents.z_hat.numpy())
    gain = latents.gain.detach().numpy()
    if mapped:  # one number per channel, or one per element
        gain = np.ascontiguousarray(np.broadcast_to(gain, y.shape))
    coded = latents.coded.float().numpy()
    assert 0.02 < coded.mean() <= 1
    feed = {Y: y.numpy(), Z_HAT: analysed[Z_HAT], Z_INVERSE_GAIN: inverse, GAIN: gain, CODED: coded}
    r = graphs[RESIDUAL].run(feed)[R]
    assert (r != latents.r_hat.numpy()).mean() < 0.01  # within rounding noise of a half
    feed = {Z_HAT: analysed[Z_HAT], R: latents.r_hat.numpy(), INV_GAIN: 1 / gain}
    made = graphs[SYNTHESIS].run({**feed, Z_INVERSE_GAIN: inverse})[X_HAT]
    np.testing.assert_allclose(made, shown.numpy(), atol=2e-3)

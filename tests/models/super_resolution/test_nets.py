import io
from dataclasses import replace

import onnxruntime
import pytest
import torch
from torch import nn

from tcsdk.models.super_resolution import edsr, tbsrn
from tcsdk.models.super_resolution.edsr import Edsr, EdsrConfig
from tcsdk.models.super_resolution.tbsrn import Tbsrn, TbsrnConfig

pytestmark = pytest.mark.train

SMALL = {"edsr-s": lambda: Edsr(edsr.SMALL), "tbsrn-s": lambda: Tbsrn(tbsrn.SMALL)}
# One block of each: more are slow to export.
SHALLOW = {
    "edsr": lambda: Edsr(replace(edsr.SMALL, blocks=1)),
    "tbsrn": lambda: Tbsrn(replace(tbsrn.SMALL, blocks=1)),
}


def parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


@pytest.fixture(scope="module", params=SMALL)
def net(request) -> nn.Module:
    torch.manual_seed(0)
    return SMALL[request.param]().eval()


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (lambda: Edsr(), 42_846_507),
        (lambda: Edsr(edsr.SMALL), 919_435),
        (lambda: Edsr(edsr.SMALL_PLAIN), 439_107),
        (lambda: Tbsrn(), 3_242_604),
        (lambda: Tbsrn(tbsrn.SMALL), 1_098_476),
    ],
    ids=["edsr", "edsr-s", "edsr-s without rectifier", "tbsrn", "tbsrn-s"],
)
def test_parameters_are_counted(make, count):
    with torch.device("meta"):
        assert parameters(make()) == count


def test_published_sizes_are_the_defaults():
    assert (EdsrConfig().blocks, EdsrConfig().width) == (32, 256)
    assert (TbsrnConfig().blocks, TbsrnConfig().width) == (5, 64)


@pytest.mark.parametrize("size", [(16, 64), (16, 52), (7, 33)])
def test_crops_come_back_twice_as_large(net, size):
    with torch.no_grad():
        assert net(torch.rand(2, 3, *size)).shape == (2, 3, 2 * size[0], 2 * size[1])


def test_attention_over_axes_sees_the_whole_plane():
    """A pixel asks its row and then its column, so that every pixel reaches every other."""
    torch.manual_seed(0)
    config = TbsrnConfig(width=8, blocks=1, attention="axes")
    block = tbsrn.SequentialResidualBlock(config).eval()
    x = torch.rand(1, 8, 6, 10, requires_grad=True)
    block(x)[0, :, 0, 0].square().sum().backward()
    assert (x.grad[0].abs().sum(0) > 0).all()


def test_gradients_reach_every_parameter(net):
    net.train()
    net(torch.rand(2, 3, 16, 64)).square().mean().backward()
    missing = [name for name, p in net.named_parameters() if p.grad is None]
    net.eval().zero_grad()
    assert not missing


@pytest.mark.filterwarnings("ignore")  # of the exporter's own internals
@pytest.mark.parametrize("make", SHALLOW.values(), ids=SHALLOW)
def test_exported_graph_takes_any_batch_and_width(make):
    torch.manual_seed(0)
    net = make().eval()
    n, w = torch.export.Dim("n"), torch.export.Dim("w", min=8)
    file = io.BytesIO()
    program = torch.onnx.export(
        net,
        (torch.rand(2, 3, 16, 72),),
        dynamo=True,
        opset_version=19,
        verbose=False,
        dynamic_shapes=({0: n, 3: w},),
    )
    program.save(file)
    session = onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
    for shape in ((1, 3, 16, 64), (3, 3, 16, 92)):
        crops = torch.rand(shape)
        (out,) = session.run(None, {session.get_inputs()[0].name: crops.numpy()})
        with torch.no_grad():
            torch.testing.assert_close(torch.from_numpy(out), net(crops), atol=2e-4, rtol=0)

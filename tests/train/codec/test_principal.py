"""A training from nothing starts as a linear transform that keeps pictures whole."""

import pytest
import torch

from tcsdk.models.codecs.edge import EdgeCodec
from tcsdk.models.codecs.elic import SMALL, ElicCodec
from tcsdk.train.codec.principal import (
    AMPLITUDE,
    components,
    rows_of,
    start_from_principal_components,
)

pytestmark = pytest.mark.train


def smooth_pictures(count: int, seed: int):
    """Random pictures with the falling spectrum of photographs."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand((count, 3, 16, 16), generator=generator)
    fine = torch.nn.functional.interpolate(coarse, size=(128, 128), mode="bicubic")
    return (fine + 0.02 * torch.randn((count, 3, 128, 128), generator=generator)).clamp(0.0, 1.0)


# ELIC's attention is nearly silent: a fiftieth of what it says is left, of one sign.
NETS = {"edge": (EdgeCodec, 0.02), "elic-s": (lambda: ElicCodec(SMALL), 0.08)}


@pytest.fixture(scope="module", params=NETS)
def started(request):
    torch.manual_seed(0)
    net = NETS[request.param][0]()
    start_from_principal_components(net, smooth_pictures(16, 1))
    return net.eval(), NETS[request.param][1]


def test_components_are_orthonormal_and_strongest_first():
    rows = torch.randn(500, 12, generator=torch.Generator().manual_seed(2)) * torch.arange(1, 13)
    found = components(rows, 5)
    assert torch.allclose(found @ found.T, torch.eye(5), atol=1e-5)
    power = (rows @ found.T).square().sum(0)
    assert (power[:-1] >= power[1:]).all()


def test_unquantised_pictures_pass(started):
    net, most = started
    pictures = smooth_pictures(4, 3)
    with torch.no_grad():
        y, _ = net.analyse(pictures - 0.5)
        error = net.g_s(y) + 0.5 - pictures
    # 192 of a block's 768 components hold all that is smooth and a quarter of the noise at most.
    assert error.square().mean() < most**2


def test_y_is_as_long_as_the_block_it_stands_for(started):
    net, most = started
    pictures = smooth_pictures(4, 4)
    with torch.no_grad():
        y, _ = net.analyse(pictures - 0.5)
    blocks = rows_of(pictures - 0.5, 16)
    assert y.square().sum() / blocks.square().sum() == pytest.approx(AMPLITUDE**2, rel=most)

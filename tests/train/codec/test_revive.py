"""Units that never fire: found, made to fire, and the net's pictures stay."""

from dataclasses import replace

import pytest
import torch

from tcsdk.models.codecs.edge import EdgeCodec, EdgeConfig
from tcsdk.train.codec.data import DataConfig
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.codec.revive import revive
from tcsdk.train.codec.trainer import Trainer
from tcsdk.train.run.weights import WEIGHTS, Origin, load_weights, save_weights

pytestmark = pytest.mark.train
PICTURES = torch.rand(2, 3, 64, 128, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def net():
    torch.manual_seed(0)
    net = EdgeCodec(EdgeConfig(16, 24, 24, 8, (1, 1), (2, 1))).eval()
    with torch.no_grad():
        net.g_s[1][0].expand.bias[:] = -1e3
        net.g_a[3][0].expand.bias[[2, 5]] = -1e3
    return net


@pytest.fixture
def net_of_a_run(tmp_path):
    net = EdgeCodec()
    with torch.no_grad():
        net.g_s[1][0].expand.bias[:] = -1e3
    save_weights(tmp_path / WEIGHTS, net.state_dict(), Origin("edge", "base", 1, 1))
    return tmp_path / WEIGHTS


def fired(block, net):
    seen = []
    handle = block.project.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with torch.no_grad():
        picture = net(PICTURES, torch.tensor([10, 50])).x_hat
    handle.remove()
    return (seen[0] > 0).float().mean((0, 2, 3)), picture


def test_dead_units_fire_and_the_pictures_stay(net):
    others = [name for name in net.state_dict() if ".expand" not in name and "project" not in name]
    before = {name: net.state_dict()[name].clone() for name in others}
    share, picture = fired(net.g_s[1][0], net)
    assert share.max() == 0
    count = revive(net, PICTURES)
    assert count >= net.g_s[1][0].expand.out_channels + 2
    share, same = fired(net.g_s[1][0], net)
    assert torch.equal(picture, same)
    assert share.min() > 0.2
    assert share.max() < 0.8
    assert all(torch.equal(before[name], net.state_dict()[name]) for name in others)
    assert revive(net, PICTURES) == 0


def test_they_learn_again(net):
    weight = net.g_s[1][0].project.weight
    for expected in (False, True):
        net.zero_grad()
        net(PICTURES, torch.tensor([10, 50])).x_hat.square().mean().backward()
        assert bool(weight.grad.abs().max() > 0) is expected
        revive(net, PICTURES)


def test_units_that_fire_are_left_alone(net):
    revive(net, PICTURES)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    assert revive(net, PICTURES) == 0
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())


@pytest.mark.usefixtures("assets", "one_thread")
def test_a_training_draws_them_anew_and_so_does_its_average(tmp_path, net_of_a_run):
    recipe = replace(RECIPES["base"], steps=1, data=DataConfig(crop=(64, 128), batch=2, photos=0.0))
    Trainer(recipe, tmp_path / "run", init=net_of_a_run).run(minutes=10)
    assert load_weights(tmp_path / "run")["g_s.1.0.expand.bias"].min() > -1e2

"""Trainings stop anywhere and go on; losses ask for what they say."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from tcsdk.models.layers.thin_plate import Rectifier
from tcsdk.models.recognition.cdistnet import SMALL, Cdistnet
from tcsdk.models.registry import CROP_NETS
from tcsdk.models.super_resolution import edsr
from tcsdk.models.super_resolution.resampler import Resampler, rounded
from tcsdk.train.run.optimiser import Optimiser
from tcsdk.train.run.weights import WEIGHTS, Origin, load_origin, load_weights, save_weights
from tcsdk.train.super_resolution.batches import PairConfig, open_pair_batches
from tcsdk.train.super_resolution.losses import CtcFocus, Pixels, TextFocus
from tcsdk.train.super_resolution.natural import NaturalConfig, open_natural_batches
from tcsdk.train.super_resolution.objectives import enlarged, rescaling, resolved, together
from tcsdk.train.super_resolution.recipes import RECIPES, Setting, trained
from tcsdk.train.super_resolution.trainer import start

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("assets", "one_thread")]

TINY = PairConfig(batch=4, fresh=1, coded=0.5)


@pytest.fixture(scope="module")
def batch():
    batches = open_pair_batches(None, replace(TINY, coded=0.0), seed=3)
    try:
        return next(iter(batches))
    finally:
        batches.close()


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(1)
    for name in "abcdef":
        Image.fromarray(rng.integers(0, 256, (80, 96, 3), np.uint8)).save(folder / f"{name}.png")
    return folder


def after(runs, name, steps, *, resume=False):
    recipe = replace(RECIPES[name], data=TINY, init=None)
    recipe.open(name, Setting(runs, resume=resume, steps=steps)).run(minutes=10)
    return load_weights(runs / name)


@pytest.mark.parametrize("name", ["cdistnet-high", "edsr-scratch"])
def test_resumed_training_equals_uninterrupted_one(tmp_path, name):
    whole = after(tmp_path / "whole", name, 3)
    after(tmp_path / "parts", name, 1)
    parts = after(tmp_path / "parts", name, 3, resume=True)
    assert all(torch.equal(whole[key], parts[key]) for key in whole)
    origin = load_origin(tmp_path / "parts" / name)
    assert (origin.net, origin.recipe, origin.steps) == (RECIPES[name].net, name, 3)


def test_recipes_name_recipes_and_nets():
    for recipe in RECIPES.values():
        assert {recipe.init, *recipe.asks} - {None} <= RECIPES.keys()
        assert recipe.net in CROP_NETS


def test_natural_pictures_come_first_and_leave_the_net_alone_behind(tmp_path, photos):
    recipe = replace(RECIPES["edsr-natural"], data=NaturalConfig(side=32, batch=2, fresh=1))
    recipe.open("edsr-natural", Setting(tmp_path, photos=photos, steps=2)).run(minutes=10)
    kept = load_weights(tmp_path / "edsr-natural")
    assert kept.keys() == edsr.Edsr(edsr.SMALL_PLAIN).state_dict().keys()
    after_it = replace(RECIPES["edsr-pixels"], data=TINY)
    after_it.open("edsr-pixels", Setting(tmp_path, steps=1)).run(minutes=10)
    assert load_origin(tmp_path / "edsr-pixels").parent.startswith("edsr-natural ")


def test_natural_pictures_need_photographs():
    with pytest.raises(ValueError, match="expected a folder of photographs"):
        open_natural_batches(None, NaturalConfig(), seed=1)


def test_resampler_begins_as_a_box_filter_and_learns():
    net = torch.nn.ModuleDict(
        {"resampler": Resampler(), "resolver": edsr.Edsr(edsr.SMALL_PLAIN)}
    ).to(memory_format=torch.channels_last)
    pictures = torch.rand(2, 3, 16, 24)
    small, moves = net["resampler"](pictures)
    expected = torch.nn.functional.avg_pool2d(pictures, 6, 2)  # 6 x 6 around each centre
    torch.testing.assert_close(small[:, :, 1:-1, 1:-1], expected, rtol=0, atol=1e-5)
    assert moves.abs().max() == 0
    rescaling(net, pictures).backward()
    assert net["resampler"].weights.weight.grad.abs().sum() > 0
    assert net["resampler"].moves.weight.grad.abs().sum() > 0


def test_rounded_pictures_have_levels_and_pass_gradients():
    x = torch.tensor([-0.1, 0.2511, 1.2], requires_grad=True)
    rounded(x).sum().backward()
    assert (rounded(x) * 255).round().tolist() == [0, 64, 255]
    assert x.grad.tolist() == [1, 1, 1]


def test_one_step_for_both_reaches_both(batch):
    net = torch.nn.ModuleDict({"resolver": edsr.Edsr(edsr.SMALL), "reader": Cdistnet(SMALL)}).to(
        memory_format=torch.channels_last
    )
    together(Pixels())(net, batch).backward()
    assert net["resolver"].tail[0].weight.grad.abs().sum() > 0
    assert net["reader"].classes.weight.grad.abs().sum() > 0


def test_both_of_one_step_can_be_taken_apart(tmp_path):
    for name, net in (("edsr-natural", "edsr-s"), ("cdistnet-high", "cdistnet-s")):
        weights = CROP_NETS[net]().state_dict()
        (tmp_path / name).mkdir()
        save_weights(tmp_path / name / WEIGHTS, weights, Origin(net, name, 0, 1))
    after(tmp_path, "together", 1)
    resolver = trained("edsr-s", tmp_path / "together", "resolver")
    reader = trained("cdistnet-s", tmp_path / "together", "reader")
    large = resolver(torch.rand(2, 3, 16, 64))
    assert large.shape == (2, 3, 32, 128)
    assert len(reader.read(large)[0]) == 2


def test_batches_of_a_step_depend_on_the_seed_alone(batch):
    batches = open_pair_batches(None, replace(TINY, coded=0.0), seed=3)
    again = next(iter(batches))
    batches.close()
    assert torch.equal(batch.low, again.low)
    assert batch.texts == again.texts
    assert batch.low.shape == (4, 3, 16, 64)
    assert batch.high.shape == (4, 3, 32, 128)
    assert 0 <= batch.low.min() < batch.low.max() <= 1


def test_what_is_read_may_be_enlarged_or_made_by_a_net(batch):
    assert enlarged(batch).shape == batch.high.shape
    made = resolved(edsr.Edsr(edsr.SMALL))(batch)
    assert made.shape == batch.high.shape
    assert not made.requires_grad


@pytest.mark.parametrize("make", [Pixels, lambda: TextFocus(Cdistnet(SMALL)), CtcFocus])
def test_losses_are_lower_for_the_truth_and_reach_the_pixels(batch, make):
    torch.manual_seed(0)
    loss = make()
    blurred = enlarged(batch).requires_grad_()
    poor = loss(blurred, batch)
    poor.backward()
    assert poor > loss(batch.high, batch)
    assert blurred.grad.abs().sum() > 0
    assert all(p.grad is None for p in loss.parameters())


def test_weights_without_a_rectifier_are_a_start(tmp_path):
    plain = edsr.Edsr(edsr.SMALL_PLAIN)
    path = tmp_path / "weights.safetensors"
    save_weights(path, plain.state_dict(), Origin("edsr-s", "natural", 1, 1))
    net = CROP_NETS["edsr-s"]()
    start(net, path)
    torch.testing.assert_close(net.head.weight, plain.head.weight.half().float(), rtol=0, atol=0)
    with pytest.raises(ValueError, match="expected weights of this net in"):
        start(CROP_NETS["tbsrn-s"](), path)


def test_a_rectifier_learns_at_a_tenth_of_the_rate():
    net = edsr.Edsr(edsr.SMALL).to(memory_format=torch.channels_last)
    optimiser = Optimiser(net, 1e-3)
    before = {name: p.detach().clone() for name, p in net.named_parameters()}
    net(torch.rand(2, 3, 16, 64)).square().sum().backward()
    optimiser.step(1e-3)
    moved = {n: (p - before[n]).abs().max().item() for n, p in net.named_parameters()}
    slow = [v for n, v in moved.items() if n.startswith("rectify.") and n.endswith("bias")]
    fast = [v for n, v in moved.items() if n.startswith(("head.", "tail.")) and n.endswith("bias")]
    # Adam's first step is as long as the rate.
    assert max(slow) == pytest.approx(1e-4, rel=0.05)
    assert max(fast) == pytest.approx(1e-3, rel=0.05)
    assert Rectifier.rate_factor == 0.1

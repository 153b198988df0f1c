"""Trainings stop anywhere and go on; losses ask for what they say."""

from dataclasses import replace

import pytest
import torch

from tcsdk.models.layers.thin_plate import Rectifier
from tcsdk.models.recognition.cdistnet import SMALL, Cdistnet
from tcsdk.models.super_resolution import edsr
from tcsdk.train.run.optimiser import Optimiser
from tcsdk.train.run.weights import Origin, load_origin, load_weights, save_weights
from tcsdk.train.super_resolution.batches import PairConfig, open_pair_batches
from tcsdk.train.super_resolution.losses import CtcFocus, Pixels, TextFocus
from tcsdk.train.super_resolution.training import ResolutionRecipe, ResolutionTrainer
from tcsdk.train.super_resolution.word_training import (
    WordRecipe,
    WordTrainer,
    enlarged,
    resolved,
)

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("assets", "one_thread")]

TINY = PairConfig(batch=4, fresh=1, coded=0.5)


@pytest.fixture(scope="module")
def batch():
    batches = open_pair_batches(None, replace(TINY, coded=0.0), seed=3)
    try:
        return next(iter(batches))
    finally:
        batches.close()


def words_after(folder, steps, *, resume=False):
    recipe = WordRecipe(steps=steps, data=TINY)
    WordTrainer(recipe, folder, resume=resume).run(minutes=10)
    return load_weights(folder)


def resolution_after(folder, steps, *, resume=False):
    recipe = ResolutionRecipe("edsr-s", steps=steps, data=TINY)
    trainer = ResolutionTrainer(recipe, folder, loss=Pixels(), name="pixels", resume=resume)
    trainer.run(minutes=10)
    return load_weights(folder)


@pytest.mark.parametrize(
    ("after", "net"), [(words_after, "cdistnet-s"), (resolution_after, "edsr-s")]
)
def test_resumed_training_equals_uninterrupted_one(tmp_path, after, net):
    whole = after(tmp_path / "whole", 3)
    after(tmp_path / "parts", 1)
    parts = after(tmp_path / "parts", 3, resume=True)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    assert load_origin(tmp_path / "parts").net == net


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
    recipe = ResolutionRecipe("edsr-s", steps=0, data=TINY)
    trainer = ResolutionTrainer(recipe, tmp_path / "run", loss=Pixels(), name="text", init=path)
    trainer._batches.close()
    torch.testing.assert_close(
        trainer._net.head.weight, plain.head.weight.half().float(), rtol=0, atol=0
    )
    recipe = ResolutionRecipe("tbsrn-s", steps=0, data=TINY)
    with pytest.raises(ValueError, match="expected weights of this net in"):
        ResolutionTrainer(recipe, tmp_path / "other", loss=Pixels(), name="text", init=path)


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

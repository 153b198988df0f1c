"""The map of pictures and captions: what it is near of, and what TACO's loss takes from it."""

import pytest
import torch

from tcsdk.codec.caption import piece_numbers
from tcsdk.train.codec.joint_map import CHANNELS, DISTANCE, JointMap, joint_loss

pytestmark = pytest.mark.train


@pytest.fixture
def joint() -> JointMap:
    torch.manual_seed(0)
    return JointMap()


def features(count: int, height: int = 32) -> list[torch.Tensor]:
    sizes = ((16, 1), (24, 2), (40, 4), (112, 8))
    return [torch.randn(count, channels, height // s, 2 * height // s) for channels, s in sizes]


def numbers(*captions: str) -> torch.Tensor:
    return torch.stack([torch.from_numpy(piece_numbers(caption)) for caption in captions])


def test_pictures_and_captions_are_unit_vectors_of_one_space(joint):
    for vectors in (joint.see(features(3)), joint.hear(numbers("red", "blue 7", ""))):
        assert vectors.shape == (3, CHANNELS)
        assert torch.allclose(vectors.norm(dim=1), torch.ones(3), atol=1e-5)


def test_weights_are_as_many_as_stated(joint):
    assert f"{sum(p.numel() for p in joint.parameters()):,} weights" in JointMap.__doc__


def test_what_belongs_together_costs_fewer_nats(joint):
    vectors = torch.eye(4, CHANNELS)
    assert joint.contrast(vectors, vectors) < joint.contrast(vectors, vectors.roll(1, 0))
    assert joint.contrast(vectors[:1], vectors[:1]).item() == 0


def test_loss_is_the_nats_of_captioned_pictures_and_the_distance(joint):
    told, made = features(3), features(3)
    said = numbers("a red sign", "", "blue letters")
    kept = torch.tensor([0, 2])
    seen = joint.see(made)
    nats = joint.contrast(seen[kept], joint.hear(said[kept]))
    apart = (joint.see(told) - seen).norm(dim=1).mean()
    assert torch.isclose(joint_loss(joint, told, made, said), nats + DISTANCE * apart)


def test_without_captions_the_distance_is_left(joint):
    told = features(2)
    assert joint_loss(joint, told, told, numbers("", "")).item() < 1e-3
    assert joint_loss(joint, told, features(2), numbers("one", "")).item() > 1


def test_pictures_learn_from_it(joint):
    made = [f.requires_grad_(True) for f in features(2)]
    joint_loss(joint, features(2), made, numbers("a", "b")).backward()
    assert made[0].grad.abs().max() > 0
    assert made[3].grad.abs().max() > 0

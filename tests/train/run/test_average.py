"""The moving average of weights: what learns moves, what stands still stays bit for bit."""

import pytest
from torch import nn

from tcsdk.train.run.checkpoint import AveragedWeights
from tcsdk.train.run.weights import digest_of

pytestmark = pytest.mark.train


def test_a_frozen_weight_of_negative_zero_keeps_its_sign():
    net = nn.Linear(2, 1)
    nn.init.constant_(net.weight, -0.0)
    average = AveragedWeights(net, 0.9)
    before = digest_of({"weight": net.weight.detach()})
    for step in (0, 1_000):
        average.update(net, step)
    assert digest_of({"weight": average.values["weight"]}) == before


def test_what_learns_moves_by_the_share_that_is_not_kept():
    net = nn.Linear(1, 1, bias=False)
    nn.init.constant_(net.weight, 0.0)
    average = AveragedWeights(net, 0.75)
    nn.init.constant_(net.weight, 1.0)
    average.update(net, 1_000)
    assert average.values["weight"].item() == 0.25
    average.update(net, 0)  # of a first step a tenth is kept
    assert average.values["weight"].item() == pytest.approx(0.925)

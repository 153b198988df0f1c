"""A recogniser's objective: the float net loses nothing, a spoilt one does."""

import copy

import numpy as np
import pytest
import torch

from tcsdk.models.recognition.reader import Reader, ReaderConfig
from tcsdk.quant.judge.line_objective import LineReading, LineSamples, on_rendered_lines
from tcsdk.quant.nets.layers import find_layers
from tcsdk.quant.nets.table import integer_rules

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("one_thread")]


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(1)
    return Reader(ReaderConfig(8, 16, 16, 24, (1, 1, 1))).eval()


@pytest.fixture(scope="module")
def objective():
    torch.manual_seed(2)
    samples = [LineSamples(torch.rand(2, 3, 32, 64), ("ab", "1")) for _ in range(3)]
    return LineReading(samples, samples[:2])


def spoilt(net, size):
    other = copy.deepcopy(net)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(size * torch.randn_like(parameter))
    return other


def test_the_float_net_loses_nothing(objective, net):
    scores = objective.measure(net, "calibration")
    assert scores.shape == ()
    assert objective.loss(scores, scores) == 0.0
    assert objective.sensitivity(scores, net, net) == pytest.approx(0.0, abs=1e-4)


def test_a_change_costs_more_the_larger_it_is(objective, net):
    reference = objective.measure(net, "quick")
    torch.manual_seed(3)
    small, large = spoilt(net, 0.01), spoilt(net, 0.3)
    assert objective.sensitivity(reference, net, small) > 0
    assert objective.sensitivity(reference, net, small) < objective.sensitivity(
        reference, net, large
    )


def test_tuning_has_a_gradient(objective, net):
    other = spoilt(net, 0.05)
    loss = objective.training_loss(lambda name, x: other(x), net, 0)
    loss.backward()
    assert float(other.says.weight.grad.abs().max()) > 0


def test_no_lines_are_refused():
    with pytest.raises(ValueError, match="got 0 and 0 batches"):
        LineReading([], [])


def test_rendered_lines_are_the_same_every_time(assets):
    one, other = (on_rendered_lines(10, None) for _ in range(2))
    assert one.key() == other.key()
    assert np.isfinite(one.measure(Reader().eval(), "held_out"))


def test_rules_name_layers_of_the_net():
    net = Reader()
    rules, names = integer_rules(net), {layer.name for layer in find_layers(net)}
    streams = rules.streams(net)
    for stream in streams:
        assert {*stream.makers, *stream.takers} <= names
    assert set(rules.rectified) <= names
    assert set(rules.rectified) <= set(rules.rounded(find_layers(net)))
    made = [name for stream in streams for name in stream.makers]
    assert len(made) == len(set(made))  # no channel is scaled twice
    assert names - set(made) == {"says"}


def test_equalisation_changes_nothing_but_ranges(objective):
    from tcsdk.quant.calibrate.equalisation import equalised

    torch.manual_seed(4)
    net, lines = Reader().eval(), torch.rand(1, 3, 32, 96)
    even = equalised(net, objective.calibrate, 0.5)
    with torch.no_grad():
        assert torch.allclose(even(lines), net(lines), atol=1e-4)
    assert not torch.equal(even.enter.conv.weight, net.enter.conv.weight)

"""Ranges of channels: what a histogram is normalised by, and the grids made of it."""

import numpy as np
import pytest
import torch
from torch import nn

from tcsdk.quant.calibrate.calibration import collect_inputs
from tcsdk.quant.clip.histogram import QUIETEST, Histogram, Norm
from tcsdk.quant.integers.activations import range_of
from tcsdk.quant.nets.layers import find_layers

pytestmark = pytest.mark.train
# Channels of unlike magnitude: loud, quiet, of one sign, constant.
MAGNITUDES = torch.tensor([1.0, 0.1, 0.02, 0.0])[None, :, None, None]


def tensor(seed=0):
    x = torch.rand((2, 4, 16, 16), generator=torch.Generator().manual_seed(seed)) * 2 - 1
    x[:, 2] = x[:, 2].abs()
    return x * MAGNITUDES


def range_by(norm, x, format_name="uint8"):
    histogram = Histogram(norm)
    histogram.widen(x)
    normaliser = histogram.normaliser()
    histogram.count(x, normaliser)
    return range_of(histogram.samples(normaliser), format_name, "minmax")


@pytest.mark.parametrize("format_name", ["uint8", "int8"])
@pytest.mark.parametrize("norm", list(Norm))
def test_no_value_is_off_by_more_than_half_a_step_of_its_channel(norm, format_name):
    x = tensor()
    range_ = range_by(norm, x, format_name)
    error = (range_.apply(x) - x).abs().amax((0, 2, 3)).numpy()
    steps = np.broadcast_to(range_.steps(), 4)
    # A zero point is a whole number: the ends of a range may lie half a step outside.
    assert (error <= 1.01 * steps).all()
    assert range_.low <= float(x.min()) + range_.step
    assert range_.high >= float(x.max()) - range_.step


def test_quiet_channels_have_finer_steps():
    steps = {norm: np.broadcast_to(range_by(norm, tensor()).steps(), 4) for norm in Norm}
    assert len(set(steps[Norm.NONE])) == 1
    for norm in (Norm.SCALE, Norm.RANGE):
        assert steps[norm][1] == pytest.approx(0.1 * steps[norm][0], rel=0.05)
        assert steps[norm][0] <= 1.1 * steps[Norm.NONE][0]
    # A channel of one sign needs no levels for the other, if it has its own zero point.
    assert steps[Norm.RANGE][2] < 0.6 * steps[Norm.SCALE][2]


def test_zero_stays_zero_in_every_channel():
    zeros = torch.zeros((1, 4, 2, 2))
    for norm in Norm:
        assert torch.equal(range_by(norm, tensor()).apply(zeros), zeros)


def test_common_zero_points_leave_room_on_the_side_that_needs_it():
    x = torch.rand((1, 4, 16, 16)) * 2 - 0.2
    range_ = range_by(Norm.SCALE, x)
    assert 10 < range_.zero < 60
    assert range_.step < 2.2 / 255


def test_silent_channels_are_not_divided_by_nothing():
    x = tensor()
    assert range_by(Norm.SCALE, x).scales[3] == pytest.approx(QUIETEST)
    for norm in Norm:
        silent = range_by(norm, torch.zeros_like(x))
        assert silent.clip == "constant"
        assert np.isfinite(silent.steps()).all()


def test_only_depthwise_layers_take_channels_of_their_own():
    net = nn.Sequential(
        nn.Conv2d(4, 4, 3, padding=1, groups=4), nn.Conv2d(4, 4, 1), nn.Conv2d(4, 8, 1, groups=2)
    )
    found = collect_inputs(find_layers(net), lambda: net(tensor()))
    assert found["0"].channels is not None
    assert found["1"].channels is None
    assert found["2"].channels is None

"""Adaptive rounding: no worse than to the nearest, and nothing moves that nothing is known of."""

import numpy as np
import pytest
import torch
from support.upscaler import upscaler
from torch import nn

from tcsdk.quant.calibrate.patches import collect_moments
from tcsdk.quant.correct.rounding import output_error, round_adaptively
from tcsdk.quant.integers.weights import quantise_weight, to_rows
from tcsdk.quant.nets.layers import find_layers

pytestmark = pytest.mark.train


def test_adaptive_rounding_never_raises_the_output_error():
    net = upscaler()
    x = torch.rand(8, 3, 16, 16)
    layers = find_layers(net)
    moments = collect_moments(layers, {}, lambda: net(x), 0)
    for layer in layers:
        rows = to_rows(layer.weight, layer.axis)
        nearest = quantise_weight(layer.weight, layer.axis, 3, "mse")
        rounded = round_adaptively(rows, nearest, moments[layer.name])
        before, after = (output_error(rows, w, moments[layer.name]) for w in (nearest, rounded))
        assert after < before
        assert np.abs(rounded.integers).max() <= 3


def test_weights_of_inputs_that_never_move_stay_near_what_was_trained():
    torch.manual_seed(6)
    net = nn.Sequential(nn.Conv2d(4, 8, 1))
    x = torch.rand(8, 4, 16, 16) * torch.tensor([1.0, 1.0, 1e-4, 0.0])[:, None, None]
    (layer,) = find_layers(net)
    moments = collect_moments([layer], {}, lambda: net(x), 0)["0"]
    rows, nearest = to_rows(layer.weight, 0), quantise_weight(layer.weight, 0, 3, "minmax")
    rounded = round_adaptively(rows, nearest, moments)
    assert np.array_equal(rounded.integers[:, 2:], nearest.integers[:, 2:])

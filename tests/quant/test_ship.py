"""What export asks of quantisation: named precisions, and weights that meet no signal."""

import numpy as np
import pytest
import torch

from tcsdk.models.codecs.edge import EdgeCodec
from tcsdk.models.codecs.tinylic import TinylicCodec
from tcsdk.quant.integers.weights import quantise_weight
from tcsdk.quant.ship import has_rules, quantise_codec

pytestmark = pytest.mark.train


def test_unknown_precisions_are_refused_before_anything_runs():
    with pytest.raises(ValueError, match=r"int8, w4, w3, got \['w9'\]"):
        quantise_codec(EdgeCodec(), ["int8", "w9"])


def test_only_the_edge_net_has_rules():
    assert has_rules(EdgeCodec())
    assert not has_rules(TinylicCodec())


def test_channels_that_meet_no_signal_count_their_weights_alike():
    weight = torch.randn(4, 16, 3, 3, generator=torch.Generator().manual_seed(1))
    importance = np.ones((4, 144))
    importance[2] = 0
    rounded = quantise_weight(weight, 0, 4, "output", importance)
    alike = quantise_weight(weight, 0, 4, "output", np.ones((4, 144)))
    np.testing.assert_array_equal(rounded.integers, alike.integers)
    np.testing.assert_array_equal(rounded.step, alike.step)

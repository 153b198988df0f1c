"""What export asks of quantisation: named precisions, and weights that meet no signal."""

import numpy as np
import pytest
import torch

from tcsdk.models.codecs.edge import EdgeCodec
from tcsdk.models.codecs.tcm import SMALL as TCM_SMALL
from tcsdk.models.codecs.tcm import TcmCodec
from tcsdk.models.codecs.tinylic import SMALL, TinylicCodec
from tcsdk.quant.integers.weights import quantise_weight
from tcsdk.quant.nets.table import integer_rules, rules_of
from tcsdk.quant.ship import quantise_codec

pytestmark = pytest.mark.train


def test_unknown_precisions_are_refused_before_anything_runs():
    with pytest.raises(ValueError, match=r"int8, w4, w3, got \['w9'\]"):
        quantise_codec(EdgeCodec(), ["int8", "w9"])


def test_integer_forms_of_a_net_without_rules_are_refused():
    small = TinylicCodec(SMALL)
    with pytest.raises(
        ValueError, match=r"rules for integers \(EdgeCodec, TcmCodec, .*\), got a TinylicCodec"
    ):
        quantise_codec(small, ["int8"])
    with pytest.raises(ValueError, match="got a Linear"):
        integer_rules(torch.nn.Linear(1, 1))


def test_float_layers_are_each_nets_own_and_there():
    for net in (EdgeCodec(), TinylicCodec(SMALL), TcmCodec(TCM_SMALL)):
        names = [name for name, _ in net.named_parameters()]
        prefixes = rules_of(net).float_layers
        assert all(any(name.startswith(prefix) for name in names) for prefix in prefixes)
    last = len(TinylicCodec(SMALL).g_a) - 1
    assert f"g_a.{last}." in rules_of(TinylicCodec(SMALL)).float_layers


def test_channels_that_meet_no_signal_count_their_weights_alike():
    weight = torch.randn(4, 16, 3, 3, generator=torch.Generator().manual_seed(1))
    importance = np.ones((4, 144))
    importance[2] = 0
    rounded = quantise_weight(weight, 0, 4, "output", importance)
    alike = quantise_weight(weight, 0, 4, "output", np.ones((4, 144)))
    np.testing.assert_array_equal(rounded.integers, alike.integers)
    np.testing.assert_array_equal(rounded.step, alike.step)

"""A net is one row: weights are taken by the net that they say, and by no other."""

import pytest
import torch

from tcsdk.models.layers.folding import folded
from tcsdk.models.registry import CROP_NETS, codec_of, crop_net

pytestmark = pytest.mark.train


def test_weights_are_taken_as_they_learn_and_as_they_ship():
    torch.manual_seed(0)
    net = CROP_NETS["edsr-s"]().eval()
    crops = torch.rand(1, 3, 16, 64)
    with torch.no_grad():
        expected = net(crops)
        for state in (net.state_dict(), folded(net).state_dict()):
            torch.testing.assert_close(crop_net(state, "edsr-s")(crops), expected)
    with pytest.raises(ValueError, match="expected the weights of the net edsr-s, got others"):
        crop_net({"a": torch.zeros(1)}, "edsr-s")
    with pytest.raises(ValueError, match=r"of one of the nets reader, .*got 'edge'"):
        crop_net({}, "edge")


def test_weights_of_another_net_are_refused():
    weights = {"g_a.0.weight": torch.zeros(3)}
    with pytest.raises(ValueError, match="expected the weights of the net edge, got others"):
        codec_of(weights, "edge")
    with pytest.raises(ValueError, match=r"of one of the nets edge, .*got 'own-reader'"):
        codec_of(weights, "own-reader")

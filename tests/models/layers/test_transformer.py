import math

import pytest
import torch
from torch import nn

from tcsdk.models.layers.transformer import (
    MultiHeadAttention,
    causal_mask,
    plane_positions,
    positions,
)

pytestmark = pytest.mark.train


def test_attention_equals_torchs():
    torch.manual_seed(0)
    own = MultiHeadAttention(12, 3)
    theirs = nn.MultiheadAttention(12, 3, batch_first=True)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([own.query.weight, own.key.weight, own.value.weight]))
        theirs.in_proj_bias.copy_(torch.cat([own.query.bias, own.key.bias, own.value.bias]))
        theirs.out_proj.load_state_dict(own.project.state_dict())
    queries, memory = torch.randn(2, 4, 12), torch.randn(2, 5, 12)
    expected, weights = theirs(queries, memory, memory)
    torch.testing.assert_close(own(queries, memory), expected)
    torch.testing.assert_close(own.weights(queries, memory).mean(1), weights)


def test_masked_attention_does_not_look_ahead():
    torch.manual_seed(0)
    attention, rows = MultiHeadAttention(8, 2), torch.randn(1, 5, 8)
    mask = causal_mask(5, rows.device)
    changed = rows.clone()
    changed[:, 3:] += 1
    before, after = attention(rows, rows, mask), attention(changed, changed, mask)
    torch.testing.assert_close(before[:, :3], after[:, :3])
    assert not torch.allclose(before[:, 3:], after[:, 3:])


def test_positions_are_interleaved_waves():
    waves = positions(7, 6)
    assert waves.shape == (7, 6)
    assert waves[5, 0].item() == pytest.approx(math.sin(5), abs=1e-6)
    assert waves[5, 1].item() == pytest.approx(math.cos(5), abs=1e-6)
    assert waves[5, 2].item() == pytest.approx(math.sin(5 / 10_000 ** (2 / 6)), abs=1e-6)


def test_plane_positions_say_column_and_row():
    plane = plane_positions(3, 5, 8)
    assert plane.shape == (8, 3, 5)
    torch.testing.assert_close(plane[:4, 2], positions(5, 4).T)
    torch.testing.assert_close(plane[4:, :, 3], positions(3, 4).T)


def test_odd_widths_are_refused():
    with pytest.raises(ValueError, match="a multiple of 3 heads, got 8"):
        MultiHeadAttention(8, 3)
    with pytest.raises(ValueError, match="a multiple of 4, got 6"):
        plane_positions(2, 2, 6)

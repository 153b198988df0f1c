"""Swin's windows as the definition reads, and planes that hold no whole number of them."""

import pytest
import torch

from tcsdk.models.layers.window_attention import SwinLayer, WindowAttention, windows

pytestmark = pytest.mark.train


def slow(layer: WindowAttention, x: torch.Tensor) -> torch.Tensor:
    """By the definition: roll, cut windows, attend to what was in the same part of the plane."""
    k, shift, heads = layer.window, layer.shift, layer.heads
    _, height, width, channels = x.shape
    rolled = torch.roll(x, (-shift, -shift), (1, 2))
    part = torch.zeros(height, width, dtype=torch.int64)
    part[height - shift :] += 1
    part[:, width - shift :] += 2
    out = torch.zeros_like(rolled)
    for top in range(0, height, k):
        for left in range(0, width, k):
            rows = rolled[0, top : top + k, left : left + k].reshape(-1, channels)
            own = part[top : top + k, left : left + k].flatten() if shift else torch.zeros(k * k)
            q, key, v = layer.qkv(rows).reshape(-1, 3, heads, layer.head).unbind(1)
            logits = torch.einsum("qhc,khc->hqk", q, key) * layer.head**-0.5
            y, x_ = torch.meshgrid(torch.arange(k), torch.arange(k), indexing="ij")
            y, x_ = y.flatten(), x_.flatten()
            dy, dx = y[:, None] - y + k - 1, x_[:, None] - x_ + k - 1
            logits = logits + layer.bias[:, dy * (2 * k - 1) + dx]
            logits = logits.masked_fill(own[:, None] != own, float("-inf"))
            mixed = torch.einsum("hqk,khc->qhc", torch.softmax(logits, -1), v)
            out[0, top : top + k, left : left + k] = layer.project(
                mixed.reshape(-1, channels)
            ).reshape(k, k, channels)
    return torch.roll(out, (shift, shift), (1, 2))


@pytest.mark.parametrize("shifted", [False, True])
def test_attention_is_as_published(shifted):
    torch.manual_seed(1)
    layer = WindowAttention(16, 8, 4, shifted)
    torch.nn.init.normal_(layer.bias)
    x = torch.randn(1, 8, 12, 16)
    with torch.no_grad():
        torch.testing.assert_close(layer(x), slow(layer, x))


@pytest.mark.parametrize("shifted", [False, True])
def test_what_lies_beyond_the_plane_is_not_seen(shifted):
    """A plane of 12 x 20 says what it says, whatever stands in the windows' empty places."""
    torch.manual_seed(2)
    layer, x = WindowAttention(16, 8, 8, shifted), torch.randn(1, 12, 20, 16)
    at = windows(12, 20, 8, layer.shift, x.device)
    assert at.rows.shape == (16,)
    assert torch.equal(at.rows[at.back_rows], torch.arange(12))
    assert torch.equal(at.columns[at.back_columns], torch.arange(20))
    with torch.no_grad():
        before = layer(x)
        changed = x.clone()
        changed[:, 11] += 1.0  # the row that is continued
        after = layer(changed)
    assert before.shape == x.shape
    moved = (after != before).any(3)[0].any(1)
    first = 8 if not shifted else 4  # the window of the last row begins there
    assert moved[first:].all()
    assert not moved[:first].any()


def test_a_shifted_layer_sees_across_the_borders_of_windows():
    torch.manual_seed(3)
    x = torch.randn(1, 16, 16, 8)
    changed = x.clone()
    changed[:, 8, 8, 0] += 1.0
    for shifted in (False, True):
        layer = SwinLayer(8, 8, 8, shifted)
        with torch.no_grad():
            moved = (layer(changed) != layer(x)).any(3)[0]
        assert moved[8, 8]
        assert moved[7, 7] == shifted


def test_heads_have_to_fit():
    with pytest.raises(ValueError, match="a multiple of 16, got 24"):
        WindowAttention(24, 16, 8, False)

"""The start of a training from nothing: transforms that are a truncated Karhunen-Loeve transform.

A net's residual stream has a linear path from the picture to y and back. Of the edge net: 8x8
patches, 2x2 groups of them, 1x1; of TinyLIC and ELIC: 2x2 groups, four times. Started at principal
components of training patches, with silent residual branches, a net is the best linear 16x16 block
transform of its widths before the first step. From random weights the edge net never learns to use
its channels so well: docs/decisions/exact-crops.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.edge import EdgeCodec
from tcsdk.models.codecs.elic import Bottleneck, ElicCodec
from tcsdk.models.codecs.tinylic import TinylicCodec
from tcsdk.models.layers.attention import AttentionLayer
from tcsdk.models.layers.blocks import DepthwiseBlock
from tcsdk.models.layers.local_attention import SimplifiedAttention

# y over orthonormal coefficients of pictures in 0..1. At gains of 0.4 to 5 (quality 0 to 63) the
# steps are then 480 to 36 grey levels: where lambda from 2e-4 to 2e-2 puts them at high rates.
AMPLITUDE = 1.4
# What the mask of an attention says before it has learnt: x + a * sigmoid(-4) is x + 0.018 a.
SILENT_MASK = -4.0


def components(patches: Tensor, count: int) -> Tensor:
    """Return the strongest `count` principal directions of rows (P, D) about zero: (count, D)."""
    _, vectors = torch.linalg.eigh(patches.T @ patches)
    return vectors.flip(1)[:, :count].T


def rows_of(pictures: Tensor, size: int) -> Tensor:
    """Cut (N, C, H, W) into size x size patches, a row (C * size * size) each."""
    return nn.functional.unfold(pictures, size, stride=size).transpose(1, 2).flatten(0, 1)


@torch.no_grad()
def start_from_principal_components(net: Codec, pictures: Tensor) -> None:
    """Set the weights of g_a and g_s, in place.

    Args:
        net: freshly made; one that STARTS does not know keeps the weights that it was made with.
        pictures: (N, 3, H, W) float32 in 0..1, H and W multiples of 16; some tens of megapixels
            pin the components down.
    """
    if type(net) not in STARTS:
        return
    STARTS[type(net)](net, pictures.float() - 0.5)
    for part in (net.g_a, net.g_s):
        for module in part.modules():
            for layer in _last_of_branches(module):
                nn.init.zeros_(layer.weight)
                masks = isinstance(module, SimplifiedAttention)
                nn.init.constant_(layer.bias, SILENT_MASK if masks else 0.0)


def _last_of_branches(module: nn.Module) -> tuple[nn.Conv2d | nn.Linear, ...]:
    """The layers that residual branches end with; at zero, the branches are silent."""
    if isinstance(module, DepthwiseBlock):
        return (module.project,)
    if isinstance(module, AttentionLayer):
        return module.attention.project, module.contract
    if isinstance(module, Bottleneck):
        return (module.layers[-1],)
    return (module.mask[-1],) if isinstance(module, SimplifiedAttention) else ()


def _start_edge(net: EdgeCodec, centred: Tensor) -> None:
    patch, _, group, _, to_y = net.g_a
    from_y, _, ungroup, _, to_pixels, _ = net.g_s
    ungroup = ungroup[0]
    basis = components(rows_of(centred, patch.kernel_size[0]), patch.out_channels)
    patch.weight.copy_(AMPLITUDE * basis.view_as(patch.weight))
    features = nn.functional.conv2d(centred, patch.weight, stride=patch.stride)
    pairs = components(rows_of(features, 2), group.out_channels)
    _centre(group.weight, pairs.view(group.out_channels, -1, 2, 2))
    ungroup.weight.copy_(pairs.T[:, :, None, None])
    _centre(to_pixels.weight, basis.T[:, :, None, None] / AMPLITUDE)
    for layer in (to_y, from_y):
        layer.weight.copy_(torch.eye(*layer.weight.shape[:2])[:, :, None, None])
    for layer in (patch, group, ungroup, to_pixels, to_y, from_y):
        nn.init.zeros_(layer.bias)


def _start_tinylic(net: TinylicCodec, centred: Tensor) -> None:
    """Silent layers there give x + x, twice on the way: hence the halves."""
    _start_halving(net.g_a[::2], net.g_s[1::2], centred, echo=2.0)


def _start_elic(net: ElicCodec, centred: Tensor) -> None:
    """Between strided convolutions silent bottlenecks and attention leave x as it is."""
    down = [layer for layer in net.g_a if isinstance(layer, nn.Conv2d)]
    up = [layer for layer in net.g_s if isinstance(layer, nn.ConvTranspose2d)]
    _start_halving(down, up, centred, echo=1.0)


def _start_halving(
    halving: Iterable[nn.Module], doubling: Iterable[nn.Module], centred: Tensor, echo: float
) -> None:
    """2x2 groups of `used` channels at each step; channels that are over keep their random start.

    Args:
        halving: strided convolutions of g_a, in order.
        doubling: transposed ones of g_s, in order.
        centred: (N, 3, H, W), centred on zero.
        echo: by what silent layers behind each multiply, in g_a and again in g_s.
    """
    features, used, amplitude = centred, centred.shape[1], AMPLITUDE
    for down, up in zip(halving, reversed(list(doubling)), strict=True):
        count = min(4 * used, down.out_channels)
        taps = components(rows_of(features, 2), count).view(count, used, 2, 2)
        _centre(down.weight[:count], amplitude / echo * _widen(taps, down.in_channels))
        # Channels that are not used must not reach those that are.
        up.weight[:, :used] = 0.0
        _centre(up.weight[:count, :used], taps / (echo * amplitude))
        for layer in (down, up):
            nn.init.zeros_(layer.bias)
        features = nn.functional.conv2d(features, amplitude * taps, stride=2)
        used, amplitude = count, 1.0


STARTS: dict[type[Codec], Callable[..., None]] = {
    EdgeCodec: _start_edge,
    TinylicCodec: _start_tinylic,
    ElicCodec: _start_elic,
}


def _widen(taps: Tensor, channels: int) -> Tensor:
    """Taps (C_out, C_in, k, k) that give further input channels, up to `channels`, no weight."""
    return nn.functional.pad(taps, (0, 0, 0, 0, 0, channels - taps.shape[1]))


def _centre(weight: Tensor, taps: Tensor) -> None:
    """Set (C_out, C_in, K, K) to the taps (C_out, C_in, k, k) from its centre right and down."""
    begin, size = weight.shape[-1] // 2, taps.shape[-1]
    weight.zero_()
    weight[:, :, begin : begin + size, begin : begin + size] = taps

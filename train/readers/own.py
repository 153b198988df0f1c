"""The second reader: a recurrent network of ours, of another architecture than PP-OCRv6's.

A convolutional recurrent neural network (Shi, Bai and Yao 2017): a residual trunk, a bidirectional
LSTM over its columns, CTC. 1.02 M parameters, 24 MMAC per 32x32 pixels of a line. Its training is
`python -m tcsdk.train.recognition`, its figures are in own.md beside this file.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from tcsdk.train.readers.line_reader import LineReader
from tcsdk.train.run.weights import load_weights

WEIGHTS = Path(__file__).with_name("own.safetensors")
OWN_READER = "own-reader"  # what its weights say of their net and recipe
CHARACTERS = ("", *map(chr, range(32, 127)))  # blank, printable ASCII
LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
HIDDEN = 128  # of the LSTM, each way


class ConvNorm(nn.Sequential):
    """A convolution without bias and its batch normalisation."""

    def __init__(self, before: int, after: int, stride: int | tuple[int, int] = 1) -> None:
        super().__init__(nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after))

    def forward(self, x: Tensor) -> Tensor:
        """(N, before, H, W) -> (N, after, H / stride, W / stride), not negative."""
        return super().forward(x).relu()


class Residual(nn.Module):
    """relu(x + two convolutions)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvNorm(channels, channels)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> the same shape."""
        return (x + self.second(self.first(x))).relu()


class OwnNetwork(nn.Module):
    """Grey lines (L, 1, 32, W) in -1..1 -> logits (W / 4, L, classes)."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            ConvNorm(1, 32, 2),
            ConvNorm(32, 32),  # 16 pixels high
            ConvNorm(32, 64, 2),
            Residual(64),  # 8
            ConvNorm(64, 128, (2, 1)),
            Residual(128),  # 4
            nn.Conv2d(128, 2 * HIDDEN, (4, 1)),
            nn.ReLU(),  # 1
        )
        self.columns = nn.LSTM(2 * HIDDEN, HIDDEN, bidirectional=True)
        self.classes = nn.Linear(2 * HIDDEN, len(CHARACTERS))

    def forward(self, lines: Tensor) -> Tensor:
        """(L, 1, 32, W) -> (W / 4, L, classes) float32."""
        columns = self.trunk(lines)[:, :, 0].permute(2, 0, 1)
        with torch.autocast(lines.device.type, enabled=False):
            seen, _ = self.columns(columns.float())
            return self.classes(seen)


def to_grey(lines: Tensor) -> Tensor:
    """(L, 3, H, W) RGB in 0..1 -> (L, 1, H, W) luma in -1..1, channels-last."""
    luma = (lines * lines.new_tensor(LUMA)[:, None, None]).sum(1, keepdim=True)
    return (luma * 2.0 - 1.0).contiguous(memory_format=torch.channels_last)


def fold(network: OwnNetwork) -> OwnNetwork:
    """Fold each batch normalisation into its convolution, in place; the network must be in eval."""
    for module in network.modules():
        if isinstance(module, nn.Sequential) and isinstance(module[1], nn.BatchNorm2d):
            module[0] = fuse_conv_bn_eval(module[0], module[1])
            module[1] = nn.Identity()
    return network


class OwnReader(LineReader):
    """Our recogniser, frozen, with the weights that ship beside this file."""

    height = 32

    def __init__(self, weights: dict[str, Tensor] | None = None) -> None:
        super().__init__(CHARACTERS)
        network = OwnNetwork()
        network.load_state_dict(weights or load_weights(WEIGHTS))
        frozen = fold(network.eval()).requires_grad_(False)
        self.network = frozen.to(memory_format=torch.channels_last)

    def log_probabilities(self, lines: Tensor) -> Tensor:
        """(L, 3, 32, W) RGB in 0..1 -> (W / 4, L, classes), natural logarithms."""
        return self.network(to_grey(lines)).log_softmax(-1)

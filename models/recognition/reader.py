"""The reader that a device can afford: convolutions alone, CTC over 102 characters.

A stem to a quarter of the line's size, depthwise/1x1 blocks at 8 rows and at 4, then at one row, a
column of 8 pixels each. A column says two characters, so that narrow letters have steps enough
(Graves et al. 2006: a doubled letter needs a blank between) at half the cost of columns of 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from tcsdk.model.grids import LINE_STEP

# What is read: printable ASCII, and the signs that meters and labels have beside it.
CHARACTERS = "".join(map(chr, range(32, 127))) + "°€£²³µ±"
SAID = 2  # characters, or blanks, that a column says
COLUMN = SAID * LINE_STEP  # pixels that a column of the last stage covers


@dataclass(frozen=True)
class ReaderConfig:
    """Widths and depths; the defaults are the shipped size."""

    stem: int = 32  # at 16 rows
    narrow: int = 64  # at 8 rows
    middle: int = 128  # at 4 rows
    wide: int = 192  # at one row
    depths: tuple[int, int, int] = (2, 3, 6)
    characters: int = len(CHARACTERS)


class Layer(nn.Module):
    """A convolution and, while it learns, its batch normalisation.

    Args:
        before, after: channels.
        kernel, stride: (rows, columns).
        padding: likewise.
        groups: of channels.
        learns: whether the convolution is followed by a normalisation instead of having a bias.
    """

    def __init__(
        self,
        before: int,
        after: int,
        kernel: tuple[int, int],
        learns: bool,
        stride: tuple[int, int] = (1, 1),
        padding: tuple[int, int] | None = None,
        groups: int = 1,
    ) -> None:
        super().__init__()
        around = (kernel[0] // 2, kernel[1] // 2) if padding is None else padding
        self.conv = nn.Conv2d(before, after, kernel, stride, around, groups=groups, bias=not learns)
        self.norm = nn.BatchNorm2d(after) if learns else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(N, before, H, W) -> (N, after, H / stride, W / stride)."""
        return cast("Tensor", self.norm(self.conv(x)))


class Block(nn.Module):
    """x + 1x1(ReLU(1x1(depthwise(x)))), each normalised while it learns.

    Args:
        channels: width C of input and output, (N, C, H, W).
        kernel: (rows, columns) of the depthwise layer, odd.
        learns: as in `Layer`.
    """

    def __init__(self, channels: int, kernel: tuple[int, int], learns: bool) -> None:
        super().__init__()
        hidden = 2 * channels
        self.depthwise = Layer(channels, channels, kernel, learns, groups=channels)
        self.expand = Layer(channels, hidden, (1, 1), learns)
        self.project = Layer(hidden, channels, (1, 1), learns)

    def forward(self, x: Tensor) -> Tensor:
        """Return x plus the branch, (N, C, H, W)."""
        return x + cast("Tensor", self.project(torch.relu(self.expand(self.depthwise(x)))))


def _stage(channels: int, depth: int, kernel: tuple[int, int], learns: bool) -> nn.Sequential:
    return nn.Sequential(*(Block(channels, kernel, learns) for _ in range(depth)))


class Reader(nn.Module):
    """Lines (N, 3, 32, W) RGB in 0..1, W a multiple of 8 -> logits (N, 1 + characters, 1, W / 4).

    Class 0 is CTC's blank. 1.36 million parameters, 12 kMAC per pixel of a line.

    Args:
        config: widths and depths.
        learns: whether layers are normalised, as in training; what ships is folded (`fold`).
    """

    def __init__(self, config: ReaderConfig | None = None, learns: bool = False) -> None:
        super().__init__()
        c = self.config = config or ReaderConfig()
        self.classes = 1 + c.characters
        self.stem = Layer(3, c.stem, (3, 3), learns, (2, 2))
        self.enter = Layer(c.stem, c.narrow, (3, 3), learns, (2, 2))
        self.rows8 = _stage(c.narrow, c.depths[0], (3, 3), learns)
        self.halve = Layer(c.narrow, c.middle, (3, 3), learns, (2, 2))
        self.rows4 = _stage(c.middle, c.depths[1], (3, 3), learns)
        self.flatten = Layer(c.middle, c.wide, (4, 1), learns, padding=(0, 0))
        self.columns = _stage(c.wide, c.depths[2], (1, 7), learns)
        self.says = nn.Conv2d(c.wide, SAID * self.classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Read lines (N, 3, 32, W): logits (N, classes, 1, W / 4), float32."""
        x = torch.relu(self.stem(x - 0.5))
        x = self.rows8(torch.relu(self.enter(x)))
        x = self.rows4(torch.relu(self.halve(x)))
        x = self.columns(torch.relu(self.flatten(x)))
        said = self.says(torch.relu(x)).float()
        n, _, _, columns = said.shape
        steps = said.reshape(n, SAID, self.classes, columns).permute(0, 2, 3, 1)
        return steps.reshape(n, self.classes, 1, SAID * columns)


def fold(net: Reader) -> Reader:
    """Return the net that ships: each normalisation folded into its convolution, in evaluation."""
    folded = Reader(net.config).eval()
    layers = {name: m for name, m in net.eval().named_modules() if isinstance(m, Layer)}
    for name, layer in layers.items():
        if isinstance(layer.norm, nn.BatchNorm2d):
            conv = fuse_conv_bn_eval(layer.conv, layer.norm)
            cast("Layer", folded.get_submodule(name)).conv.load_state_dict(conv.state_dict())
    folded.says.load_state_dict(net.says.state_dict())
    return folded

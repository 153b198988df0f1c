"""The net of the character model: three layers whose weights and activations lie on whole numbers.

    10 symbols before, embedded | state of the word, style, length
      -> hidden, hidden: max(0, .) in steps of 1/32 up to 255/32, -> 80 logits to the base of 2

Weights are multiples of 1/64 in int8: what is learned is what libtcs computes, but for the last
shift (`kernels/src/text_model.cpp`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tcsdk.train.text.symbols import PAD, STATES, STYLES, SYMBOLS

LENGTHS = 16
FLAGS = STATES + STYLES + LENGTHS
WEIGHT_STEPS = 64  # weights are in 1/64
ACTIVATION_STEPS = 32  # activations in 1/32


@dataclass(frozen=True)
class Shape:
    """Sizes of the net.

    Args:
        depth: symbols that it sees.
        embedding: numbers a symbol.
        first: units of the first hidden layer.
        second: units of the second.
    """

    depth: int
    embedding: int
    first: int
    second: int


# By the kilobytes of their file at most.
SHAPES = {
    16: Shape(6, 8, 88, 40),
    32: Shape(8, 12, 136, 56),
    64: Shape(10, 16, 208, 72),
    128: Shape(10, 20, 360, 92),
}


class _Whole(torch.autograd.Function):
    """Rounds forwards; backwards, as if it had not."""

    @staticmethod
    def forward(context: object, x: Tensor) -> Tensor:
        return torch.floor(x + 0.5)

    @staticmethod
    def backward(context: object, gradient: Tensor) -> Tensor:
        return gradient


def whole_weights(x: Tensor) -> Tensor:
    """Put weights on their grid: (any) float32 in, multiples of 1/64 out."""
    return _Whole.apply(torch.clamp(x * WEIGHT_STEPS, -127, 127)) / WEIGHT_STEPS


def _activate(x: Tensor) -> Tensor:
    return _Whole.apply(torch.clamp(x * ACTIVATION_STEPS, 0, 255)) / ACTIVATION_STEPS


class TextNet(nn.Module):
    """The character model.

    Args:
        shape: its sizes.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        inputs = shape.depth * shape.embedding
        self.embedding = nn.Parameter(torch.randn(PAD + 1, shape.embedding) * 0.4)
        self.first = nn.Parameter(torch.randn(shape.first, inputs) * (1.5 / inputs) ** 0.5)
        self.flags = nn.Parameter(torch.zeros(FLAGS, shape.first))
        self.first_bias = nn.Parameter(torch.zeros(shape.first))
        self.second = nn.Parameter(
            torch.randn(shape.second, shape.first) * (1.5 / shape.first) ** 0.5
        )
        self.second_bias = nn.Parameter(torch.zeros(shape.second))
        self.last = nn.Parameter(torch.randn(SYMBOLS, shape.second) * (1 / shape.second) ** 0.5)
        self.last_bias = nn.Parameter(torch.zeros(SYMBOLS))

    def forward(self, before: Tensor, flags: Tensor) -> Tensor:
        """Return logits to the base of 2, (N, 80).

        Args:
            before: symbols before, the oldest first, (N, depth) int64.
            flags: numbers of the state, the style and the length among the flags, (N, 3) int64.
        """
        embedding = whole_weights(self.embedding)
        x = embedding[before].flatten(1)
        rows = whole_weights(self.flags)[flags].sum(1)
        x = _activate(x @ whole_weights(self.first).T + rows + self.first_bias)
        x = _activate(x @ whole_weights(self.second).T + self.second_bias)
        return x @ whole_weights(self.last).T * 2 + self.last_bias

"""The graphs that tcsdk runs: their roles, and every input and output by name.

One table for export, engines, windows, plans, tests and docs: a graph takes and gives arrays by
these names, and no other file spells one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tcsdk.errors import EngineError
from tcsdk.model.grids import (
    CROP_SIZE,
    LARGE_CROP_SIZE,
    LINE_HEIGHT,
    LINE_STEP,
    WORD_SIZE,
    Y_STRIDE,
    Z_STRIDE,
    ceil_div,
)

# Roles: what a graph does. A model's task says which of them it has (tcsdk/model/manifest.py).
ANALYSIS: Final = "analysis"
SYNTHESIS: Final = "synthesis"
SUPER_RESOLUTION: Final = "super_resolution"
RECOGNITION: Final = "recognition"
FUSION: Final = "fusion"
RESIDUAL: Final = "residual"
# What a graph of the role `analysis` takes and gives where its model predicts by a context.
CONTEXT_ANALYSIS: Final = "context_analysis"
# What a graph of the role `recognition` takes and gives where its model reads words, not lines.
WORD_RECOGNITION: Final = "word_recognition"
CAPTION: Final = "caption"
# What a graph of the role `analysis` takes and gives where it is told what a picture shows.
CAPTIONED_ANALYSIS: Final = "captioned_analysis"
# The same where its model predicts by a context.
CAPTIONED_CONTEXT_ANALYSIS: Final = "captioned_context_analysis"

# Tensors, in the words of docs/overview.md.
X: Final = "x"
Z_GAIN: Final = "z_gain"
Z_INVERSE_GAIN: Final = "z_inverse_gain"
Z_HAT: Final = "z_hat"
D: Final = "d"
TEXT: Final = "text"
R: Final = "r"
INV_GAIN: Final = "inv_gain"
X_HAT: Final = "x_hat"
LINE_PIXELS: Final = "line_pixels"
CLASS_LOGITS: Final = "class_logits"
GUIDANCE: Final = "guidance"
X_FUSED: Final = "x_fused"
Y: Final = "y"
GAIN: Final = "gain"
CODED: Final = "coded"
WORD_PIXELS: Final = "word_pixels"
CLASS_BIAS: Final = "class_bias"
CHARACTER_LOGITS: Final = "character_logits"
SMALL_CROPS: Final = "small_crops"
STRAIGHTENING: Final = "straightening"
LARGE_CROPS: Final = "large_crops"
CAPTION_TOKENS: Final = "caption_tokens"
CAPTION_MASK: Final = "caption_mask"
CAPTION_STATES: Final = "caption_states"

# Planes of TEXT.
PROBABILITY: Final = "probability"
OFFSETS: Final = "offsets"


@dataclass(frozen=True)
class TensorRow:
    """An input or output of a graph, (N, C, H, W); C is fixed in the graph.

    Attributes:
        stride: Pixels per position; None where there is one value per channel.
        broadcasts: Whether (1, C, 1, 1) may stand for the whole shape.
        optional: Whether a graph may lack it.
        planes: Names of its channels, where each says something else; a graph may have the first
            few only.
        dtype: Of its numbers.
        rows: H, where it is fixed; it then has a stride along W alone.
        columns: W, where it is fixed.
    """

    stride: int | None
    broadcasts: bool = False
    optional: bool = False
    planes: tuple[str, ...] = ()
    dtype: str = "float32"
    rows: int | None = None
    columns: int | None = None

    @classmethod
    def fixed(cls, size: tuple[int, int]) -> TensorRow:
        """A tensor whose height and width are fixed."""
        return cls(1, rows=size[0], columns=size[1])


@dataclass(frozen=True)
class GraphRow:
    """What a graph of one role takes and gives, by name and in the order of its file."""

    inputs: Mapping[str, TensorRow]
    outputs: Mapping[str, TensorRow]


_ANALYSIS = GraphRow(
    inputs={X: TensorRow(1), Z_GAIN: TensorRow(None), Z_INVERSE_GAIN: TensorRow(None)},
    outputs={
        Z_HAT: TensorRow(Z_STRIDE),
        D: TensorRow(Y_STRIDE),
        TEXT: TensorRow(Y_STRIDE, optional=True, planes=(PROBABILITY, OFFSETS)),
    },
)
# Of nets with a context: y in place of d, which needs what is decoded before.
_CONTEXT_ANALYSIS = GraphRow(
    inputs={X: TensorRow(1), Z_GAIN: TensorRow(None)},
    outputs={
        Z_HAT: TensorRow(Z_STRIDE),
        Y: TensorRow(Y_STRIDE),
        TEXT: TensorRow(Y_STRIDE, optional=True, planes=(PROBABILITY, OFFSETS)),
    },
)
# A mask of zeros: no caption.
_TOLD = {CAPTION_STATES: TensorRow(None), CAPTION_MASK: TensorRow(None)}
GRAPHS: dict[str, GraphRow] = {
    ANALYSIS: _ANALYSIS,
    SYNTHESIS: GraphRow(
        inputs={
            Z_HAT: TensorRow(Z_STRIDE),
            R: TensorRow(Y_STRIDE),
            INV_GAIN: TensorRow(Y_STRIDE, broadcasts=True),
            Z_INVERSE_GAIN: TensorRow(None),
        },
        outputs={X_HAT: TensorRow(1)},
    ),
    # RGB in 0..1; of each step along the line, from left to right, the classes of CTC: 0 is blank,
    # k the k-th of the model's characters.
    RECOGNITION: GraphRow(
        inputs={LINE_PIXELS: TensorRow(1, rows=LINE_HEIGHT)},
        outputs={CLASS_LOGITS: TensorRow(LINE_STEP, rows=1)},
    ),
    CONTEXT_ANALYSIS: _CONTEXT_ANALYSIS,
    # Of the same nets: r is zero where nothing is coded (`coded` is 0, else 1) before a later group
    # is predicted from it.
    RESIDUAL: GraphRow(
        inputs={
            Y: TensorRow(Y_STRIDE),
            Z_HAT: TensorRow(Z_STRIDE),
            Z_INVERSE_GAIN: TensorRow(None),
            GAIN: TensorRow(Y_STRIDE, broadcasts=True),
            CODED: TensorRow(Y_STRIDE),
        },
        outputs={R: TensorRow(Y_STRIDE)},
    ),
    # What synthesis gives, and what sent text draws: how much of a pixel is ink, and how far what
    # is painted is to show, both in 0..1 (docs/reference/guidance.md).
    FUSION: GraphRow(
        inputs={X_HAT: TensorRow(1), GUIDANCE: TensorRow(1)}, outputs={X_FUSED: TensorRow(1)}
    ),
    # RGB in 0..1, and what is added to the logits of each class before the likeliest is taken; of
    # each character of a word, the classes: k is the k-th of the model's characters, the two behind
    # them stand for what is before a word, which is never read, and for its end. W is how many
    # characters were read: until all words of the batch had ended, or all places there are.
    WORD_RECOGNITION: GraphRow(
        inputs={WORD_PIXELS: TensorRow.fixed(WORD_SIZE), CLASS_BIAS: TensorRow(None)},
        outputs={CHARACTER_LOGITS: TensorRow(1, rows=1)},
    ),
    # What the model's tokeniser makes of a caption, token by token, and 1 for each token that there
    # is, which come first, else 0; the states of each token, one behind the other.
    CAPTION: GraphRow(
        inputs={CAPTION_TOKENS: TensorRow(None), CAPTION_MASK: TensorRow(None)},
        outputs={CAPTION_STATES: TensorRow(None)},
    ),
    CAPTIONED_ANALYSIS: GraphRow({**_ANALYSIS.inputs, **_TOLD}, _ANALYSIS.outputs),
    CAPTIONED_CONTEXT_ANALYSIS: GraphRow(
        {**_CONTEXT_ANALYSIS.inputs, **_TOLD}, _CONTEXT_ANALYSIS.outputs
    ),
    # RGB in 0..1, and how much of its own straightening is done to each crop, 0..1.
    SUPER_RESOLUTION: GraphRow(
        inputs={SMALL_CROPS: TensorRow.fixed(CROP_SIZE), STRAIGHTENING: TensorRow(None)},
        outputs={LARGE_CROPS: TensorRow.fixed(LARGE_CROP_SIZE)},
    ),
}
# Every input of every graph: a name means the same wherever it stands.
INPUTS: dict[str, TensorRow] = {n: t for row in GRAPHS.values() for n, t in row.inputs.items()}


def checked_outputs(
    role: str, outputs: Mapping[str, NDArray[np.float32]]
) -> Mapping[str, NDArray[np.float32]]:
    """Return a graph's outputs after looking for all that its role gives.

    Raises:
        EngineError: One is missing.
    """
    missing = [n for n, t in GRAPHS[role].outputs.items() if not t.optional and n not in outputs]
    if missing:
        raise EngineError(
            f"expected outputs {', '.join(missing)} of a graph of the role {role}, got "
            f"{', '.join(outputs) or 'none'}: the graph is not one of this version of tcsdk"
        )
    return outputs


def planes_of(
    role: str, name: str, outputs: Mapping[str, NDArray[np.float32]]
) -> dict[str, NDArray[np.float32]]:
    """Return the planes of an output by their names, (N, H, W) each; those that the graph has."""
    values = outputs.get(name)
    if values is None:
        return {}
    named = zip(GRAPHS[role].outputs[name].planes, np.moveaxis(values, 1, 0), strict=False)
    return dict(named)


@dataclass(frozen=True)
class Size:
    """Pictures in one call: batch, height and width in pixels."""

    batch: int
    height: int
    width: int

    def padded(self) -> Size:
        """Return the size that the graphs see: sides rounded up to multiples of 64."""
        height, width = (Z_STRIDE * ceil_div(side, Z_STRIDE) for side in (self.height, self.width))
        return Size(self.batch, height, width)

    def __str__(self) -> str:
        batch = f"{self.batch}@" if self.batch > 1 else ""
        return f"{batch}{self.width}x{self.height}"


def input_shape(
    name: str, channels: int, size: Size, *, smallest: bool = False
) -> tuple[int, int, int, int]:
    """Return the shape of a graph's input for pictures of a size.

    Args:
        name: Of the input.
        channels: Its second dimension.
        size: Of the pictures, with sides that are multiples of 64.
        smallest: Take (1, C, 1, 1) where the input broadcasts.

    Raises:
        EngineError: No graph of tcsdk has such an input.
    """
    row = INPUTS.get(name)
    if row is None:
        raise EngineError(
            f"expected inputs among {', '.join(INPUTS)}, got {name!r}: the graph is not one of "
            "this version of tcsdk"
        )
    if row.broadcasts and smallest:
        return (1, channels, 1, 1)
    if row.stride is None:
        return (size.batch, channels, 1, 1)
    rows = size.height // row.stride if row.rows is None else row.rows
    columns = size.width // row.stride if row.columns is None else row.columns
    return (size.batch, channels, rows, columns)


def channels_of(name: str, shape: Sequence[object]) -> int:
    """Return the fixed second dimension of an input (N, C, H, W).

    Raises:
        EngineError: The shape is another.
    """
    channels = shape[1] if len(shape) == 4 else None
    if not isinstance(channels, int) or channels < 1:
        raise EngineError(f"input {name!r}: expected (N, C, H, W) with fixed C, got {tuple(shape)}")
    return channels

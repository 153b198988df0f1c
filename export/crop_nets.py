"""What export must know of the nets that take crops: a row for each kind of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import nn

from tcsdk.export.graphs.line_graph import export_lines
from tcsdk.export.graphs.resolution_graph import export_resolution
from tcsdk.export.graphs.word_graph import export_words
from tcsdk.model.graphs import (
    CHARACTER_LOGITS,
    CLASS_BIAS,
    CLASS_LOGITS,
    LARGE_CROPS,
    LINE_PIXELS,
    RECOGNITION,
    SMALL_CROPS,
    STRAIGHTENING,
    SUPER_RESOLUTION,
    WORD_PIXELS,
)
from tcsdk.model.grids import CROP_SIZE, LINE_HEIGHT, WORD_SIZE
from tcsdk.model.tasks import LINES, WORDS
from tcsdk.models.recognition import cdistnet
from tcsdk.models.recognition.cdistnet import BEGIN, CLASSES, Cdistnet
from tcsdk.models.recognition.reader import CHARACTERS, COLUMN, Reader
from tcsdk.models.super_resolution.edsr import Edsr
from tcsdk.models.super_resolution.tbsrn import Tbsrn

Array = NDArray[np.float32]
Arrays = dict[str, Array]


@dataclass(frozen=True)
class CropNet:
    """How nets of one kind become model folders.

    Attributes:
        role: of their graph.
        export: makes its float ONNX form.
        fields: of the manifest, beside those of every model.
        inputs: examples of what the graph takes, for so many crops and of a source of chance.
        expected: what the net says of such inputs and of what its graph made of them.
        came: the same of the graph's outputs.
        limits: of the mean difference between the two: of the float form, of 8 bits and of fewer.
    """

    role: str
    export: Callable[[nn.Module], onnx.ModelProto]
    fields: Mapping[str, object]
    inputs: Callable[[int, np.random.Generator], Arrays]
    expected: Callable[[nn.Module, Arrays, Arrays], Array]
    came: Callable[[Arrays], Array]
    limits: tuple[float, float, float]


def _softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True), np.float32)


def _line_inputs(count: int, rng: np.random.Generator) -> Arrays:
    return {LINE_PIXELS: rng.random((count, 3, LINE_HEIGHT, COLUMN * (6 + count)), np.float32)}


def _line_classes(net: nn.Module, inputs: Arrays, outputs: Arrays) -> Array:
    return _softmax(net(torch.from_numpy(inputs[LINE_PIXELS])).numpy())


def _word_inputs(count: int, rng: np.random.Generator) -> Arrays:
    words = rng.random((count, 3, *WORD_SIZE), np.float32)
    return {WORD_PIXELS: words, CLASS_BIAS: np.zeros((count, CLASSES, 1, 1), np.float32)}


def _word_classes(net: nn.Module, inputs: Arrays, outputs: Arrays) -> Array:
    """What the net says of the words that the graph read: after a slip all that follows differs."""
    best = torch.from_numpy(outputs[CHARACTER_LOGITS][:, :, 0].argmax(1))
    before = torch.cat([torch.full((len(best), 1), BEGIN), best[:, :-1]], 1)
    logits = net(torch.from_numpy(inputs[WORD_PIXELS]), before).transpose(1, 2)
    return _softmax(logits[:, :, None].numpy())


def _small_crops(count: int, rng: np.random.Generator) -> Arrays:
    """Dark and light strokes, blurred as small crops are: no grid was made for noise."""
    height, width = CROP_SIZE
    grey = rng.choice(np.float32([0.2, 0.8]), (count, 1, height // 4, width // 4))
    strokes = grey.repeat(4, 2).repeat(4, 3).repeat(3, 1)
    for axis in (2, 3, 2, 3):
        strokes = sum(np.roll(strokes, shift, axis) for shift in (-1, 0, 1)) / np.float32(3)
    return {
        SMALL_CROPS: np.ascontiguousarray(strokes, np.float32),
        STRAIGHTENING: rng.random((count, 1, 1, 1), np.float32).round(),
    }


def _large_crops(net: nn.Module, inputs: Arrays, outputs: Arrays) -> Array:
    crops, share = (torch.from_numpy(inputs[name]) for name in (SMALL_CROPS, STRAIGHTENING))
    made: Array = net(crops, share.flatten(2)).clamp(0, 1).numpy()
    return made


_LINES = CropNet(
    RECOGNITION,
    export_lines,
    {"characters": CHARACTERS, "reads": LINES},
    _line_inputs,
    _line_classes,
    lambda outputs: _softmax(outputs[CLASS_LOGITS]),
    (1e-5, 0.01, 0.1),
)
_WORDS = CropNet(
    RECOGNITION,
    export_words,
    {"characters": cdistnet.CHARACTERS, "reads": WORDS},
    _word_inputs,
    _word_classes,
    lambda outputs: _softmax(outputs[CHARACTER_LOGITS]),
    (1e-5, 0.01, 0.1),
)
_RESOLUTION = CropNet(
    SUPER_RESOLUTION,
    export_resolution,
    {},
    _small_crops,
    _large_crops,
    lambda outputs: outputs[LARGE_CROPS],
    (1e-5, 0.02, 0.1),
)
CROP_NETS: dict[type[nn.Module], CropNet] = {
    Reader: _LINES,
    Cdistnet: _WORDS,
    Edsr: _RESOLUTION,
    Tbsrn: _RESOLUTION,
}


def crop_net_of(net: nn.Module) -> CropNet:
    """Return the row of a net; every net of the registry that takes crops has one."""
    return next(row for kind, row in CROP_NETS.items() if isinstance(net, kind))

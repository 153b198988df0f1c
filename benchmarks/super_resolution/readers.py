"""Readers of (32, 128) crops: a CDistNet of a training, and the judges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.readers import READERS
from benchmarks.readers.reading import LINE_HEIGHT, Reading
from benchmarks.super_resolution.enlargers import TOGETHER, to_tensor
from tcsdk.models.recognition.cdistnet import Cdistnet
from tcsdk.train.super_resolution.recipes import trained
from tcsdk.train.super_resolution.words import decode_words

Pixels = NDArray[np.uint8]
WordReader = Callable[[Sequence[Pixels]], list[Reading]]


def read_by(net: Cdistnet) -> WordReader:
    """Read by CDistNet, FP32, a character at a time."""

    def read(crops: Sequence[Pixels]) -> list[Reading]:
        said: list[Reading] = []
        for begin in range(0, len(crops), TOGETHER):
            characters, sure = net.read(to_tensor(crops[begin : begin + TOGETHER]))
            for text, each in zip(decode_words(characters), sure.tolist(), strict=True):
                own = tuple(each[: len(text)])
                said.append(Reading(text, float(np.mean(own)) if own else 0.0, own))
        return said

    return read


def judge(name: str) -> WordReader:
    """Read by another reader, each crop enlarged to the height that it is given lines in."""

    def read(crops: Sequence[Pixels]) -> list[Reading]:
        return READERS[name]().read_lines([_line(crop) for crop in crops])

    return read


def _line(crop: Pixels) -> Image.Image:
    width = round(LINE_HEIGHT * crop.shape[1] / crop.shape[0])
    return Image.fromarray(crop).resize((width, LINE_HEIGHT), Image.Resampling.BICUBIC)


def word_reader(name: str, runs: Path) -> WordReader:
    """Return the judge of this name, or the CDistNet of the training of this name.

    Args:
        name: "TRAINING/reader" is the net of a training of both in one step.
        runs: Folder of all trainings.
    """
    if name in READERS:
        return judge(name)
    run, _, part = name.partition("/")
    net = trained("cdistnet-s", runs / run, part)
    assert isinstance(net, Cdistnet)
    return read_by(net)

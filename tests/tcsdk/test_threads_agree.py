"""The shipped models say the same of a picture on one thread and on several."""

from __future__ import annotations

import platform

import numpy as np
import pytest
from support.small_model import smooth_picture

import tcsdk
from tcsdk.codec.tile import TileEncoder
from tcsdk.codec.tiles import Box
from tcsdk.engines import processor_device, select_engine
from tcsdk.model.find import find_model, list_codecs

pytestmark = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"),
    reason="elsewhere ONNX Runtime has no blocked convolutions",
)
IDS = [f"{model.family}-{p}" for model in list_codecs() for p in model.precisions]
SIZES = [(41, 73), (103, 31), (160, 288)]


def device_of(model: str) -> str:
    folder, precision = find_model(model)
    return processor_device(folder.precisions[precision])


def loaded(half, model: str, threads: int):
    folder, precision = find_model(model)
    engine, precision = select_engine(device_of(model), threads).for_model(folder, precision)
    return half.load(folder, precision, engine)


@pytest.mark.parametrize("model", IDS)
def test_analysis_is_the_same_to_the_last_bit(model):
    encoders = [loaded(TileEncoder, model, threads) for threads in (1, 2, 3)]
    for width, height in SIZES:
        picture = smooth_picture(width, height)
        box = Box(0, 0, width, height)
        first, *others = (e.analyse(picture, box, 0, concurrent=False)[0] for e in encoders)
        for other in others:
            assert first.keys() == other.keys()
            assert [name for name in first if not np.array_equal(first[name], other[name])] == []


@pytest.mark.parametrize("model", IDS)
def test_streams_and_pictures_are_the_same(model):
    picture = smooth_picture(73, 41)
    device = device_of(model)
    encoders = [tcsdk.Encoder(model, device=device, threads=n) for n in (1, 2)]
    made = [encoder.encode(picture, text=None) for encoder in encoders]
    assert made[0] == made[1]
    precision = model.rpartition("-")[2]
    shown = [tcsdk.Decoder(device, threads=n, precision=precision).decode(made[0]) for n in (1, 2)]
    assert np.array_equal(*shown)

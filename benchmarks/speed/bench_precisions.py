"""Size and speed of every precision of a model, in one process, against FP32.

    python -m pytest benchmarks/speed/bench_precisions.py --benchmark-only --benchmark-json=x.json
    python -m benchmarks.pages.precisions x.json

TCSDK_BENCH_MODEL names another model folder than the shipped `tfic`.
"""

from __future__ import annotations

import os
import statistics

import numpy as np
import pytest
from PIL import Image

import tcsdk
from benchmarks.paths import LABEL
from benchmarks.speed.timing import in_turn
from tcsdk.engines import available_threads
from tcsdk.model.find import find_model
from tcsdk.model.manifest import of_packed_nets

MODEL = find_model(os.environ.get("TCSDK_BENCH_MODEL", "tfic"))[0]
NAMES = tuple(name for name, row in MODEL.precisions.items() if not of_packed_nets(row))
QUALITY = 32
TURNS = 15


@pytest.fixture(scope="module")
def pixels():
    with Image.open(LABEL) as image:
        return np.asarray(image.convert("RGB"))


@pytest.fixture(scope="module")
def coders():
    """Encoder and decoder of every precision, on the CPU."""
    return {
        name: (
            tcsdk.Encoder(MODEL.path, device="cpu", precision=name, quality=QUALITY),
            tcsdk.Decoder("cpu", models=[MODEL.path], precision=name),
        )
        for name in NAMES
    }


@pytest.fixture(scope="module")
def medians(coders, pixels):
    """Median milliseconds of encoding and of decoding by precision, all taken in turn."""
    streams = {name: encoder.encode(pixels) for name, (encoder, _) in coders.items()}
    encode = in_turn(TURNS, *(lambda e=e: e.encode(pixels) for e, _ in coders.values()))
    decode = in_turn(
        TURNS, *(lambda d=d, n=n: d.decode(streams[n]) for n, (_, d) in coders.items())
    )
    return {
        name: (statistics.median(encode[i]), statistics.median(decode[i]))
        for i, name in enumerate(coders)
    }


@pytest.mark.parametrize("name", NAMES)
def test_precision(benchmark, coders, medians, pixels, name):
    """A picture comes back, and what that takes is written down."""
    encoder, decoder = coders[name]
    data = encoder.encode(pixels)
    picture = decoder.decode(data)
    reference = coders[NAMES[0]][1].decode(data)
    assert picture.shape == pixels.shape
    assert np.abs(picture.astype(int) - reference).mean() < 8
    files = MODEL.precisions[name]["files"]
    benchmark.extra_info.update(
        model=MODEL.family,
        precision=name,
        bytes_on_disk=sum((MODEL.path / file).stat().st_size for file in files),
        stream_bytes=len(data),
        encode_ms=medians[name][0],
        decode_ms=medians[name][1],
        encode_over_fp32=medians[name][0] / medians["fp32"][0],
        decode_over_fp32=medians[name][1] / medians["fp32"][1],
        threads=available_threads(),
    )
    benchmark(encoder.encode, pixels)

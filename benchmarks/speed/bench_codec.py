"""Encoding and decoding beside OCR, in one process; start-up and memory in fresh ones.

    python -m pytest benchmarks/speed/bench_codec.py --benchmark-only -q -s

Ratios are medians over runs taken in turn (ours, OCR, ours, ...), on the cores that the process may
use; each row is printed with its target from the design.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import textwrap
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

import tcsdk
from benchmarks.paths import LABEL
from benchmarks.speed.timing import in_turn

MODEL = "tfic-int8"
TURNS = 15


@pytest.fixture(scope="module")
def pixels():
    with Image.open(LABEL) as image:
        return np.asarray(image.convert("RGB"))


def medians(*calls: Callable[[], object]) -> list[float]:
    """Median milliseconds of each call."""
    return [statistics.median(kept) for kept in in_turn(TURNS, *calls)]


def in_fresh_process(code: str) -> dict[str, float]:
    """Run code that prints one JSON object, in a fresh interpreter outside the checkout."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    result: dict[str, float] = json.loads(done.stdout)
    return result


def report(benchmark, **figures: float) -> None:
    """Keep figures in the benchmark's JSON, and print them."""
    benchmark.extra_info.update(figures)
    print("", *(f"{name} {value:.3f}" for name, value in figures.items()), sep="  ")


def test_encode_over_ocr(benchmark, pixels):
    """DESIGN 7: at most 0.25, stretch 0.10."""
    encoder, decoder = tcsdk.Encoder(MODEL), tcsdk.Decoder()
    data = encoder.encode(pixels)
    assert decoder.decode(data).shape == pixels.shape
    encode, ocr = medians(lambda: encoder.encode(pixels), lambda: tcsdk.read(pixels))
    report(benchmark, encode_ms=encode, ocr_ms=ocr, ratio=encode / ocr, target=0.25)
    benchmark(encoder.encode, pixels)


def test_decode_over_ocr(benchmark, pixels):
    """At most a third."""
    encoder, decoder = tcsdk.Encoder(MODEL), tcsdk.Decoder()
    data = encoder.encode(pixels)
    assert decoder.decode(data).shape == pixels.shape
    decode, ocr = medians(lambda: decoder.decode(data), lambda: tcsdk.read(pixels))
    report(benchmark, decode_ms=decode, ocr_ms=ocr, ratio=decode / ocr, target=1 / 3)
    benchmark(decoder.decode, data)


def test_int8_over_fp32(benchmark, pixels):
    """Encoding with the two precisions of one checkpoint."""
    int8, fp32 = tcsdk.Encoder("tfic-int8"), tcsdk.Encoder("tfic-fp32")
    assert int8.encode(pixels)
    assert fp32.encode(pixels)
    fast, slow = medians(lambda: int8.encode(pixels), lambda: fp32.encode(pixels))
    report(benchmark, int8_ms=fast, fp32_ms=slow, speedup=slow / fast)
    benchmark(int8.encode, pixels)


def test_import_over_numpy(benchmark):
    """DESIGN 7: numpy's own + 30 ms."""
    code = """
        import json, time
        a = time.perf_counter()
        import numpy
        b = time.perf_counter()
        import tcsdk
        c = time.perf_counter()
        print(json.dumps({"numpy": (b - a) * 1e3, "tcsdk": (c - b) * 1e3}))
    """
    runs = [in_fresh_process(code) for _ in range(5)]
    own = statistics.median(run["tcsdk"] for run in runs)
    report(benchmark, import_ms_beyond_numpy=own, target=30.0)
    benchmark.pedantic(in_fresh_process, (code,), rounds=1)


def test_first_encode(benchmark):
    """From the end of the import to the first stream, in a fresh process: under 600 ms."""
    code = f"""
        import json, time
        import tcsdk
        start = time.perf_counter()
        data = tcsdk.Encoder({MODEL!r}).encode({str(LABEL)!r})
        assert tcsdk.inspect(data).width == 512
        print(json.dumps({{"ms": (time.perf_counter() - start) * 1e3}}))
    """
    median = statistics.median(in_fresh_process(code)["ms"] for _ in range(5))
    report(benchmark, first_encode_ms=median, target=600.0)
    benchmark.pedantic(in_fresh_process, (code,), rounds=1)


def test_memory_of_twelve_megapixels(benchmark):
    """At most 600 MB above the import; the picture itself is 36 MB."""
    code = f"""
        import json, resource
        import numpy as np
        import tcsdk
        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        before = peak()
        y, x = np.mgrid[0:3000, 0:4000]
        pixels = np.stack([x % 251, y % 241, (x + y) % 239], -1).astype(np.uint8)
        del x, y
        made = peak()
        data = tcsdk.Encoder({MODEL!r}).encode(pixels)
        encoded = peak()
        assert tcsdk.Decoder().decode(data).shape == (3000, 4000, 3)
        peaks = {{"picture": made, "encode": encoded, "both": peak()}}
        print(json.dumps({{k: v - before for k, v in peaks.items()}}))
    """
    peaks = in_fresh_process(code)
    report(benchmark, **{f"{k}_mb_above_import": v for k, v in peaks.items()}, target=600.0)
    benchmark.pedantic(in_fresh_process, (code,), rounds=1)

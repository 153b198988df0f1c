"""Many pictures: the pipeline on all cores, and batches, beside one thread, in one process.

    python -m pytest benchmarks/speed/bench_many.py --benchmark-only -q -s

Each side encodes the same files to streams on disk; sides run in turn (one thread, pipeline, ...),
ratios are medians of the ratios of each turn. Beside the clock stands the CPU time per picture: on
a machine that others keep busy it still says what a stage costs, the clock only what was left.
"""

from __future__ import annotations

import itertools
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tcsdk
from benchmarks.paths import LABEL
from tcsdk.engines import available_threads, select_engine
from tcsdk.model.find import find_model
from tcsdk.model.graphs import ANALYSIS, Z_GAIN, Z_INVERSE_GAIN, X
from tcsdk.output import write_file
from tcsdk.pipeline import Task, encode_tasks, is_sound

MODEL = "tfic-int8"
TURNS = 7
# Width and height -> pictures in a turn: about a quarter of a second on one thread each.
SIZES = {(512, 256): 32, (128, 128): 160, (64, 64): 320, (1920, 1080): 4}
BATCH = 8


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: "{}x{}".format(*size))
def files(request, tmp_path_factory):
    """Files of different content: the label, resized and shifted."""
    folder = tmp_path_factory.mktemp("many")
    with Image.open(LABEL) as image:
        label = image.convert("RGB").resize(request.param)
    for i in range(SIZES[request.param]):
        shifted = Image.new("RGB", request.param)
        shifted.paste(label, (-i, 0))
        shifted.paste(label, (request.param[0] - i, 0))
        shifted.save(folder / f"{i}.png", compress_level=1)
    return sorted(folder.glob("*.png"))


def one_by_one(encoder: tcsdk.Encoder, files: list[Path]) -> None:
    """What a loop does: read, encode, write, on one thread."""
    for file in files:
        write_file(file.with_suffix(".one.tcs"), encoder.encode(file))


def piped(encoder: tcsdk.Encoder, files: list[Path]) -> None:
    """The same through the pipeline."""
    tasks = (Task(f.name, str(f.with_suffix(".many.tcs")), f.read_bytes) for f in files)
    for outcome in encode_tasks(encoder, tasks, write_file):
        outcome.get()


def clock_and_cpu(sides: dict[str, Callable[[], object]]) -> dict[str, list[tuple[float, float]]]:
    """Seconds by the clock and of CPU of each side in each turn, after one warm-up each."""
    for call in sides.values():
        call()
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for _ in range(TURNS):
        for name, call in sides.items():
            clock, cpu = time.perf_counter(), time.process_time()
            call()
            taken[name].append((time.perf_counter() - clock, time.process_time() - cpu))
    return taken


def test_pipeline_over_one_thread(benchmark, files):
    """Issue 5.6: 1.7 on two cores."""
    threads = available_threads()
    one = tcsdk.Encoder(MODEL, threads=1, device="cpu")
    many = tcsdk.Encoder(MODEL, threads=threads, device="cpu")
    batching = tcsdk.Encoder(MODEL, threads=threads, device="cpu", batch=BATCH)
    taken = clock_and_cpu(
        {
            "one thread": lambda: one_by_one(one, files),
            "pipeline": lambda: piped(many, files),
            f"batches of {BATCH}": lambda: piped(batching, files),
        }
    )
    for file in files:
        stream = file.with_suffix(".many.tcs").read_bytes()
        assert is_sound(stream)
        assert stream == file.with_suffix(".one.tcs").read_bytes()
    base = taken["one thread"]
    figures = {}
    for name, turns in taken.items():
        rate = statistics.median(len(files) / clock for clock, _ in turns)
        ratio = statistics.median(b[0] / t[0] for b, t in zip(base, turns, strict=True))
        cpu = statistics.median(1e3 * used / len(files) for _, used in turns)
        figures[name] = {"pictures/s": rate, "ratio": ratio, "CPU ms/picture": cpu}
        shown = ", ".join(f"{key} {value:.2f}" for key, value in figures[name].items())
        print(f"  {name}: {shown}")
    load = os.getloadavg()[0]
    print(f"  {threads} threads allowed, load average {load:.1f}")
    benchmark.extra_info.update(figures, load=load, threads=threads)
    names = itertools.cycle(files)
    benchmark(lambda: piped(many, [next(names)]))


@pytest.mark.parametrize("side", [64, 128, 256, 512])
def test_windows_in_batches(benchmark, side):
    """CPU time of the analysis graph per window of side x side, on one thread, fastest of turns."""
    folder, precision = find_model(MODEL)
    graph = select_engine("cpu", 1).load(folder.graph_file(precision, ANALYSIS))
    rng = np.random.default_rng(0)
    gain = np.ones((BATCH, folder.hyper, 1, 1), np.float32)
    windows = rng.random((BATCH, 3, side, side), dtype=np.float32)
    inputs = {X: windows, Z_GAIN: gain, Z_INVERSE_GAIN: gain}
    alone = [{name: array[i : i + 1] for name, array in inputs.items()} for i in range(BATCH)]
    parts = [graph.run(one) for one in alone]
    for name, came in graph.run(inputs).items():
        np.testing.assert_array_equal(came, np.concatenate([part[name] for part in parts]))
    taken = clock_and_cpu(
        {"alone": lambda: [graph.run(one) for one in alone], "batch": lambda: graph.run(inputs)}
    )
    one, many = (1e3 * min(cpu for _, cpu in taken[name]) / BATCH for name in ("alone", "batch"))
    print(
        f"  {side}x{side}: alone {one:.3f} ms, batches of {BATCH} {many:.3f} ms, {many / one:.2f}"
    )
    benchmark.extra_info.update(alone_ms=one, batch_ms=many)
    benchmark(graph.run, inputs)

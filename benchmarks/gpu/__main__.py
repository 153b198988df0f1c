"""Graphs, whole pictures, batches and exactness on a GPU, in one command.

    python -m benchmarks.gpu                                    # on a GPU
    python -m benchmarks.gpu --device cpu --engine runtime --precision fp32 --sizes 192x128 \\
        --batch 2 --turns 3 --pictures 3                        # most of it without one
    python -m benchmarks.gpu --check FOLDER                     # elsewhere: streams of another run

ONNX Runtime's CUDA provider where it runs, else torch with CUDA graphs; the report says which. It
writes report.md, rows.json, and the first streams with digests of their latents for --check. The
extra [bench] or [train] has what it measures with.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.gpu.codec import WholeCodec
from benchmarks.gpu.exact import (
    LEAST_PSNR,
    QUALITY,
    Exactness,
    check_exactness,
    check_streams,
    picture,
)
from benchmarks.gpu.loading import ENGINES, Loaded, load_first, load_runtime, prepared
from benchmarks.rate_accuracy.rows import replace_file
from benchmarks.speed.timing import in_turn
from tcsdk.decoder import Decoder
from tcsdk.encoder import Encoder
from tcsdk.engines import available_threads
from tcsdk.engines.base import Arrays
from tcsdk.errors import EngineError
from tcsdk.model.find import find_model
from tcsdk.model.folder import ModelFolder
from tcsdk.model.graphs import (
    ANALYSIS,
    INV_GAIN,
    SYNTHESIS,
    Z_GAIN,
    Z_HAT,
    Z_INVERSE_GAIN,
    R,
    Size,
    X,
)
from tcsdk.model.grids import Y_STRIDE, Z_STRIDE

CPU_PRECISION = "int8"  # of the decoder that streams are checked with
BATCH_SIZE = Size(1, 256, 512)
# (measure, size) -> most milliseconds, or least pictures a second: the targets.
TARGETS = {
    ("analysis, graph alone", "1920x1080"): 4.0,
    ("synthesis, graph alone", "1920x1080"): 5.0,
    ("encode", "1920x1080"): 12.0,
    ("decode", "1920x1080"): 12.0,
    ("encode", "512x256"): 2.5,
    ("decode", "512x256"): 2.5,
    ("analysis, pictures a second", "512x256"): 3000.0,
    ("synthesis, pictures a second", "512x256"): 3000.0,
}


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        measure: What was measured.
        size: Of the pictures.
        value: Milliseconds, median; or pictures a second.
        slow: The 90th percentile of the milliseconds; None for rates.
        target: Of the issue; None where it has none.
    """

    measure: str
    size: str
    value: float
    slow: float | None
    target: float | None

    @classmethod
    def of(cls, measure: str, size: str, durations: Sequence[float]) -> Row:
        """Sum up milliseconds."""
        slow = float(np.percentile(durations, 90))
        return cls(measure, size, statistics.median(durations), slow, TARGETS.get((measure, size)))


def graph_inputs(model: ModelFolder, size: Size) -> dict[str, Arrays]:
    """Inputs of both graphs for pictures of a size."""
    rng, shape = np.random.default_rng(1), size.padded()
    gain = np.ones((size.batch, model.hyper, 1, 1), np.float32)
    cells = {s: (size.batch, shape.height // s, shape.width // s) for s in (Z_STRIDE, Y_STRIDE)}

    def planes(channels: int, stride: int) -> NDArray[np.float32]:
        batch, height, width = cells[stride]
        values = rng.normal(0, 1, (batch, channels, height, width))
        return np.rint(values).astype(np.float32)

    x = rng.random((size.batch, 3, shape.height, shape.width), np.float32)
    return {
        ANALYSIS: {X: x, Z_GAIN: gain, Z_INVERSE_GAIN: gain},
        SYNTHESIS: {
            Z_HAT: planes(model.hyper, Z_STRIDE),
            R: planes(model.latent, Y_STRIDE),
            INV_GAIN: np.ones((1, model.latent, 1, 1), np.float32),
            Z_INVERSE_GAIN: gain,
        },
    }


def graph_rows(loaded: Loaded, model: ModelFolder, size: Size, turns: int) -> Iterator[Row]:
    """Each graph, its copies included, and alone where the engine can tell."""
    inputs = graph_inputs(model, size)
    for role in (ANALYSIS, SYNTHESIS):
        graph, feed = getattr(loaded, role), inputs[role]
        graph.run(feed)  # shapes are settled by the first call, captured by the second
        (durations,) = in_turn(turns, lambda graph=graph, feed=feed: graph.run(feed))
        yield Row.of(f"{role}, host to host", str(size), durations)
        if loaded.device == "" and loaded.analysis.device.type == "cuda":
            alone = graph.device_ms(feed, turns)
            measure = f"{role}, graph alone"
            yield Row(measure, str(size), alone, None, TARGETS.get((measure, str(size))))


def codec_rows(
    loaded: Loaded, codec: WholeCodec, model: ModelFolder, precision: str, size: Size, turns: int
) -> Iterator[Row]:
    """Whole pictures: one graph call each way, and tile by tile as `Encoder` does."""
    pixels = picture(0, size)
    data = codec.encode(pixels, QUALITY)
    if codec.decode(data).shape != pixels.shape:
        raise EngineError(f"expected a picture of {pixels.shape} back")
    calls: dict[str, Callable[[], Any]] = {
        "encode": lambda: codec.encode(pixels, QUALITY),
        "decode": lambda: codec.decode(data),
    }
    if loaded.device:
        encoder = Encoder(
            model.path,
            quality=QUALITY,
            device=loaded.device,
            precision=precision,
            threads=codec.threads,
        )
        decoder = Decoder(
            loaded.device, models=[model.path], precision=precision, threads=codec.threads
        )
        calls["encode, in tiles"] = lambda: encoder.encode(pixels)
        calls["decode, in tiles"] = lambda: decoder.decode(data)
    for call in calls.values():
        call()
    for name, durations in zip(calls, in_turn(turns, *calls.values()), strict=True):
        yield Row.of(name, str(size), durations)


def batch_rows(loaded: Loaded, model: ModelFolder, batch: int, turns: int) -> Iterator[Row]:
    """Pictures a second of each graph in batches."""
    one = str(BATCH_SIZE)
    size = Size(batch, BATCH_SIZE.height, BATCH_SIZE.width)
    for row in graph_rows(loaded, model, size, turns):
        role, _, how = row.measure.partition(", ")
        rate = 1e3 * batch / row.value
        alone = "" if how == "graph alone" else ", host to host"
        measure = f"{role}, pictures a second{alone}"
        yield Row(measure, one, rate, None, TARGETS.get((measure, one)))


def report(label: str, threads: int, rows: Sequence[Row], exact: Exactness) -> str:
    """The results as Markdown."""
    lines = [
        f"# Graphs and pictures on {label}",
        f"{time.strftime('%Y-%m-%d')}, {threads} of {os.cpu_count()} CPU threads, medians, "
        f"quality {QUALITY}. Milliseconds unless a row says pictures a second.",
        "",
        "| measure | size | value | 90 % under | target |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        slow, target = ("" if v is None else f"{v:.4g}" for v in (row.slow, row.target))
        lines.append(f"| {row.measure} | {row.size} | {row.value:.4g} | {slow} | {target} |")
    lines += [
        "",
        f"Streams decoded on the CPU's INT8: {exact.pictures}, z_hat or r differing: "
        f"{exact.differing}; the two pictures at least {exact.least_psnr:.1f} dB apart "
        f"(limit {LEAST_PSNR:g}).",
    ]
    return "\n".join(lines) + "\n"


def size_of(text: str) -> Size:
    """Read WIDTHxHEIGHT."""
    width, _, height = text.partition("x")
    return Size(1, int(height), int(width))


def arguments_of(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--model", default="tfic", help="a family or a model folder")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--precision", default="fp16")
    parser.add_argument("--engine", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument(
        "--sizes", nargs="+", type=size_of, default=[size_of("1920x1080"), size_of("512x256")]
    )
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--pictures", type=int, default=1000, help="of the exactness check")
    parser.add_argument("--threads", type=int, default=available_threads())
    parser.add_argument("-o", "--output", type=Path, default=Path("build/gpu"))
    parser.add_argument("--check", type=Path, metavar="FOLDER")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Measure and write; returns 1 where exactness does not hold."""
    asked = arguments_of(words)
    folder, _ = find_model(asked.model)
    plain = load_runtime(folder, CPU_PRECISION, "cpu", asked.threads)
    cpu = WholeCodec.of(folder, plain.analysis, plain.synthesis, asked.threads)
    if asked.check:
        return 1 if check_streams(asked.check, cpu) else 0
    asked.output.mkdir(parents=True, exist_ok=True)
    with prepared(folder, asked.precision, asked.engine) as model:
        loaded = load_first(model, asked.precision, asked.device, asked.threads, asked.engine)
        codec = WholeCodec.of(model, loaded.analysis, loaded.synthesis, asked.threads)
        exact = check_exactness(codec, cpu, asked.pictures, asked.sizes[-1], asked.output)
        rows: list[Row] = []
        for size in asked.sizes:
            rows += graph_rows(loaded, model, size, asked.turns)
            rows += codec_rows(loaded, codec, model, asked.precision, size, asked.turns)
        rows += batch_rows(loaded, model, asked.batch, max(1, asked.turns // 4))
    text = report(loaded.label, asked.threads, rows, exact)
    found = {"label": loaded.label, "rows": [asdict(row) for row in rows], **asdict(exact)}
    replace_file(asked.output / "rows.json", json.dumps(found, indent=1) + "\n")
    replace_file(asked.output / "report.md", text)
    print(text)
    return 0 if exact.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Unpacking of weights beside a copy by numpy, and loading of packed models beside plain ones.

    python -m pytest benchmarks/speed/bench_packed.py --benchmark-only -q -s

Processor time of one thread, medians over runs taken in turn, so that a busy machine disturbs
little. The packed models are made from the shipped `int8` one: `p8` has the same integers, `p4`
these rounded to 4 bits (fit for timing, not for pictures).
"""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tcsdk
from benchmarks.paths import LABEL
from benchmarks.speed.bench_codec import report
from benchmarks.speed.timing import in_turn
from tcsdk._kernels import unpack_weights
from tcsdk.export.graphs.packed import PackedTensor, pack_weights, write_packed
from tcsdk.model.find import find_model
from tcsdk.model.graphs import GRAPHS
from tcsdk.model.manifest import MANIFEST, read_manifest, write_manifest

SIDE, TURNS = 1024, 25


def medians(*calls: Callable[[], object]) -> list[float]:
    """Median milliseconds of processor time of each call."""
    return [statistics.median(kept) for kept in in_turn(TURNS, *calls, clock=time.process_time)]


@pytest.mark.parametrize("bits", range(2, 9))
@pytest.mark.benchmark(group="packed")
def test_unpacking(benchmark, bits):
    """A million weights: raw (uniform, which coding cannot shorten) and coded (Laplace)."""
    rng = np.random.default_rng(bits)
    half, widths = 1 << (bits - 1), np.full(SIDE, bits, np.uint8)
    flat = rng.integers(-half, half, (SIDE, SIDE)).astype(np.int8)
    crowded = np.clip(np.rint(rng.laplace(size=(SIDE, SIDE)) * half / 5), -half, half - 1)
    forms = [pack_weights({"w": PackedTensor(w.astype(np.int8), widths)}) for w in (flat, crowded)]
    np.testing.assert_array_equal(unpack_weights(forms[0])["w"], flat)
    np.testing.assert_array_equal(unpack_weights(forms[1])["w"], crowded)
    wide = flat.astype(np.int16)
    raw, coded, copy = medians(
        lambda: unpack_weights(forms[0]),
        lambda: unpack_weights(forms[1]),
        lambda: wide.astype(np.int8),
    )
    million = flat.size / 1000  # weights per millisecond -> millions per second
    report(
        benchmark,
        bits=bits,
        raw_million_per_s=million / raw,
        raw_over_copy=raw / copy,
        coded_million_per_s=million / coded,
        coded_over_copy=coded / copy,
        coded_bits=8 * len(forms[1]) / flat.size,
    )
    benchmark.pedantic(lambda: unpack_weights(forms[1]), rounds=5)


def packed_row(onnx, folder: Path, form: str, bits: int) -> dict[str, object]:
    """Write a packed form of the int8 graphs; returns its row of the manifest."""
    plain = (folder / "weights.int8.bin").read_bytes()
    packed, tensors = f"weights.{form}.tcsw", {}
    for role in GRAPHS:
        model = onnx.load(str(folder / f"{role}.int8.onnx"), load_external_data=False)
        new_names = {}
        for tensor in model.graph.initializer:
            place = {entry.key: entry.value for entry in tensor.external_data}
            if place.get("location") != "weights.int8.bin":
                continue
            del tensor.external_data[:]
            data = plain[int(place["offset"]) :][: int(place["length"])]
            if tensor.data_type != onnx.TensorProto.INT8 or len(tensor.dims) != 4:
                tensor.raw_data, tensor.data_location = data, onnx.TensorProto.DEFAULT
                continue
            whole = np.frombuffer(data, np.int8).reshape(tuple(tensor.dims))
            if bits < 8:
                step = np.abs(whole.astype(np.float32)).mean((1, 2, 3), keepdims=True) * 5 / 7.5
                whole = np.clip(np.rint(whole / step.clip(1e-6)), -8, 7).astype(np.int8)
            new_names[tensor.name] = f"{role}.{tensor.name}"
            tensor.name = new_names[tensor.name]
            tensors[tensor.name] = PackedTensor(whole, np.full(len(whole), bits, np.uint8))
            tensor.external_data.add(key="location", value=packed)
        for node in model.graph.node:
            node.input[:] = [new_names.get(name, name) for name in node.input]
        onnx.save(model, str(folder / f"{role}.{form}.onnx"))
    write_packed(folder / packed, tensors)
    graphs = {role: f"{role}.{form}.onnx" for role in GRAPHS}
    files = [*graphs.values(), packed, "means.bin", "entropy.tcsb"]
    return {**graphs, "files": files}


@pytest.mark.benchmark(group="packed")
def test_first_encode(benchmark, tmp_path):
    """Encoder and first picture, from files that the system has in memory."""
    onnx = pytest.importorskip("onnx")
    folder = shutil.copytree(find_model("tfic")[0].path, tmp_path / "tfic")
    manifest = read_manifest(folder)
    for form, bits in (("p8", 8), ("p4", 4)):
        manifest["precisions"][form] = packed_row(onnx, folder, form, bits)
    names = sorted(file.name for file in folder.iterdir() if file.name != MANIFEST)
    write_manifest(folder, manifest, names)

    def encode(precision: str) -> bytes:
        encoder = tcsdk.Encoder(folder, precision=precision, device="cpu", threads=1)
        return encoder.encode(LABEL, quality=20)

    assert encode("p8") == encode("int8")
    plain, p8, p4 = medians(lambda: encode("int8"), lambda: encode("p8"), lambda: encode("p4"))
    sizes = {form: (folder / f"weights.{form}.tcsw").stat().st_size for form in ("p8", "p4")}
    report(
        benchmark,
        int8_ms=plain,
        p8_over_int8=p8 / plain,
        p4_over_int8=p4 / plain,
        int8_bytes=(folder / "weights.int8.bin").stat().st_size,
        p8_bytes=sizes["p8"],
        p4_bytes=sizes["p4"],
    )
    benchmark.pedantic(lambda: encode("p4"), rounds=3)

"""Speed and code length of the entropy path, beside constriction and CompressAI in one process.

    python -m pytest benchmarks/speed/bench_coder.py --benchmark-only --benchmark-group-by=group

Every case first asserts that it is right. One thread, except for the pool of two of the last group.
CompressAI's coder is measured where `pip install --no-deps compressai==1.2.8` has put it.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import math
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from kernels.reference import SIGMAS, gaussian_rows, random_bundle, random_z, total_indexes

from tcsdk._kernels import (
    Bundle,
    decode_symbols,
    decode_tile,
    encode_symbols,
    encode_tile,
    simd,
)

SYMBOLS = 98_304
PRECISION = 15
LANES = (1, 8)


@dataclasses.dataclass(frozen=True)
class Gaussians:
    """Whole numbers from Gaussians of the 64 scales, and how the coder sees them."""

    values: np.ndarray
    sigmas: np.ndarray
    rows: np.ndarray
    entries: np.ndarray
    starts: np.ndarray
    raw_bits: int
    ideal_bits: float


def gaussians(count, rows, seed=0):
    """Draw `count` values under rows (count,)."""
    shifts, starts = gaussian_rows(PRECISION)
    sigmas = SIGMAS[rows]
    values = np.rint(np.random.default_rng(seed).normal(size=count) * sigmas).astype(np.int32)
    hi = values >> shifts[rows]
    escaped = np.abs(hi) > 15
    entries = np.where(escaped, 31, hi + 15).astype(np.uint8)
    n = np.where(hi > 0, 2 * (hi - 16), 2 * (-16 - hi) + 1)[escaped]
    raw = int(shifts[rows].sum()) + int((2 * np.floor(np.log2(n + 1)) + 1).sum())
    magnitude, scale = np.abs(values), sigmas * math.sqrt(2)
    erfc = np.vectorize(math.erfc)
    mass = (erfc((magnitude - 0.5) / scale) - erfc((magnitude + 0.5) / scale)) / 2
    return Gaussians(values, sigmas, rows, entries, starts, raw, float(-np.log2(mass).sum()))


@cache
def all_scales():
    """As many symbols of every scale."""
    return gaussians(SYMBOLS, np.random.default_rng(1).integers(0, 64, SYMBOLS).astype(np.uint8))


def report_rate(benchmark, symbols):
    """Msymbol/s of the fastest round, beside the times."""
    if benchmark.stats is not None:
        benchmark.extra_info["Msymbol/s"] = round(symbols / benchmark.stats.stats.min / 1e6, 1)
    benchmark.extra_info["simd"] = simd()


@pytest.mark.benchmark(group="coder: encode 98,304 symbols of 64 scales")
@pytest.mark.parametrize("lanes", LANES)
def test_tcs_encodes(benchmark, lanes):
    drawn = all_scales()
    arguments = (drawn.starts, PRECISION, drawn.rows, drawn.entries, lanes)
    data = encode_symbols(*arguments)
    came = decode_symbols(drawn.starts, PRECISION, drawn.rows, data, lanes)
    np.testing.assert_array_equal(came, drawn.entries)
    benchmark(encode_symbols, *arguments)
    report_rate(benchmark, SYMBOLS)


@pytest.mark.benchmark(group="coder: decode 98,304 symbols of 64 scales")
@pytest.mark.parametrize("lanes", LANES)
def test_tcs_decodes(benchmark, lanes):
    drawn = all_scales()
    data = encode_symbols(drawn.starts, PRECISION, drawn.rows, drawn.entries, lanes)
    came = benchmark(decode_symbols, drawn.starts, PRECISION, drawn.rows, data, lanes)
    np.testing.assert_array_equal(came, drawn.entries)
    report_rate(benchmark, SYMBOLS)


def constriction_model():
    """constriction and its model of Gaussian symbols with means and scales given per symbol."""
    constriction = pytest.importorskip("constriction")
    drawn = all_scales()
    most = int(np.abs(drawn.values).max()) + 1
    model = constriction.stream.model.QuantizedGaussian(-most, most)
    return constriction.stream.stack.AnsCoder, model, np.zeros(SYMBOLS), drawn.sigmas


@pytest.mark.benchmark(group="coder: encode 98,304 symbols of 64 scales")
def test_constriction_encodes(benchmark):
    coder_class, model, means, sigmas = constriction_model()
    values = all_scales().values

    def encode():
        coder = coder_class()
        coder.encode_reverse(values, model, means, sigmas)
        return coder.get_compressed()

    words = benchmark(encode)
    np.testing.assert_array_equal(coder_class(words).decode(model, means, sigmas), values)
    report_rate(benchmark, SYMBOLS)


@pytest.mark.benchmark(group="coder: decode 98,304 symbols of 64 scales")
def test_constriction_decodes(benchmark):
    coder_class, model, means, sigmas = constriction_model()
    coder = coder_class()
    coder.encode_reverse(all_scales().values, model, means, sigmas)
    words = coder.get_compressed()
    came = benchmark(lambda: coder_class(words).decode(model, means, sigmas))
    np.testing.assert_array_equal(came, all_scales().values)
    report_rate(benchmark, SYMBOLS)


def compressai_coder():
    """CompressAI's coder alone: the package around it imports torchvision and pins numpy."""
    package = importlib.util.find_spec("compressai")
    if package is None or not package.submodule_search_locations:
        pytest.skip("CompressAI is not installed: pip install --no-deps compressai==1.2.8")
    (file,) = Path(package.submodule_search_locations[0]).glob("ans.*")
    spec = importlib.util.spec_from_file_location("ans", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compressai_arguments():
    """What CompressAI's coder takes: lists of rows, tables of 16 bits, their sizes and offsets."""
    ans = compressai_coder()
    drawn = all_scales()
    cdfs, sizes, offsets = [], [], []
    for sigma in SIGMAS:
        reach = max(1, math.ceil(6 * sigma))
        edges = [
            0.5 * math.erfc(-(k - 0.5) / sigma / math.sqrt(2)) for k in range(-reach, reach + 2)
        ]
        mass = np.append(np.diff(edges), 1e-9)
        frequency = 1 + np.floor(mass * ((1 << 16) - len(mass))).astype(np.int64)
        frequency[np.argmax(frequency)] += (1 << 16) - frequency.sum()
        cdfs.append([0, *np.cumsum(frequency).tolist()])
        sizes.append(len(cdfs[-1]))
        offsets.append(-reach)
    return ans, drawn.values.tolist(), (drawn.rows.tolist(), cdfs, sizes, offsets)


@pytest.mark.benchmark(group="coder: encode 98,304 symbols of 64 scales")
def test_compressai_encodes(benchmark):
    ans, values, tables = compressai_arguments()
    data = benchmark(lambda: ans.RansEncoder().encode_with_indexes(values, *tables))
    assert ans.RansDecoder().decode_with_indexes(data, *tables) == values
    report_rate(benchmark, SYMBOLS)


@pytest.mark.benchmark(group="coder: decode 98,304 symbols of 64 scales")
def test_compressai_decodes(benchmark):
    ans, values, tables = compressai_arguments()
    data = ans.RansEncoder().encode_with_indexes(values, *tables)
    assert benchmark(lambda: ans.RansDecoder().decode_with_indexes(data, *tables)) == values
    report_rate(benchmark, SYMBOLS)


@pytest.mark.benchmark(group="coder: code length over the ideal, one lane")
@pytest.mark.parametrize(("size", "limit"), [(300, 2.0), (1000, 1.0), (10_000, 0.5)])
def test_code_length_over_the_ideal(benchmark, size, limit):
    """Scales as at low rates: geometric above the skip index, as many symbols as fill `size`."""
    rng = np.random.default_rng(size)

    def stream(count, seed):
        rows = np.minimum(3 + rng.geometric(1 / 8, count), 63).astype(np.uint8)
        return gaussians(count, rows, seed)

    probe = stream(5000, 0)
    count = int(size * 8 / (probe.ideal_bits / 5000))
    streams = [stream(count, seed) for seed in range(1, 1 + max(4, 30_000 // size))]
    coded, ideal = 0.0, 0.0
    for drawn in streams:
        data = encode_symbols(drawn.starts, PRECISION, drawn.rows, drawn.entries, 1)
        coded += 8 * len(data) + drawn.raw_bits
        ideal += drawn.ideal_bits
    over = 100 * (coded / ideal - 1)
    assert over < limit
    benchmark.extra_info["% over ideal"] = round(over, 3)
    benchmark.extra_info["bytes"] = round(coded / 8 / len(streams))
    last = streams[-1]
    benchmark(encode_symbols, last.starts, PRECISION, last.rows, last.entries, 1)


@dataclasses.dataclass(frozen=True)
class Picture:
    """1920x1080 in tiles of 512x512: what the kernel gets, and what it must give back."""

    bundle: Bundle
    grids: list[tuple[int, int]]
    z_hats: list[np.ndarray]
    residuals: list[np.ndarray]
    payloads: list[bytes]


@cache
def picture(coded_share):
    """Random weights of the shipped shape; about `coded_share` of the elements reach skip."""
    tables = random_bundle(
        3, latent=128, hyper=32, widths=(96, 128, 32), precision=PRECISION, scale=200.0
    )
    # Without biases the indexes follow z_hat; its own tables fit what is drawn below.
    tables = dataclasses.replace(
        tables,
        z_multiplier=np.full_like(tables.z_multiplier, 1 << 26),
        z_centre=np.zeros_like(tables.z_centre),
        z_start=np.broadcast_to(tables.r_start[25], tables.z_start.shape).copy(),
        layers=tuple(
            dataclasses.replace(layer, bias=np.zeros_like(layer.bias)) for layer in tables.layers
        ),
    )
    rng = np.random.default_rng(0)
    grids = [(h, w) for h in (32, 32, 4) for w in (32, 32, 32, 24)]
    z_hats = [random_z(rng, tables, h, w, spread=3) for h, w in grids]
    index = Bundle(tables.to_bytes()).scale_indexes(z_hats[0], 0)
    step = np.clip(tables.skip - np.quantile(index, 1 - coded_share, axis=(1, 2)), -128, 127)
    tables = dataclasses.replace(
        tables,
        steps=np.tile(step.astype(np.int8), (64, 1)),
        z_level_of_quality=np.zeros(64, np.uint8),
    )
    bundle, residuals, payloads = Bundle(tables.to_bytes()), [], []
    for z_hat, grid in zip(z_hats, grids, strict=True):
        totals, steps = total_indexes(tables, z_hat, 0, *grid)
        d = rng.normal(size=totals.shape) * SIGMAS[totals] / tables.gain_of_step[steps + 128]
        residuals.append(d.astype(np.float32))
        payloads.append(encode_tile(bundle, z_hat, residuals[-1], 0))
        came, r = decode_tile(bundle, payloads[-1], 0, *grid)
        np.testing.assert_array_equal(came, z_hat)
        scaled = residuals[-1] * tables.gain_of_step[steps + 128]
        np.testing.assert_array_equal(r, np.where(totals >= tables.skip, np.rint(scaled), 0))
    return Picture(bundle, grids, z_hats, residuals, payloads)


def report_picture(benchmark, made, threads):
    benchmark.extra_info["bytes"] = sum(map(len, made.payloads))
    benchmark.extra_info["threads"] = threads
    benchmark.extra_info["simd"] = simd()


@pytest.mark.benchmark(group="kernel: 1920x1080, scale network and coding")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("coded_share", [0.02, 0.1, 0.3])
def test_kernel_encodes_full_hd(benchmark, coded_share, threads):
    made = picture(coded_share)

    def encode(z_hat, d):
        return encode_tile(made.bundle, z_hat, d, 0)

    with ThreadPoolExecutor(threads) as pool:
        payloads = benchmark(lambda: list(pool.map(encode, made.z_hats, made.residuals)))
    assert payloads == made.payloads
    report_picture(benchmark, made, threads)


@pytest.mark.benchmark(group="kernel: 1920x1080, scale network and coding")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("coded_share", [0.02, 0.1, 0.3])
def test_kernel_decodes_full_hd(benchmark, coded_share, threads):
    made = picture(coded_share)

    def decode(payload, grid):
        return decode_tile(made.bundle, payload, 0, *grid)

    with ThreadPoolExecutor(threads) as pool:
        results = benchmark(lambda: list(pool.map(decode, made.payloads, made.grids)))
    for (z_hat, _), expected in zip(results, made.z_hats, strict=True):
        np.testing.assert_array_equal(z_hat, expected)
    report_picture(benchmark, made, threads)


@pytest.mark.benchmark(group="kernel: scale network of 512x512")
def test_scale_network(benchmark):
    made = picture(0.1)
    index = benchmark(made.bundle.scale_indexes, made.z_hats[0], 0)
    assert index.shape == (128, 32, 32)
    macs = 9 * (32 * 96 * 64 + 24 * 128 * 256 + 32 * 32 * 1024) + 32 * 128 * 1024
    if benchmark.stats is not None:
        benchmark.extra_info["GMAC/s"] = round(macs / benchmark.stats.stats.min / 1e9, 1)

"""Prints the name of the SIMD variant in use and a digest of what it computes on fixed input."""

import hashlib
import sys
from pathlib import Path

import numpy as np
from kernels.reference import SIGMAS, random_bundle, random_rows, random_z, total_indexes
from kernels.reference_net import inputs, synthesis_form

from tcsdk._kernels import (
    Bundle,
    Net,
    decode_symbols,
    decode_tile,
    encode_symbols,
    encode_tile,
    inverse_gain,
    simd,
)

WIDTHS = ((16, 20, 7), (96, 128, 32), (4, 4, 1), (20, 12, 3))
ZOO = Path(__file__).parents[2] / "zoo" / "tfic"
GRIDS = ((1, 1), (3, 5), (8, 8), (9, 33), (30, 32), (4, 100))


def tile_results(seed):
    """Bytes and arrays of one bundle over all grids."""
    rng = np.random.default_rng(seed)
    tables = random_bundle(seed, precision=12 + seed % 4, widths=WIDTHS[seed % 4])
    bundle = Bundle(tables.to_bytes())
    for height, width in GRIDS:
        z_hat = random_z(rng, tables, height, width)
        quality, skip = int(rng.integers(64)), int(rng.choice([0, 10, 40]))
        roi = rng.integers(-128, 128, (height, width)).astype(np.int8)
        totals, steps = total_indexes(tables, z_hat, quality, height, width, roi)
        d = rng.laplace(size=totals.shape) * SIGMAS[totals] / tables.gain_of_step[steps + 128]
        d = np.where(rng.random(d.shape) < 0.01, np.rint(d) + 0.5, d).astype(np.float32)
        yield bundle.scale_indexes(z_hat, 0)
        yield inverse_gain(bundle, quality, roi=roi)
        for lanes, offsets in ((1, None), (8, roi)):
            payload = encode_tile(bundle, z_hat, d, quality, roi=offsets, skip=skip, lanes=lanes)
            yield payload
            yield from decode_tile(bundle, payload, quality, height, width, roi=offsets)


def coder_results(lanes):
    """Bytes and entries of the coder alone."""
    rng = np.random.default_rng(lanes)
    starts = random_rows(rng, 64, 15)
    rows = rng.integers(0, 64, 5000).astype(np.uint8)
    entries = rng.integers(0, 32, 5000).astype(np.uint8)
    data = encode_symbols(starts, 15, rows, entries, lanes)
    yield data
    yield decode_symbols(starts, 15, rows, data, lanes)


def net_results(seed):
    """Pixels of a small net, whose channels fill no register, and what the shipped nets give."""
    yield Net(synthesis_form(seed, replicate=seed % 2 == 1).to_bytes()).synthesise(*inputs(seed))
    if seed:
        return
    rng = np.random.default_rng(seed)
    gains = np.ones(32, np.float32)
    z_hat = rng.integers(-9, 10, (32, 2, 1)).astype(np.int8)
    r = rng.integers(-20, 21, (192, 8, 4)).astype(np.int16)
    one = np.ones((192, 1, 1), np.float32)
    yield Net((ZOO / "synthesis.tcsn").read_bytes()).synthesise(z_hat, r, one, gains)
    pixels = rng.integers(0, 256, (128, 64, 3)).astype(np.uint8)
    yield from Net((ZOO / "analysis.tcsn").read_bytes()).analyse(pixels, gains, gains)


def main():
    """Everything above, digested."""
    digest = hashlib.sha256()
    for seed in range(8):
        for result in tile_results(seed):
            digest.update(result if isinstance(result, bytes) else result.tobytes())
        for result in net_results(seed):
            digest.update(result.tobytes())
    for lanes in (1, 8):
        for result in coder_results(lanes):
            digest.update(result if isinstance(result, bytes) else result.tobytes())
    sys.stdout.write(f"{simd()} {digest.hexdigest()}\n")


if __name__ == "__main__":
    main()

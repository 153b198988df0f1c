"""The small frozen models of the golden vectors: fixed random weights, no learning."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from tcsdk.export.entropy.bundle import EntropyBundle, IntegerLayer

QUALITIES, SCALES, ENTRIES = 64, 64, 32
RATIO = 1.1309  # between neighbouring scales

# "even" fits the vector code as it is; in "odd" no channel count is a multiple of anything.
IDS = {"even": 0xFFF0, "odd": 0xFFF1}
SIZES = {  # latent, hyper, levels, contexts, precision, layers as (cout, kernel, depth-to-space)
    "even": (8, 4, 2, 5, 14, ((16, 3, 1), (32, 3, 2), (32, 1, 2), (8, 3, 1))),
    "odd": (5, 3, 4, 3, 12, ((12, 1, 2), (20, 3, 2), (5, 1, 1))),
}


def powers(count: int) -> NDArray[np.float64]:
    """RATIO^0, RATIO^1, ... by multiplication, the same on every machine."""
    return np.cumprod(np.concatenate(([1.0], np.full(count - 1, RATIO))))


def row(spread: float, precision: int) -> NDArray[np.uint16]:
    """Cumulative starts of a two-sided geometric distribution of mean magnitude near `spread`."""
    decay = spread / (1.0 + spread)
    side = np.cumprod(np.full(15, decay))
    mass = np.concatenate((side[::-1], [1.0], side, [side[-1] * spread]))
    room = (1 << precision) - ENTRIES
    frequency = 1 + np.floor(mass / mass.sum() * room).astype(np.int64)
    frequency[15] += (1 << precision) - frequency.sum()
    return (np.cumsum(frequency) - frequency).astype(np.uint16)


def residual_rows(precision: int) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Shifts (64,) and starts (64, 32) of the rows of r."""
    scales = 0.11 * powers(SCALES)
    shifts = np.zeros(SCALES, np.uint8)
    for i, scale in enumerate(scales):
        while scale / (1 << int(shifts[i])) > 5.0:
            shifts[i] += 1
    spreads = scales / (1 << shifts.astype(np.int64))
    return shifts, np.stack([row(0.6 * s, precision) for s in spreads])


def make_layers(
    rng: np.random.Generator, hyper: int, sizes: tuple[tuple[int, int, int], ...]
) -> tuple[IntegerLayer, ...]:
    """Random layers whose outputs stay in a useful range."""
    layers = []
    cin = hyper
    for i, (cout, kernel, factor) in enumerate(sizes):
        last = i == len(sizes) - 1
        shift = 40 if last else 20 + i
        # Typical accumulators are near 127 * 1000 * sqrt(taps); the last layer aims at +-12.
        aim = 12.0 if last else 1500.0
        unit = aim / (60.0 * 1500.0 * float(np.sqrt(cin * kernel * kernel)))
        mult = np.floor(unit * float(1 << shift) * rng.integers(60, 140, cout) / 100.0)
        layers.append(
            IntegerLayer(
                rng.integers(-127, 127, (cout, cin, kernel, kernel), np.int8, endpoint=True),
                rng.integers(-200_000, 600_000, cout, np.int32),
                mult.astype(np.uint32),
                shift,
                factor,
            )
        )
        cin = cout // (factor * factor)
    return tuple(layers)


def make_tables(name: str) -> EntropyBundle:
    """The bundle of model `name`."""
    latent, hyper, levels, contexts, precision, sizes = SIZES[name]
    rng = np.random.Generator(np.random.PCG64(IDS[name]))
    r_shift, r_start = residual_rows(precision)
    gains = powers(129)
    up, down = gains.astype(np.float32), (1.0 / gains).astype(np.float32)
    gain_of_step = np.concatenate((down[:0:-1], up[:128]))
    inverse_of_step = np.concatenate((up[:0:-1], down[:128]))
    z_gain = (gains[: levels * hyper] / 2.0).reshape(levels, hyper)
    spreads = rng.integers(4, 40, (levels, contexts, hyper)) / 10.0
    ramp = np.arange(QUALITIES) // 3 - 10
    steps = ramp[:, None] + rng.integers(-3, 3, latent)[None, :]
    return EntropyBundle(
        wire_id=IDS[name],
        digest=sha256(name.encode()).digest(),
        precision=precision,
        skip=4,
        z_level_of_quality=(np.arange(QUALITIES) * levels // QUALITIES).astype(np.uint8),
        steps=steps.astype(np.int8),
        gain_of_step=gain_of_step,
        inverse_of_step=inverse_of_step,
        z_gain=z_gain.astype(np.float32),
        z_inverse_gain=(1.0 / z_gain).astype(np.float32),
        z_centre=rng.integers(-3, 3, (levels, hyper), np.int8, endpoint=True),
        z_start=np.array([[[row(s, precision) for s in c] for c in level] for level in spreads]),
        r_shift=r_shift,
        r_start=r_start,
        z_multiplier=rng.integers(8 << 16, 200 << 16, (levels, hyper), np.uint32),
        z_shift=16,
        layers=make_layers(rng, hyper, sizes),
    )


def make_bundle(name: str) -> bytes:
    """The bytes of the bundle of model `name`."""
    return make_tables(name).to_bytes()


def sample_residual(
    rng: np.random.Generator, total: NDArray[np.int16], values: str
) -> NDArray[np.int16]:
    """Draw r (M, h, w) int16 for the given total indexes.

    Args:
        rng: source of whole numbers.
        total: (M, h, w) indexes 0..63.
        values: "typical" of the scales, "zero", or "extreme": any int16, ends included.
    """
    if values == "zero":
        return np.zeros(total.shape, np.int16)
    if values == "extreme":
        r = rng.integers(-32768, 32767, total.shape, np.int16, endpoint=True)
        r.flat[:6] = (-32768, 32767, 15, -15, 16, -16)
        return r
    bell = rng.integers(-1000, 1000, (4, *total.shape)).sum(0) / 1000.0
    scales = 0.11 * powers(SCALES)[total]
    return np.rint(0.9 * bell * scales).astype(np.int16)

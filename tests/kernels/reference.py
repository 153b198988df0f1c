"""Random entropy bundles, and a slow scale network in numpy that shares no code with libtcs."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tcsdk.export.entropy.bundle import EntropyBundle, IntegerLayer

RATIO = (256 / 0.11) ** (1 / 63)
SIGMAS = 0.11 * RATIO ** np.arange(64)
STEPS = np.arange(-128, 128)


def starts_of(mass: NDArray[np.float64], precision: int) -> NDArray[np.uint16]:
    """Cumulative starts of (32,) masses: each entry at least 1, the largest takes the rest."""
    total = 1 << precision
    frequency = 1 + np.floor(mass / mass.sum() * (total - 32)).astype(np.int64)
    frequency[np.argmax(frequency)] += total - frequency.sum()
    return (np.cumsum(frequency) - frequency).astype(np.uint16)


def gaussian_rows(precision: int) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Shifts (64,) and starts (64, 32) of the 64 scales."""
    shifts = np.array([max(0, math.ceil(math.log2(4 * s / 15.5))) for s in SIGMAS], np.uint8)
    rows = []
    for sigma, shift in zip(SIGMAS, shifts, strict=True):
        edges = (np.arange(-15, 17) * 2.0**shift - 0.5) / sigma / math.sqrt(2)
        cdf = np.array([0.5 * (1 + math.erf(e)) for e in edges])
        rows.append(starts_of(np.append(np.diff(cdf), 1 - cdf[-1] + cdf[0]), precision))
    return shifts, np.stack(rows)


def random_rows(rng: np.random.Generator, rows: int, precision: int) -> NDArray[np.uint16]:
    """Starts (rows, 32) of random shapes, from flat to nearly certain."""
    peaks = rng.uniform(0, 12, (rows, 1))
    return np.stack([starts_of(m, precision) for m in np.exp(peaks * rng.normal(size=(rows, 32)))])


def random_layer(
    rng: np.random.Generator, cin: int, cout: int, kernel: int, factor: int, spread: float
) -> IntegerLayer:
    """A layer whose outputs fill `spread` of the int16 range, and beyond, on random input."""
    weight = rng.integers(-128, 128, (cout, cin, kernel, kernel)).astype(np.int8)
    budget = 2**31 - 1 - 32768 * np.abs(weight.astype(np.int64)).sum((1, 2, 3))
    while budget.min() < 0:  # keep the int32 bound that libtcs demands
        weight = (weight // 2).astype(np.int8)
        budget = 2**31 - 1 - 32768 * np.abs(weight.astype(np.int64)).sum((1, 2, 3))
    bias = (rng.uniform(-1, 1, cout) * np.minimum(budget, 1 << 20)).astype(np.int32)
    shift = int(rng.integers(24, 40))
    typical = 2.0**shift * spread / (np.abs(weight).mean() * cin * kernel * kernel + 1)
    mult = np.minimum(typical * rng.uniform(0, 4, cout), 2**32 - 1).astype(np.uint32)
    return IntegerLayer(weight, bias, mult, shift, factor)


def random_bundle(
    seed: int = 0,
    *,
    latent: int = 12,
    hyper: int = 5,
    widths: tuple[int, int, int] = (16, 20, 7),
    precision: int = 14,
    levels: int = 2,
    contexts: int = 3,
    scale: float = 1.0,
) -> EntropyBundle:
    """A bundle of random weights; its indexes reach from below 0 to above 63.

    Args:
        seed: of everything.
        latent: M.
        hyper: C_z.
        widths: output channels of the hidden layers; the first two divide by 4.
        precision: bits of the tables.
        levels: z levels.
        contexts: of z_hat's rows, odd.
        scale: of the indexes.
    """
    rng = np.random.default_rng(seed)
    shifts, r_start = gaussian_rows(precision)
    first, second, third = widths
    layers = (
        random_layer(rng, hyper, first, 3, 2, 1.0),
        random_layer(rng, first // 4, second, 3, 2, 1.0),
        random_layer(rng, second // 4, third, 3, 1, 1.0),
        random_layer(rng, third, latent, 1, 1, 0.05 * scale),
    )
    return EntropyBundle(
        wire_id=0xF000,
        digest=rng.bytes(32),
        precision=precision,
        skip=10,
        z_level_of_quality=np.sort(rng.integers(0, levels, 64)).astype(np.uint8),
        steps=rng.integers(-20, 60, (64, latent)).astype(np.int8),
        gain_of_step=(RATIO**STEPS).astype(np.float32),
        inverse_of_step=(RATIO**-STEPS).astype(np.float32),
        z_gain=rng.uniform(0.5, 2, (levels, hyper)).astype(np.float32),
        z_inverse_gain=rng.uniform(0.5, 2, (levels, hyper)).astype(np.float32),
        z_centre=rng.integers(-20, 20, (levels, hyper)).astype(np.int8),
        z_start=random_rows(rng, levels * contexts * hyper, precision).reshape(
            levels, contexts, hyper, 32
        ),
        r_shift=shifts,
        r_start=r_start,
        z_multiplier=rng.integers(0, 2**26, (levels, hyper)).astype(np.uint32),
        z_shift=16,
        layers=layers,
    )


def random_z(
    rng: np.random.Generator, bundle: EntropyBundle, height: int, width: int, spread: int = 127
) -> NDArray[np.int8]:
    """z_hat of a y grid, (C_z, ceil(height / 4), ceil(width / 4)), within +-spread."""
    shape = (bundle.z_gain.shape[1], -(-height // 4), -(-width // 4))
    return rng.integers(-spread, spread + 1, shape).astype(np.int8)


def _convolve(layer: IntegerLayer, a: NDArray[np.int64]) -> NDArray[np.int64]:
    radius = layer.weight.shape[-1] // 2
    padded = np.pad(a, ((0, 0), (radius, radius), (radius, radius)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, layer.weight.shape[-2:], (1, 2))
    acc = np.einsum("oikl,iyxkl->oyx", layer.weight.astype(np.int64), windows)
    acc += layer.bias[:, None, None]
    assert np.abs(acc).max() < 2**31
    return acc


def _requantise(layer: IntegerLayer, magnitude: NDArray[np.int64]) -> NDArray[np.int64]:
    half = 1 << (layer.shift - 1)
    # Python's integers: no doubt about 64 bits.
    scaled = magnitude.astype(object) * layer.multiplier.astype(object)[:, None, None]
    return np.minimum((scaled + half) >> layer.shift, 32767).astype(np.int64)


def scale_indexes(bundle: EntropyBundle, z_hat: NDArray[np.int8], level: int) -> NDArray[np.int16]:
    """(C_z, hz, wz) -> (M, 4hz, 4wz) indexes without quality and clamp, by the format's text."""
    mult = bundle.z_multiplier[level].astype(np.int64)[:, None, None]
    a = (z_hat * mult + (1 << (bundle.z_shift - 1))) >> bundle.z_shift
    a = np.clip(a, -32768, 32767)
    for layer in bundle.layers[:-1]:
        a = _requantise(layer, np.maximum(_convolve(layer, a), 0))
        f, (channels, height, width) = layer.depth_to_space, a.shape
        a = a.reshape(channels // f**2, f, f, height, width).transpose(0, 3, 1, 4, 2)
        a = a.reshape(channels // f**2, height * f, width * f)
    acc = _convolve(bundle.layers[-1], a)
    return (np.sign(acc) * _requantise(bundle.layers[-1], np.abs(acc))).astype(np.int16)


def total_indexes(
    bundle: EntropyBundle,
    z_hat: NDArray[np.int8],
    quality: int,
    height: int,
    width: int,
    roi: NDArray[np.int8] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Clamped indexes and steps, both (M, height, width)."""
    index = scale_indexes(bundle, z_hat, int(bundle.z_level_of_quality[quality]))
    offset = np.zeros((height, width), np.int64) if roi is None else roi.astype(np.int64)
    steps = np.clip(bundle.steps[quality].astype(np.int64)[:, None, None] + offset, -128, 127)
    return np.clip(index[:, :height, :width] + steps, 0, 63), steps

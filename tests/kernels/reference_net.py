"""A small packed net of random integers, and what it computes in numpy's words."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tcsdk.export.integer.net_file import (
    CONV,
    DEPTHWISE,
    GIVE_PICTURE,
    TAKE_R,
    TAKE_Z,
    Layer,
    NetForm,
    Tensor,
)

M, C_Z = 6, 4
BITS = (8, 8, 8, 10)
WIDE = 37  # channels, which fill no register


def synthesis_form(seed: int = 0, *, replicate: bool = False, weight: int | None = None) -> NetForm:
    """A synthesis net of random integers: z to mu, r and mu to pixels."""
    rng = np.random.default_rng(seed)
    z, mu, y_hat = (Tensor(True, 2.0**-8, limit=4095) for _ in range(3))
    mid, alone = (Tensor(False, 1.0, 0, 255) for _ in range(2))
    x = Tensor(False, 1 / 255)

    def conv(
        source: Tensor, target: Tensor, cin: int, cout: int, kernel: int, **said: int
    ) -> Layer:
        weights = rng.integers(-127, 128, (cout, kernel, kernel, cin), np.int8)
        if weight is not None:
            weights[:] = weight
        return Layer(
            CONV,
            source,
            target,
            kernel=kernel,
            pad=kernel // 2,
            replicate=replicate,
            cin=cin,
            cout=cout,
            weight=weights,
            bias=rng.integers(-9999, 9999, cout).astype(np.int32),
            mult=rng.integers(1 << 20, 1 << 21, cout).astype(np.int32),
            shift=28,
            **said,
        )

    depthwise = conv(mid, alone, 1, WIDE, 5, high=255)
    depthwise.op, depthwise.cin, depthwise.shift = DEPTHWISE, WIDE, 27
    depthwise.weight = np.ascontiguousarray(depthwise.weight.transpose(1, 2, 0, 3))
    layers = [
        Layer(TAKE_Z, target=z, high=4095),
        conv(z, mu, C_Z, 16 * M, 3, factor=4, low=-4095, high=4095),
        Layer(TAKE_R, mu, y_hat, high=4095),
        conv(y_hat, mid, M, 16 * WIDE, 3, factor=4, high=255),
        depthwise,
        conv(alone, x, WIDE, 16 * 3, 1, factor=4, high=255),
        Layer(GIVE_PICTURE, x),
    ]
    return NetForm(2, M, C_Z, BITS, 0, layers)


def by_numpy(form: NetForm, z_hat, r, gain, z_gain):
    """The same in numpy's own words, (H, W, 3)."""

    def shifted(value, shift):
        return (value + (1 << (shift - 1))) >> shift

    def linear(layer: Layer, a):  # (h, w, c) int64
        k, p, f = layer.kernel, layer.pad, layer.factor
        mode = "edge" if layer.replicate else "constant"
        around = np.pad(a, ((p, p), (p, p), (0, 0)), mode)
        windows = np.lib.stride_tricks.sliding_window_view(around, (k, k), (0, 1))
        taken = "yxokl,klo->yxo" if layer.op == DEPTHWISE else "yxikl,okli->yxo"
        weight = layer.weight.astype(np.int64)
        if layer.op == DEPTHWISE:
            weight = weight.reshape(k, k, -1)
        sums = np.einsum(taken, windows, weight) + layer.bias
        out = np.clip(shifted(sums * layer.mult, layer.shift) + layer.zero, layer.low, layer.high)
        h, w, c = out.shape
        moved = out.reshape(h, w, c // f**2, f, f).transpose(0, 3, 1, 4, 2)
        return moved.reshape(h * f, w * f, c // f**2)

    units = np.rint(z_gain.astype(np.float64) * 2**20).astype(np.int64)
    z = np.moveaxis(z_hat.astype(np.int64), 0, 2) * units
    mu = linear(form.layers[1], np.clip(shifted(z, 12), -4095, 4095))
    gains = np.rint(gain.reshape(-1).astype(np.float64) * 2**20).astype(np.int64)
    y = shifted(np.moveaxis(r.astype(np.int64), 0, 2) * gains, 12) + mu
    shown = np.clip(y, -4095, 4095)
    for layer in form.layers[3:6]:
        shown = linear(layer, shown)
    return shown


def inputs(seed: int, h: int = 2, w: int = 3):
    """z_hat, r, inverse gains of y and of z."""
    rng = np.random.default_rng(seed)
    return (
        rng.integers(-127, 128, (C_Z, h, w)).astype(np.int8),
        rng.integers(-300, 300, (M, 4 * h, 4 * w)).astype(np.int16),
        rng.uniform(0.1, 4, (M, 1, 1)).astype(np.float32),
        rng.uniform(0.1, 4, C_Z).astype(np.float32),
    )


GOLDEN_NETS = Path(__file__).parents[1] / "golden" / "nets"
NETS = {"zeros": synthesis_form(0), "replicated": synthesis_form(1, replicate=True)}

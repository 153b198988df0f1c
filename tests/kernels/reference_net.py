"""Small packed nets of random integers, and what they compute in numpy's words."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tcsdk.export.integer.net_file import (
    CONV,
    DEPTHWISE,
    GIVE_D,
    GIVE_PICTURE,
    GIVE_TEXT,
    REQUANTISE,
    ROUND_Z,
    TAKE_PICTURE,
    TAKE_R,
    TAKE_Z,
    Layer,
    NetForm,
    Tensor,
)

M, C_Z = 6, 4
BITS = (8, 8, 8, 10)
WIDE = 37  # channels, which fill no register


def synthesis_form(
    seed: int = 0, *, replicate: bool = False, weight: int | None = None, m: int = M
) -> NetForm:
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
        conv(z, mu, C_Z, 16 * m, 3, factor=4, low=-4095, high=4095),
        Layer(TAKE_R, mu, y_hat, high=4095),
        conv(y_hat, mid, m, 16 * WIDE, 3, factor=4, high=255),
        depthwise,
        conv(alone, x, WIDE, 16 * 3, 1, factor=4, high=255),
        Layer(GIVE_PICTURE, x),
    ]
    return NetForm(2, m, C_Z, BITS, 0, layers)


def analysis_form(seed: int = 0, m: int = M) -> NetForm:
    """An analysis net of random integers with every op that one may have."""
    rng = np.random.default_rng(seed)

    def conv(source: Tensor, target: Tensor, cin: int, cout: int, kernel: int, **said) -> Layer:
        weights = rng.integers(-127, 128, (cout, kernel, kernel, cin), np.int8)
        # So that results have half the target's range: sums spread as products and their count do.
        spread = 74 * np.sqrt(kernel**2 * cin) * (9 if source.wide else 120) * source.step
        most = 127 if not target.wide else said.pop("spread", 2000)
        return Layer(
            CONV, source, target, kernel=kernel, cin=cin, cout=cout, weight=weights,
            bias=rng.integers(-99, 99, cout).astype(np.int32),
            mult=np.full(cout, round(most / spread * 2**32) // 2), shift=32,
            low=-32767 if target.wide else 0, high=32767 if target.wide else 255, **said,
        )  # fmt: skip

    x, grid, alone, tall = (Tensor(False, 1.0, 0, 255) for _ in range(4))
    stream, added, y, mu, says = (Tensor(True, 200.0) for _ in range(5))
    z, z_in = Tensor(True, 200.0), Tensor(True, 200.0, limit=4095)
    half = Tensor(True, 200.0)
    requantise = Layer(REQUANTISE, stream, grid, cin=WIDE, cout=WIDE, zero=100, high=255)
    requantise.mult, requantise.shift = np.full(WIDE, 1 << 8), 13
    grid.zero = 100
    depthwise = conv(grid, alone, 1, WIDE, 3, pad=1)
    depthwise.op, depthwise.cin, depthwise.shift = DEPTHWISE, WIDE, 32
    depthwise.weight = np.ascontiguousarray(depthwise.weight.transpose(1, 2, 0, 3))
    layers = [
        Layer(TAKE_PICTURE, target=x, high=255),
        conv(x, stream, 3, WIDE, 8, stride=8),
        requantise,
        depthwise,
        conv(alone, tall, WIDE, 2 * WIDE, 1),
        conv(tall, added, 2 * WIDE, WIDE, 1, added=stream, spread=500),
        conv(added, y, WIDE, m, 3, stride=2, pad=1),
        conv(y, half, m, WIDE, 3, stride=2, pad=1, replicate=True),
        conv(half, z, WIDE, C_Z, 3, stride=2, pad=1, spread=30000),
        Layer(ROUND_Z, z),
        Layer(TAKE_Z, target=z_in, high=4095),
        conv(z_in, mu, C_Z, 16 * m, 3, pad=1, factor=4, spread=700),
        Layer(GIVE_D, y, added=mu),
        conv(y, says, m, 2, 1),
        Layer(GIVE_TEXT, says),
    ]
    thresholds = np.arange(-127, 128, dtype=np.int32) * 40
    return NetForm(1, m, C_Z, BITS, 2, layers, thresholds)


def _shifted(value, shift):
    return (value + (1 << (shift - 1))) >> shift


def linear(layer: Layer, a, added=0):
    """A layer's result on (h, w, c) int64."""
    k, p, f, s = layer.kernel, layer.pad, layer.factor, layer.stride
    around = (
        np.pad(a, ((p, p), (p, p), (0, 0)), "edge")
        if layer.replicate
        else np.pad(a, ((p, p), (p, p), (0, 0)), constant_values=layer.source.zero)
    )
    if layer.op == REQUANTISE:
        sums = a
    else:
        windows = np.lib.stride_tricks.sliding_window_view(around, (k, k), (0, 1))[::s, ::s]
        weight = layer.weight.astype(np.int64)
        if layer.op == DEPTHWISE:
            sums = np.einsum("yxokl,klo->yxo", windows, weight.reshape(k, k, -1))
        else:
            sums = np.einsum("yxikl,okli->yxo", windows, weight)
        sums = sums + layer.bias
    out = _shifted(sums * layer.mult, layer.shift) + layer.zero
    h, w, c = out.shape
    moved = out.reshape(h, w, c // f**2, f, f).transpose(0, 3, 1, 4, 2)
    moved = moved.reshape(h * f, w * f, c // f**2)
    return np.clip(moved + added, layer.low, layer.high)


def _units(gains):
    return np.rint(gains.reshape(-1).astype(np.float64) * 2**20).astype(np.int64)


def _taken_z(z_hat, z_gain):
    return np.clip(
        _shifted(np.moveaxis(z_hat.astype(np.int64), 0, 2) * _units(z_gain), 12), -4095, 4095
    )


def by_numpy(form: NetForm, z_hat, r, gain, z_gain):
    """What `synthesis_form` computes in numpy's own words, (H, W, 3)."""
    mu = linear(form.layers[1], _taken_z(z_hat, z_gain))
    y = _shifted(np.moveaxis(r.astype(np.int64), 0, 2) * _units(gain), 12) + mu
    shown = np.clip(y, -4095, 4095)
    for layer in form.layers[3:6]:
        shown = linear(layer, shown)
    return shown


def analysis_by_numpy(form: NetForm, pixels, z_gain, z_inverse_gain):
    """What `analysis_form` computes in numpy's own words: z_hat, d, text."""
    stem, requantise, depthwise, up, down, to_y, to_half, to_z = form.layers[1:9]
    stream = linear(stem, pixels.astype(np.int64))
    tall = linear(up, linear(depthwise, linear(requantise, stream)))
    y = linear(to_y, linear(down, tall, stream))
    z = linear(to_z, linear(to_half, y))
    z_hat = np.clip(_shifted(z * _units(z_gain), 28), -127, 127)
    z_hat = np.moveaxis(z_hat, 2, 0).astype(np.int8)
    mu = linear(form.layers[11], _taken_z(z_hat, z_inverse_gain))
    d = np.moveaxis(y - mu, 2, 0).astype(np.float32) / 2**8
    says = linear(form.layers[13], y)
    reached = np.searchsorted(form.thresholds, says[..., 0], side="right")
    text = np.stack([(2 * reached + 1) / 512, says[..., 1] / 2**10]).astype(np.float32)
    return z_hat, d, text


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
NETS = {
    "zeros": synthesis_form(0),
    "replicated": synthesis_form(1, replicate=True),
    "analysis": analysis_form(2),
}

"""Packed nets: what is refused, and the arithmetic of single layers against numpy."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from tcsdk._kernels import Net, crc32c
from tcsdk.errors import NewerVersionError, PackedNetError
from tcsdk.export.integer.net_file import (
    CONV,
    GIVE_PICTURE,
    TAKE_R,
    TAKE_Z,
    Layer,
    NetForm,
    Tensor,
)

M, C_Z = 6, 4
BITS = (8, 8, 8, 10)


def synthesis_form(seed: int = 0, *, replicate: bool = False, weight: int | None = None) -> NetForm:
    """A synthesis net of random integers: z to mu, r and mu to pixels."""
    rng = np.random.default_rng(seed)
    z, mu, y_hat = (Tensor(True, 2.0**-8, limit=4095) for _ in range(3))
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

    layers = [
        Layer(TAKE_Z, target=z, high=4095),
        conv(z, mu, C_Z, 16 * M, 3, factor=4, low=-4095, high=4095),
        Layer(TAKE_R, mu, y_hat, high=4095),
        conv(y_hat, mid := Tensor(False, 1.0, 0, 255), M, 16 * 4, 3, factor=4, high=255),
        conv(mid, x, 4, 16 * 3, 1, factor=4, high=255),
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
        sums = np.einsum("yxikl,okli->yxo", windows, layer.weight.astype(np.int64)) + layer.bias
        out = np.clip(shifted(sums * layer.mult, layer.shift) + layer.zero, layer.low, layer.high)
        h, w, c = out.shape
        moved = out.reshape(h, w, c // f**2, f, f).transpose(0, 3, 1, 4, 2)
        return moved.reshape(h * f, w * f, c // f**2)

    units = np.rint(z_gain.astype(np.float64) * 2**20).astype(np.int64)
    z = np.moveaxis(z_hat.astype(np.int64), 0, 2) * units
    mu = linear(form.layers[1], np.clip(shifted(z, 12), -4095, 4095))
    gains = np.rint(gain.reshape(-1).astype(np.float64) * 2**20).astype(np.int64)
    y = shifted(np.moveaxis(r.astype(np.int64), 0, 2) * gains, 12) + mu
    return linear(form.layers[4], linear(form.layers[3], np.clip(y, -4095, 4095)))


def inputs(seed: int, h: int = 2, w: int = 3):
    """z_hat, r, inverse gains of y and of z."""
    rng = np.random.default_rng(seed)
    return (
        rng.integers(-127, 128, (C_Z, h, w)).astype(np.int8),
        rng.integers(-300, 300, (M, 4 * h, 4 * w)).astype(np.int16),
        rng.uniform(0.1, 4, (M, 1, 1)).astype(np.float32),
        rng.uniform(0.1, 4, C_Z).astype(np.float32),
    )


@pytest.mark.parametrize("replicate", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_synthesis_is_numpys(seed, replicate):
    form = synthesis_form(seed, replicate=replicate)
    given = inputs(seed)
    came = Net(form.to_bytes()).synthesise(*given)
    expected = by_numpy(form, *given)
    np.testing.assert_array_equal(came, expected)
    assert len(np.unique(came)) > 50


def test_a_map_of_gains_equals_one_gain_where_it_is_constant():
    net, (z, r, gain, z_gain) = Net(synthesis_form().to_bytes()), inputs(5)
    mapped = np.ascontiguousarray(np.broadcast_to(gain, r.shape))
    same = net.synthesise(z, r, mapped, z_gain)
    np.testing.assert_array_equal(same, net.synthesise(z, r, gain, z_gain))


def test_a_smaller_picture_after_a_larger_one_is_as_alone():
    net = Net(synthesis_form().to_bytes())
    net.synthesise(*inputs(1, 4, 4))
    small = inputs(2, 1, 1)
    fresh = Net(synthesis_form().to_bytes()).synthesise(*small)
    np.testing.assert_array_equal(net.synthesise(*small), fresh)


def sealed(body: bytes) -> bytes:
    """Bytes with the check that fits them."""
    return body + struct.pack("<I", crc32c(body))


def test_every_cut_and_every_changed_byte_is_refused():
    data = synthesis_form().to_bytes()
    for size in range(0, len(data), 97):
        with pytest.raises(PackedNetError):
            Net(data[:size])
    for at in range(6, len(data), 61):
        with pytest.raises(PackedNetError, match="checksum"):
            Net(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_a_cut_body_under_a_fitting_check_is_refused():
    body = synthesis_form().to_bytes()[:-4]
    for size in range(20, len(body), 41):
        with pytest.raises(PackedNetError):
            Net(sealed(body[:size]))


def test_any_header_byte_may_be_any_other():
    """Under a fitting check: refused by name, or a net that runs; never a crash."""
    body = synthesis_form().to_bytes()[:-4]
    for at in range(6, 60):
        for value in (0, 1, 2, 7, 8, 127, 255):
            changed = sealed(body[:at] + bytes([value]) + body[at + 1 :])
            try:
                net = Net(changed)
            except PackedNetError:
                continue
            assert net.role in ("analysis", "synthesis")


def test_a_later_version_is_refused():
    body = synthesis_form().to_bytes()[:-4]
    with pytest.raises(NewerVersionError, match=r"0\.2"):
        Net(sealed(body[:5] + b"\x02" + body[6:]))


def test_a_sum_that_could_leave_int32_is_refused():
    form = synthesis_form(weight=127)
    form.layers[0].high = 32767  # 36 * 127 * 32767 fits still
    Net(form.to_bytes())
    form.layers[1].bias[:] = 2**31 - 1
    with pytest.raises(PackedNetError, match="below 2"):
        Net(form.to_bytes())


def test_gains_that_are_no_numbers_are_refused():
    net, (z, r, gain, z_gain) = Net(synthesis_form().to_bytes()), inputs(5)
    for bad in (np.nan, np.inf, -1.0, 1e9):
        with pytest.raises(ValueError, match="inverse_gain"):
            net.synthesise(z, r, np.full_like(gain, bad), z_gain)


def test_a_net_of_the_other_role_is_refused():
    net = Net(synthesis_form().to_bytes())
    gains = np.ones(C_Z, np.float32)
    with pytest.raises(ValueError, match="role analysis"):
        net.analyse(np.zeros((64, 64, 3), np.uint8), gains, gains)

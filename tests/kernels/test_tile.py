"""Tile payloads: round trips for anything, bytes as the reference writes them, damage is safe."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels.reference import SIGMAS, random_bundle, random_z, total_indexes

from checks import check_rejects, check_safe
from kernels import reference_tile
from tcsdk import errors
from tcsdk._kernels import Bundle, decode_tile, encode_tile, inverse_gain


@dataclasses.dataclass(frozen=True)
class Case:
    """Everything that one tile needs."""

    tables: object
    z_hat: np.ndarray
    totals: np.ndarray
    steps: np.ndarray
    quality: int
    roi: np.ndarray | None

    @property
    def bundle(self):
        return Bundle(self.tables.to_bytes())

    @property
    def grid(self):
        return self.totals.shape[1:]

    def residual(self, rng, spread=1.0):
        """r as the indexes say, (M, h, w) int16."""
        values = np.rint(rng.laplace(size=self.totals.shape) * SIGMAS[self.totals] * spread)
        return np.clip(values, -32768, 32767).astype(np.int16)


def make_case(seed, height=9, width=13, *, roi=False, **kwargs):
    rng = np.random.default_rng(seed)
    tables = random_bundle(seed, **kwargs)
    quality = int(rng.integers(64))
    z_hat = random_z(rng, tables, height, width)
    offsets = rng.integers(-128, 128, (height, width)).astype(np.int8) if roi else None
    totals, steps = total_indexes(tables, z_hat, quality, height, width, offsets)
    return Case(tables, z_hat, totals, steps, quality, offsets)


def check_roundtrip(case, payload, z_hat, r):
    came_z, came_r = decode_tile(case.bundle, payload, case.quality, *case.grid, roi=case.roi)
    np.testing.assert_array_equal(came_z, z_hat)
    np.testing.assert_array_equal(came_r, r)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 21),
    width=st.integers(1, 21),
    precision=st.integers(12, 15),
    skip=st.sampled_from([0, 1, 10, 40, 63]),
    lanes=st.sampled_from([1, 8, 32]),
    roi=st.booleans(),
    wild=st.booleans(),
)
def test_r_comes_back_and_bytes_equal_the_reference(
    seed, height, width, precision, skip, lanes, roi, wild
):
    case = make_case(seed, height, width, roi=roi, precision=precision)
    rng = np.random.default_rng(seed)
    r = case.residual(rng)
    if wild:  # escapes everywhere
        r = rng.integers(-32768, 32768, r.shape).astype(np.int16)
    options = {"roi": case.roi, "skip": skip, "lanes": lanes}
    payload = reference_tile.encode_tile(case.tables, case.z_hat, r, case.quality, **options)
    if lanes != 32:  # read only
        assert encode_tile(case.bundle, case.z_hat, r, case.quality, **options) == payload
    check_roundtrip(case, payload, case.z_hat, np.where(case.totals >= skip, r, 0))


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 21),
    width=st.integers(1, 21),
    roi=st.booleans(),
    scale=st.sampled_from([0.0, 1e-38, 0.5, 1.0, 1e4, 5e37]),
)
def test_d_is_quantised_as_the_reference_does(seed, height, width, roi, scale):
    case = make_case(seed, height, width, roi=roi)
    d = (np.random.default_rng(seed).normal(size=case.totals.shape) * scale).astype(np.float32)
    payload = encode_tile(case.bundle, case.z_hat, d, case.quality, roi=case.roi, skip=0)
    with np.errstate(over="ignore"):
        r = reference_tile.quantise(case.tables, d, case.steps)
    check_roundtrip(case, payload, case.z_hat, r)


def test_halves_round_to_even():
    case = make_case(0, 4, 8, latent=1)
    unit = dataclasses.replace(case.tables, steps=np.zeros((64, 1), np.int8))
    d = (np.arange(32, dtype=np.float32).reshape(1, 4, 8) - 16) / 2
    bundle = Bundle(unit.to_bytes())
    payload = encode_tile(bundle, case.z_hat, d, 0, skip=0)
    np.testing.assert_array_equal(decode_tile(bundle, payload, 0, 4, 8)[1], np.rint(d))


@pytest.mark.parametrize("lanes", [1, 8])
def test_extremes_of_int16_and_z_come_back(lanes):
    case = make_case(3)
    for value in (-32768, 32767):
        for z_value in (-127, 127):
            z_hat = np.full_like(case.z_hat, z_value)
            r = np.full(case.totals.shape, value, np.int16)
            payload = encode_tile(case.bundle, z_hat, r, 5, skip=0, lanes=lanes)
            came = decode_tile(case.bundle, payload, 5, *case.grid)
            np.testing.assert_array_equal(came[0], z_hat)
            np.testing.assert_array_equal(came[1], r)


def test_the_default_skip_is_the_bundles_and_travels_in_the_payload():
    case = make_case(4)
    r = case.residual(np.random.default_rng(4))
    payload = encode_tile(case.bundle, case.z_hat, r, case.quality)
    assert payload[0] >> 2 == case.tables.skip == case.bundle.skip
    other = Bundle(dataclasses.replace(case.tables, skip=0).to_bytes())
    np.testing.assert_array_equal(
        decode_tile(other, payload, case.quality, *case.grid)[1],
        np.where(case.totals >= case.tables.skip, r, 0),
    )


def test_lanes_follow_the_number_of_coded_symbols():
    for size, code in ((8, 0), (80, 1)):
        case = make_case(6, size, size)
        r = np.zeros(case.totals.shape, np.int16)
        payload = encode_tile(case.bundle, case.z_hat, r, case.quality, skip=0)
        assert payload[0] & 3 == code
        check_roundtrip(case, payload, case.z_hat, r)


@pytest.mark.parametrize("lanes", [1, 8])
def test_damaged_payloads_are_safe(lanes):
    case = make_case(8, roi=True)
    bundle = case.bundle
    payload = encode_tile(
        bundle,
        case.z_hat,
        case.residual(np.random.default_rng(8)),
        case.quality,
        roi=case.roi,
        skip=20,
        lanes=lanes,
    )

    def decode(data):
        return lambda: decode_tile(bundle, data, case.quality, *case.grid, roi=case.roi)

    for i in range(len(payload)):
        for flip in (0x01, 0x10, 0x80, 0xFF):
            damaged = bytearray(payload)
            damaged[i] ^= flip
            check_safe(decode(bytes(damaged)))
        check_rejects(decode(payload[:i]), errors.CorruptStreamError)
    check_rejects(decode(payload + b"\1\1"), errors.CorruptStreamError)
    check_rejects(decode(bytes([payload[0] | 3]) + payload[1:]), errors.CorruptStreamError, "lane")


def test_a_payload_of_another_grid_or_quality_is_safe():
    case = make_case(9)
    payload = encode_tile(
        case.bundle, case.z_hat, case.residual(np.random.default_rng(9)), case.quality
    )
    for height, width in ((1, 1), (64, 64), (1020, 3)):
        check_rejects(
            lambda h=height, w=width: decode_tile(case.bundle, payload, case.quality, h, w),
            errors.CorruptStreamError,
        )
    for quality in range(64):
        check_safe(lambda q=quality: decode_tile(case.bundle, payload, q, *case.grid))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 8, 116, -1])
def test_d_must_be_finite(bad, place):
    case = make_case(10)
    d = np.zeros(case.totals.shape, np.float32)
    d.ravel()[place] = bad
    check_rejects(
        lambda: encode_tile(case.bundle, case.z_hat, d, case.quality, skip=63), ValueError, "finite"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"quality": 64}, ["quality", "64"]),
        ({"quality": -1}, ["quality", "-1"]),
        ({"skip": 64}, ["skip", "64"]),
        ({"lanes": 2}, ["lanes", "2"]),
        ({"lanes": 32}, ["lanes", "32"]),
    ],
)
def test_wrong_options_are_named(change, words):
    case = make_case(11)
    d = np.zeros(case.totals.shape, np.float32)
    arguments = {"quality": 0, **change}
    check_rejects(lambda: encode_tile(case.bundle, case.z_hat, d, **arguments), ValueError, *words)


def test_z_hat_has_no_minus_128():
    case = make_case(12)
    r = np.zeros(case.totals.shape, np.int16)
    z_hat = case.z_hat.copy()
    z_hat[2, 0, 0] = -128
    check_rejects(lambda: encode_tile(case.bundle, z_hat, r, 0), ValueError, "-128", "channel 2")


@pytest.mark.parametrize("roi", [False, True])
def test_inverse_gain_is_the_tables(roi):
    case = make_case(13, roi=roi)
    came = inverse_gain(case.bundle, case.quality, roi=case.roi)
    expected = case.tables.inverse_of_step[case.steps + 128]
    assert came.shape == (expected.shape if roi else (len(expected), 1, 1))
    np.testing.assert_array_equal(np.broadcast_to(came, expected.shape), expected)

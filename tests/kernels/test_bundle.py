"""The entropy bundle: everything comes back, every rule is kept, any bytes are safe."""

import dataclasses
import hashlib
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels.reference import random_bundle

from checks import check_rejects, check_safe
from tcsdk import errors
from tcsdk._kernels import Bundle, crc32c, encode_tile

HEADER = {
    "M": 40,
    "C_z": 42,
    "num_qualities": 44,
    "z_levels": 45,
    "precision": 46,
    "z_contexts": 48,
}


def reseal(data):
    """The bundle with its checksum made right again."""
    body = bytes(data)[:-4]
    return body + struct.pack("<I", crc32c(body))


def replace_layer(tables, which, **changes):
    layers = list(tables.layers)
    layers[which] = dataclasses.replace(layers[which], **changes)
    return dataclasses.replace(tables, layers=tuple(layers))


def test_fields_come_back():
    tables = random_bundle(1, levels=3)
    data = tables.to_bytes()
    bundle = Bundle(data)
    assert (bundle.wire_id, bundle.digest) == (tables.wire_id, tables.digest)
    assert (bundle.latent, bundle.hyper, bundle.z_levels) == (12, 5, 3)
    assert (bundle.precision, bundle.skip) == (tables.precision, tables.skip)
    for name in (
        "z_level_of_quality",
        "steps",
        "gain_of_step",
        "inverse_of_step",
        "z_gain",
        "z_inverse_gain",
    ):
        came = getattr(bundle, name)
        assert came.dtype == getattr(tables, name).dtype
        np.testing.assert_array_equal(came, getattr(tables, name))
    assert bundle.hash == hashlib.sha256(data).digest()
    assert bundle.short_hash == int.from_bytes(bundle.hash[:4], "little")


@pytest.mark.parametrize("extra", range(0, 130, 7))
def test_hash_is_sha256_at_every_block_length(extra):
    tables = random_bundle(extra, latent=1, hyper=1, widths=(4, 4, extra + 1))
    data = tables.to_bytes()
    assert Bundle(data).hash == hashlib.sha256(data).digest()


def test_every_truncation_and_every_flipped_byte_is_refused():
    data = random_bundle(2, latent=1, hyper=1, widths=(4, 4, 1)).to_bytes()
    for size in range(0, len(data), 1 + len(data) // 1500):
        check_rejects(lambda s=size: Bundle(data[:s]), errors.BundleError)
    for i in range(len(data)):
        damaged = bytearray(data)
        damaged[i] ^= 0x40
        expected = errors.NewerVersionError if i in (4, 5) else errors.BundleError
        check_rejects(lambda d=bytes(damaged): Bundle(d), expected)


def test_bytes_after_the_end_are_refused():
    data = random_bundle(2).to_bytes()
    check_rejects(lambda: Bundle(data + b"\0"), errors.BundleError, "checksum")
    check_rejects(
        lambda: Bundle(reseal(data[:-4] + b"\0" + data[-4:])), errors.BundleError, "1 bytes follow"
    )


@settings(deadline=None, max_examples=300)
@given(
    data=st.data(),
    seed=st.integers(0, 20),
)
def test_resealed_damage_is_refused_or_harmless(data, seed):
    tables = random_bundle(seed, latent=3, hyper=2, widths=(4, 8, 3), levels=1)
    damaged = bytearray(tables.to_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(6, len(damaged) - 5))] = data.draw(st.integers(0, 255))

    def use():
        bundle = Bundle(reseal(damaged))
        if (bundle.latent, bundle.hyper) == (3, 2):
            z_hat = np.full((2, 2, 2), 127, np.int8)
            r = np.full((3, 8, 8), -32768, np.int16)
            encode_tile(bundle, z_hat, r, 63)

    check_safe(use)


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("M", struct.pack("<H", 0), "M"),
        ("M", struct.pack("<H", 1025), "M"),
        ("C_z", struct.pack("<H", 257), "C_z"),
        ("num_qualities", b"\x3f", "num_qualities"),
        ("z_levels", b"\0", "z_levels"),
        ("z_contexts", b"\0", "z_contexts"),
        ("z_contexts", b"\x02", "z_contexts"),
        ("z_contexts", b"\x34", "z_contexts"),  # 52 of 5 channels: over 256 rows
        ("precision", b"\x0b", "precision"),
        ("precision", b"\x10", "precision"),
    ],
)
def test_header_limits_are_named(field, value, word):
    data = bytearray(random_bundle(3).to_bytes())
    data[HEADER[field] : HEADER[field] + len(value)] = value
    check_rejects(lambda: Bundle(reseal(data)), errors.BundleError, word, "expected", "got")


def test_versions():
    data = bytearray(random_bundle(3).to_bytes())
    for major, minor, error in (
        (1, 0, errors.NewerVersionError),
        (0, 3, errors.NewerVersionError),
        (0, 1, errors.BundleError),
    ):
        data[4:6] = major, minor
        check_rejects(lambda: Bundle(reseal(data)), error, "0.2", f"{major}.{minor}")
    check_rejects(lambda: Bundle(b"TCSX" + bytes(data[4:])), errors.BundleError, "magic")


def broken(name, index, value):
    """A change of one element of an array."""

    def change(tables):
        array = getattr(tables, name).copy()
        array[index] = value
        return dataclasses.replace(tables, **{name: array})

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: dataclasses.replace(t, skip=64), ["skip", "64"]),
        (broken("z_level_of_quality", 9, 2), ["z_level_of_quality[9]"]),
        (broken("gain_of_step", 3, np.nan), ["gain_of_step[3]"]),
        (broken("gain_of_step", 3, -1.0), ["gain_of_step[3]"]),
        (broken("inverse_of_step", 4, np.inf), ["inverse_of_step[4]"]),
        (broken("z_gain", (1, 2), 0.0), ["z_gain[7]"]),
        (broken("z_inverse_gain", (0, 0), 1e-40), ["z_inverse_gain[0]"]),
        (broken("z_centre", (0, 1), -128), ["z_centre", "-128"]),
        (broken("z_start", (0, 0, 1, 0), 1), ["z_start", "row 1"]),
        (broken("z_start", (0, 0, 1, 5), 0), ["z_start", "row 1, entry 5"]),
        (broken("r_shift", 60, 16), ["r_shift[60]", "16"]),
        (broken("r_start", (63, 31), 1 << 14), ["r_start", "row 63, entry 31"]),
        (lambda t: dataclasses.replace(t, z_shift=0), ["z_shift"]),
        (lambda t: dataclasses.replace(t, z_shift=63), ["z_shift"]),
        (lambda t: dataclasses.replace(t, layers=()), ["layer_count"]),
        (lambda t: dataclasses.replace(t, layers=t.layers * 3), ["layer_count", "12"]),
        (lambda t: replace_layer(t, 0, shift=0), ["layers[0].shift"]),
        (lambda t: replace_layer(t, 3, shift=63), ["layers[3].shift"]),
        (lambda t: replace_layer(t, 1, depth_to_space=3), ["layers[1].factor"]),
        (lambda t: replace_layer(t, 1, depth_to_space=1), ["layers[2].cin"]),
        (lambda t: replace_layer(t, 3, weight=np.zeros((12, 7, 2, 2), np.int8)), ["kernel"]),
        (lambda t: replace_layer(t, 3, weight=np.zeros((12, 6, 1, 1), np.int8)), ["[3].cin"]),
    ],
)
def test_rules_are_named(change, words):
    data = change(random_bundle(4)).to_bytes()
    check_rejects(lambda: Bundle(data), errors.BundleError, *words)


@pytest.mark.parametrize("sign", [-1, 1])
def test_the_accumulator_bound_is_exact(sign):
    tables = random_bundle(5)
    last = tables.layers[3]
    weights = np.abs(last.weight.astype(np.int64)).sum((1, 2, 3))
    for room, accepted in ((1, True), (0, False)):
        bias = last.bias.copy()
        bias[2] = sign * (2**31 - room - 32768 * weights[2])
        data = replace_layer(tables, 3, bias=bias).to_bytes()
        if accepted:
            assert Bundle(data).latent == 12
        else:
            check_rejects(lambda d=data: Bundle(d), errors.BundleError, "layers[3]", "channel 2")


def test_depth_to_space_must_end_at_the_y_grid():
    tables = random_bundle(6, widths=(20, 20, 7))
    flat = replace_layer(tables, 0, depth_to_space=1)
    flat = replace_layer(flat, 1, weight=np.zeros((20, 20, 3, 3), np.int8))
    check_rejects(lambda: Bundle(flat.to_bytes()), errors.BundleError, "product of 4")

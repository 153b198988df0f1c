"""The integer scale network equals the slow reference, exactly."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels.reference import random_bundle, random_z, scale_indexes

from tcsdk._kernels import Bundle


def check_indexes(tables, z_hat, level):
    index = Bundle(tables.to_bytes()).scale_indexes(z_hat, level)
    assert index.dtype == np.int16
    np.testing.assert_array_equal(index, scale_indexes(tables, z_hat, level))
    return index


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    hyper=st.integers(1, 9),
    latent=st.integers(1, 20),
    quarters=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    third=st.integers(1, 18),
    height=st.integers(1, 11),
    width=st.integers(1, 11),
)
def test_indexes_equal_the_reference(seed, hyper, latent, quarters, third, height, width):
    widths = (4 * quarters[0], 4 * quarters[1], third)
    tables = random_bundle(seed, latent=latent, hyper=hyper, widths=widths)
    z_hat = random_z(np.random.default_rng(seed), tables, 4 * height, 4 * width)
    check_indexes(tables, z_hat, seed % 2)


def test_indexes_of_the_shipped_shape_equal_the_reference():
    tables = random_bundle(7, latent=128, hyper=32, widths=(96, 128, 32))
    z_hat = random_z(np.random.default_rng(7), tables, 32, 28, spread=6)
    index = check_indexes(tables, z_hat, 0)
    assert index.min() < 0 < index.max()


@pytest.mark.parametrize("sign", [-1, 1])
def test_extreme_weights_and_activations_stay_exact(sign):
    tables = random_bundle(1, hyper=2)
    layers = [
        dataclasses.replace(
            layer,
            weight=np.full_like(layer.weight, -128 if sign < 0 else 127),
            multiplier=np.full_like(layer.multiplier, 2**32 - 1),
            shift=shift,
        )
        for layer, shift in zip(tables.layers, (1, 40, 47, 62), strict=True)
    ]
    tables = dataclasses.replace(
        tables,
        layers=tuple(layers),
        z_multiplier=np.full_like(tables.z_multiplier, 2**32 - 1),
    )
    for value in (-127, 127):
        check_indexes(tables, np.full((2, 3, 3), value, np.int8), 1)


def test_indexes_saturate_at_int16():
    tables = random_bundle(5, scale=1000.0)
    index = check_indexes(tables, random_z(np.random.default_rng(5), tables, 32, 32), 0)
    assert index.min() == -32767
    assert index.max() == 32767

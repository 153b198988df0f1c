"""The rANS coder alone: exact, short, and safe against any bytes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels.reference import random_rows, starts_of
from kernels.reference_tile import Coder

from checks import check_rejects, check_safe
from tcsdk import errors
from tcsdk._kernels import decode_symbols, encode_symbols


def draw(rng, starts, precision, rows):
    """Entries distributed as the tables say."""
    slots = rng.integers(0, 1 << precision, len(rows))
    return ((starts[rows] <= slots[:, None]).sum(1) - 1).astype(np.uint8)


def code_length(starts, precision, rows, entries):
    """Ideal bits of entries."""
    ends = np.append(starts[:, 1:].astype(int), np.full((len(starts), 1), 1 << precision), axis=1)
    frequency = ends[rows, entries] - starts[rows, entries]
    return (precision - np.log2(frequency)).sum()


def reference(starts, precision, rows, entries, lanes):
    coder = Coder(lanes, precision)
    for n in reversed(range(len(rows))):
        row = [*starts[rows[n]].tolist(), 1 << precision]
        start, end = row[entries[n]], row[entries[n] + 1]
        coder.push(n % lanes, start, end - start, precision)
    return coder.finish()


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    precision=st.integers(12, 15),
    count=st.integers(0, 400),
    lanes=st.sampled_from([1, 8, 32]),
    fair=st.booleans(),
)
def test_entries_come_back_and_bytes_equal_the_reference(seed, precision, count, lanes, fair):
    rng = np.random.default_rng(seed)
    starts = random_rows(rng, int(rng.integers(1, 257)), precision)
    rows = rng.integers(0, len(starts), count).astype(np.uint8)
    entries = draw(rng, starts, precision, rows)
    if not fair:
        entries = rng.integers(0, 32, count).astype(np.uint8)
    data = reference(starts, precision, rows, entries, lanes)
    if lanes != 32:  # read only
        assert encode_symbols(starts, precision, rows, entries, lanes) == data
    np.testing.assert_array_equal(decode_symbols(starts, precision, rows, data, lanes), entries)


@pytest.mark.parametrize("precision", [12, 15])
def test_every_frequency_is_divided_exactly(precision):
    rng = np.random.default_rng(precision)
    total, step = 1 << precision, 1 if precision == 12 else 7
    frequencies = np.append(np.arange(1, total - 31, step), total - 31)
    for group in np.array_split(frequencies, -(-len(frequencies) // 256)):
        rest = (total - group[:, None]) * np.arange(31) // 31
        starts = np.append(np.zeros((len(group), 1), int), group[:, None] + rest, axis=1)
        starts = starts.astype(np.uint16)
        rows = rng.integers(0, len(group), 2000).astype(np.uint8)
        entries = np.where(rng.random(2000) < 0.9, 0, rng.integers(0, 32, 2000)).astype(np.uint8)
        data = encode_symbols(starts, precision, rows, entries, 1)
        assert data == reference(starts, precision, rows, entries, 1)
        np.testing.assert_array_equal(decode_symbols(starts, precision, rows, data, 1), entries)


@pytest.mark.parametrize("precision", [14, 15])
def test_one_lane_costs_under_four_bytes_below_a_kilobyte(precision):
    rng = np.random.default_rng(0)
    over = []
    for _ in range(200):
        starts = random_rows(rng, 64, precision)
        rows = rng.integers(0, 64, rng.integers(1, 2000)).astype(np.uint8)
        entries = draw(rng, starts, precision, rows)
        size = len(encode_symbols(starts, precision, rows, entries, 1))
        if size < 1000:
            over.append(size - code_length(starts, precision, rows, entries) / 8)
    assert len(over) > 50
    assert min(over) > 0
    assert max(over) < 4
    assert np.mean(over) < 2.5


@pytest.mark.parametrize("lanes", [1, 8, 32])
def test_any_bytes_are_safe(lanes):
    rng = np.random.default_rng(lanes)
    starts = random_rows(rng, 16, 14)
    rows = rng.integers(0, 16, 500).astype(np.uint8)
    for size in range(300):
        data = rng.integers(0, 256, size).astype(np.uint8)
        check_safe(lambda data=data: decode_symbols(starts, 14, rows, data, lanes))


@pytest.mark.parametrize("lanes", [1, 8, 32])
def test_damage_is_found_by_the_final_states(lanes):
    rng = np.random.default_rng(lanes)
    starts = random_rows(rng, 16, 14)
    rows = rng.integers(0, 16, 600).astype(np.uint8)
    entries = draw(rng, starts, 14, rows)
    data = reference(starts, 14, rows, entries, lanes)
    for size in range(len(data)):
        cut = data[:size]
        check_rejects(
            lambda c=cut: decode_symbols(starts, 14, rows, c, lanes), errors.CorruptStreamError
        )
    check_rejects(
        lambda: decode_symbols(starts, 14, rows, data + b"\1\2", lanes), errors.CorruptStreamError
    )
    flipped = [
        bytes([*data[:i], data[i] ^ 1 << b, *data[i + 1 :]])
        for i in range(len(data))
        for b in range(8)
    ]
    passed = sum(
        check_safe(lambda f=f: decode_symbols(starts, 14, rows, f, lanes)) for f in flipped
    )
    assert passed <= len(flipped) * 0.02


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"precision": 11}, ["precision", "11"]),
        ({"precision": 16}, ["precision", "16"]),
        ({"lanes": 4}, ["lanes", "4"]),
        ({"lanes": 32}, ["lanes", "32"]),
        ({"rows": np.array([3], np.uint8)}, ["rows", "3"]),
        ({"entries": np.array([32], np.uint8)}, ["entries", "32"]),
        ({"starts": np.ones((3, 32), np.uint16)}, ["starts", "row 0"]),
        ({"starts": np.zeros((3, 32), np.uint16)}, ["starts", "entry 1"]),
        ({"starts": np.zeros((0, 32), np.uint16)}, ["starts", "rows"]),
    ],
)
def test_wrong_arguments_are_named(change, words):
    flat = np.stack([starts_of(np.ones(32), 14)] * 3)
    arguments = {
        "starts": flat,
        "precision": 14,
        "rows": np.array([0], np.uint8),
        "entries": np.array([0], np.uint8),
        "lanes": 1,
    }
    check_rejects(lambda: encode_symbols(**{**arguments, **change}), ValueError, *words)

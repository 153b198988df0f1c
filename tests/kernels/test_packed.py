"""Packed weights: what is packed comes back, every rule is kept, any bytes are safe."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.onnx_bytes import field, initializer

from checks import check_rejects, check_safe
from tcsdk import errors
from tcsdk._kernels import crc32c, external_initializers, unpack_weights

packed = pytest.importorskip(
    "tcsdk.export.graphs.packed", reason="the export stage is not installed"
)


def tensor(seed, shape, bits, spread=4.0):
    """Random integers within each channel's bits; the larger the spread, the more are zero."""
    rng = np.random.default_rng(seed)
    bits = np.broadcast_to(np.asarray(bits, np.uint8), shape[:1]).copy()
    half = (2.0 ** (bits - 1)).reshape(-1, *[1] * (len(shape) - 1))
    whole = np.clip(np.rint(rng.laplace(size=shape) * half / spread), -half, half - 1)
    return packed.PackedTensor(whole.astype(np.int8), bits)


def check_roundtrip(tensors):
    data = packed.pack_weights(tensors)
    came = unpack_weights(data)
    assert list(came) == sorted(tensors)
    for name, weights in came.items():
        assert weights.dtype == np.int8
        np.testing.assert_array_equal(weights, tensors[name].integers)
    return data


def reseal(data):
    """The file with its checksum made right again."""
    body = bytes(data)[:-4]
    return body + struct.pack("<I", crc32c(body))


@settings(max_examples=150)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.lists(st.integers(1, 12), min_size=1, max_size=5).map(tuple),
    bits=st.lists(st.integers(2, 8), min_size=1, max_size=4),
    spread=st.sampled_from([1.0, 4.0, 40.0]),
)
def test_any_tensor_comes_back(seed, shape, bits, spread):
    widths = [bits[c % len(bits)] for c in range(shape[0])]
    check_roundtrip({"w": tensor(seed, shape, widths, spread)})


@pytest.mark.parametrize("width", range(2, 9))
@pytest.mark.parametrize("count", [1, 7, 8, 31, 32, 33, 127, 4095, 4096, 4097, 20_000])
def test_every_width_and_length_comes_back(width, count):
    coded = tensor(count, (count,), width)
    flat = np.random.default_rng(width).integers(-(1 << (width - 1)), 1 << (width - 1), count)
    raw = packed.PackedTensor(flat.astype(np.int8), np.full(count, width, np.uint8))
    check_roundtrip({"coded": coded, "raw": raw})


def test_many_tensors_come_back_by_name_whatever_the_order():
    names = [f"g_a.{i}.weight" for i in (10, 9, 2, 33)]
    tensors = {name: tensor(i, (5, 3, 3), [2, 3, 4, 8, 8]) for i, name in enumerate(names)}
    data = check_roundtrip(tensors)
    assert packed.pack_weights(dict(reversed(tensors.items()))) == data
    chosen = unpack_weights(data, names[:2])
    assert list(chosen) == names[:2]
    np.testing.assert_array_equal(chosen[names[1]], tensors[names[1]].integers)


def test_coding_saves_a_quarter_of_laplace_weights_and_costs_nothing_else():
    """At 4 bits and a step of two thirds of the deviation the entropy is 3.02 bits."""
    rng = np.random.default_rng(3)
    whole = np.clip(np.rint(rng.laplace(size=(64, 1000)) * 1.5), -7, 7).astype(np.int8)
    size = len(packed.pack_weights({"w": packed.PackedTensor(whole, np.full(64, 4, np.uint8))}))
    counts = np.unique(whole, return_counts=True)[1]
    ideal = -np.sum(counts * np.log2(counts / whole.size)) / 8
    assert ideal < size < 1.005 * ideal + 60
    flat = rng.integers(-8, 8, (64, 1000)).astype(np.int8)
    size = len(packed.pack_weights({"w": packed.PackedTensor(flat, np.full(64, 4, np.uint8))}))
    assert flat.size // 2 < size <= flat.size // 2 + 30


def test_a_constant_tensor_stays_within_the_readers_bound():
    data = check_roundtrip({"w": tensor(0, (1000, 100), 2, spread=1e9)})
    assert 1000 * 100 / 64 < len(data) < 1000 * 100 / 4 + 30


def test_every_truncation_and_every_flipped_byte_is_refused():
    tensors = {"a": tensor(1, (6, 20), 4), "b": tensor(2, (4, 9), [2, 8, 5, 3])}
    data = packed.pack_weights(tensors)
    for size in range(len(data)):
        check_rejects(lambda s=size: unpack_weights(data[:s]), errors.PackedWeightsError)
    for i in range(len(data)):
        damaged = bytearray(data)
        damaged[i] ^= 0x40
        expected = errors.NewerVersionError if i in (4, 5) else errors.PackedWeightsError
        check_rejects(lambda d=bytes(damaged): unpack_weights(d), expected)


@settings(max_examples=300)
@given(data=st.data(), seed=st.integers(0, 20))
def test_resealed_damage_is_refused_or_harmless(data, seed):
    tensors = {"a": tensor(seed, (6, 900), 4), "b": tensor(seed, (5, 9), [2, 8, 5, 3, 6])}
    damaged = bytearray(packed.pack_weights(tensors))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place] = data.draw(st.integers(0, 255))
    check_safe(lambda: unpack_weights(reseal(damaged)))


@settings(max_examples=200)
@given(body=st.binary(max_size=80))
def test_any_bytes_are_safe(body):
    check_safe(lambda: unpack_weights(body))
    check_safe(lambda: unpack_weights(reseal(b"TCSW\0\1" + body + bytes(4))))


def test_a_tensor_that_is_not_there_is_named():
    data = packed.pack_weights({"a": tensor(1, (2, 2), 4)})
    check_rejects(lambda: unpack_weights(data, ["a", "b"]), errors.PackedWeightsError, "'b'")


def test_a_name_that_comes_twice_is_refused():
    """A damaged graph may have two initializers of one name; one array cannot be both."""
    data = packed.pack_weights({"a": tensor(1, (64, 64), 4), "b": tensor(2, (2, 2), 4)})
    check_rejects(
        lambda: unpack_weights(data, ["a", "b", "a"]), errors.PackedWeightsError, "once", "'a'"
    )


def test_the_arguments_of_unpacking_are_checked():
    check_rejects(lambda: unpack_weights("text"), TypeError, "str")
    check_rejects(lambda: unpack_weights(b"", [1]), TypeError)


INT8, BITS = np.zeros((2, 3), np.int8), np.full(2, 4, np.uint8)


@pytest.mark.parametrize(
    ("name", "integers", "bits", "words"),
    [
        ("", INT8, BITS, "1 to 255"),
        ("a b", INT8, BITS, "'a b'"),
        ("ä", INT8, BITS, "printable"),
        ("n" * 256, INT8, BITS, "255"),
        ("w", INT8.astype(np.int16), BITS, "int16"),
        ("w", np.int8(3).reshape(()), BITS, "dimensions"),
        ("w", INT8[:0], BITS[:0], "(0, 3)"),
        ("w", INT8, BITS.astype(np.int64), "int64"),
        ("w", INT8, BITS[:1], "(1,)"),
        ("w", INT8, BITS - 3, "2..8"),
        ("w", INT8, BITS + 5, "2..8"),
        ("w", INT8 + 8, BITS, "-8..7"),
        ("w", INT8 - 9, BITS, "channel 0"),
    ],
)
def test_what_cannot_be_packed_is_refused(name, integers, bits, words):
    tensors = {name: packed.PackedTensor(integers, bits)}
    check_rejects(lambda: packed.pack_weights(tensors), ValueError, words)


def test_no_tensor_is_refused():
    check_rejects(lambda: packed.pack_weights({}), ValueError, "got 0")


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "w.tcsw"
    packed.write_packed(path, {"a": tensor(1, (2, 2), 4)})
    before = path.read_bytes()
    bad = {"a": packed.PackedTensor(INT8 + 8, BITS)}
    check_rejects(lambda: packed.write_packed(path, bad), ValueError, "-8..7")
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["w.tcsw"]


def test_external_initializers_are_found_in_order():
    graph = initializer(b"b", b"x.tcsw") + initializer(b"inside") + initializer(b"a", b"y.bin")
    model = field(1, 8) + field(7, field(2, b"graph") + graph)
    assert external_initializers(model) == [("b", "x.tcsw"), ("a", "y.bin")]
    assert external_initializers(b"") == []


def test_a_name_that_is_no_text_is_spelled_with_question_marks():
    ((name, _),) = external_initializers(field(7, initializer(b"\xff", b"x")))
    assert name == "\ufffd"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (field(7, initializer(b"b", b"x"))[:-1], "are left"),
        (b"\x3a", "are left"),
        (b"\x3b", "wire type"),
        (b"\x08" + b"\xff" * 11, "10 bytes"),
        (b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "are left"),
    ],
)
def test_what_is_no_protocol_buffer_is_refused(model, words):
    check_rejects(lambda: external_initializers(model), errors.PackedWeightsError, words)


@settings(max_examples=300)
@given(body=st.binary(max_size=60))
def test_any_model_bytes_are_safe(body):
    check_safe(lambda: external_initializers(body))
    check_safe(lambda: external_initializers(field(7, field(5, body))))

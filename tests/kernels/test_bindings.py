"""What Python's side of the kernels promises about arrays, buffers, errors and the GIL."""

import gc
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from checks import check_rejects
from tcsdk import _kernels as kernels
from tcsdk import errors

CASE = Path(__file__).parents[1] / "golden" / "v0" / "lanes_1"


@pytest.fixture
def bundle():
    return kernels.Bundle((CASE / "bundle.tcsb").read_bytes())


def zeros(bundle, h=8, w=12):
    z_hat = np.zeros((bundle.hyper, -(-h // 4), -(-w // 4)), np.int8)
    return z_hat, np.zeros((bundle.latent, h, w), np.int16)


def test_tables_of_a_bundle_are_views_that_keep_it_alive_and_cannot_be_written(bundle):
    names = ("steps", "z_level_of_quality", "gain_of_step", "z_gain", "z_inverse_gain")
    copies = {name: getattr(bundle, name).copy() for name in names}
    tables = {name: getattr(bundle, name) for name in names}
    again = bundle.steps
    assert np.shares_memory(again, tables["steps"])
    del bundle, again
    gc.collect()
    for name, table in tables.items():
        assert np.array_equal(table, copies[name]), name
        assert not table.flags.writeable
    check_rejects(lambda: tables["steps"].setflags(write=True), ValueError)


def test_payloads_may_be_any_bytes_like_object(bundle):
    z_hat, r = zeros(bundle)
    payload = kernels.encode_tile(bundle, z_hat, r, 9)
    padded = memoryview(b"??" + payload)[2:]
    for data in (payload, bytearray(payload), padded, np.frombuffer(payload, np.uint8)):
        decoded_z, decoded_r = kernels.decode_tile(bundle, data, 9, 8, 12)
        assert np.array_equal(decoded_z, z_hat)
        assert np.array_equal(decoded_r, r)
    check_rejects(lambda: kernels.decode_tile(bundle, "text", 9, 8, 12), TypeError, "payload")


MISUSE = {
    "residual of a wrong dtype": (
        lambda b, z, r: kernels.encode_tile(b, z, r.astype(np.float64), 9),
        TypeError,
        "residual: expected d as float32 or r as int16",
        "(8, 8, 12) float64",
    ),
    "residual that is no array": (
        lambda b, z, r: kernels.encode_tile(b, z, r.tolist(), 9),
        TypeError,
        "came list",
    ),
    "residual of wrong channels": (
        lambda b, z, r: kernels.encode_tile(b, z, r[1:], 9),
        ValueError,
        "(M, h, w) int16",
        "(8, any, any)",
        "(7, 8, 12)",
    ),
    "residual with strides": (
        lambda b, z, r: kernels.encode_tile(b, z, r[:, :, ::2], 9),
        ValueError,
        "numpy.ascontiguousarray",
    ),
    "residual of the other byte order": (
        lambda b, z, r: kernels.encode_tile(b, z, r.astype(r.dtype.newbyteorder()), 9),
        TypeError,
        "residual",
    ),
    "residual without elements": (
        lambda b, z, r: kernels.encode_tile(b, z, r[:, :0], 9),
        ValueError,
        "height of the y grid: expected 1 to 1020, came 0",
    ),
    "z_hat of a wrong grid": (
        lambda b, z, r: kernels.encode_tile(b, z[:, :1].copy(), r, 9),
        ValueError,
        "(C_z, hz, wz)",
        "(4, 2, 3)",
        "(4, 1, 3)",
    ),
    "z_hat of a wrong dtype": (
        lambda b, z, r: kernels.encode_tile(b, z.astype(np.int16), r, 9),
        TypeError,
        "z_hat",
        "int8",
    ),
    "quality": (lambda b, z, r: kernels.encode_tile(b, z, r, 64), ValueError, "quality", "64"),
    "skip": (lambda b, z, r: kernels.encode_tile(b, z, r, 9, skip=64), ValueError, "skip", "64"),
    "lanes": (lambda b, z, r: kernels.encode_tile(b, z, r, 9, lanes=2), ValueError, "lanes", "2"),
    "roi of a wrong grid": (
        lambda b, z, r: kernels.encode_tile(b, z, r, 9, roi=np.zeros((8, 11), np.int8)),
        ValueError,
        "roi",
        "(8, 12)",
        "(8, 11)",
    ),
    "roi of a wrong dtype": (
        lambda b, z, r: kernels.inverse_gain(b, 9, roi=np.zeros((8, 12), np.uint8)),
        TypeError,
        "roi",
        "uint8",
    ),
    "decoded height": (
        lambda b, z, r: kernels.decode_tile(b, b"", 9, 1021, 1),
        ValueError,
        "height",
        "1021",
    ),
    "level": (lambda b, z, r: b.scale_indexes(z, 2), ValueError, "level", "0 to 1", "came 2"),
    "z grid": (
        lambda b, z, r: b.scale_indexes(np.zeros((4, 0, 3), np.int8), 0),
        ValueError,
        "hz: expected 1 to 255, came 0",
    ),
}


@pytest.mark.parametrize("name", MISUSE)
def test_misuse_is_named(bundle, name):
    call, error, *words = MISUSE[name]
    check_rejects(lambda: call(bundle, *zeros(bundle)), error, *words)


def test_errors_work_without_the_compiled_module():
    assert issubclass(errors.TruncatedStreamError, errors.BitstreamError)
    assert issubclass(errors.BitstreamError, ValueError)
    small = errors.TargetTooSmallError("needs 90 bytes", smallest=90)
    assert (str(small), small.smallest) == ("needs 90 bytes", 90)
    source = Path(errors.__file__).read_text(encoding="utf-8")
    assert "import" not in source.replace("from __future__ import annotations", "").split('"""')[2]


def calls_that_take_long(bundle):
    z_hat, r = zeros(bundle, 1020, 1020)
    payload = kernels.encode_tile(bundle, z_hat, r, 40)
    data = bytes(1 << 26)
    return {
        "crc32c": lambda: kernels.crc32c(data),
        "encode_tile": lambda: kernels.encode_tile(bundle, z_hat, r, 40),
        "decode_tile": lambda: kernels.decode_tile(bundle, payload, 40, 1020, 1020),
        "scale_indexes": lambda: bundle.scale_indexes(z_hat, 0),
    }


@pytest.mark.skipif(
    not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="a Python without GIL"
)
@pytest.mark.parametrize("name", ["crc32c", "encode_tile", "decode_tile", "scale_indexes"])
def test_other_threads_run_while_the_kernels_do(bundle, name):
    call = calls_that_take_long(bundle)[name]
    interval = sys.getswitchinterval()
    # Nobody is made to hand over the GIL: this thread can go on before the other one is done only
    # if the call lets go of it.
    sys.setswitchinterval(60)
    try:
        thread = threading.Thread(target=call)
        thread.start()
        assert thread.is_alive()
        thread.join()
    finally:
        sys.setswitchinterval(interval)

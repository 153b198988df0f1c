"""Packed weights: integers of 2 to 8 bits per output channel, many tensors in one file.

Byte layout in docs/reference/packed-weights.md; libtcs reads it (`tcsdk._kernels.unpack_weights`).
numpy only.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import crc32c, encode_symbols
from tcsdk.output import write_file

MAGIC = b"TCSW"
VERSION = (0, 1)
MIN_BITS, MAX_BITS = 2, 8
_MAX_WEIGHTS = (1 << 28) - 1  # what a number of the format holds
_ENTRIES = 32  # of a row of the entropy coder
_HEAD_BITS = 5  # of a weight go through the coder, the others are stored as they are
_PRECISION = 12
_LANES_FROM = 4096  # weights from which a run is coded in 8 lanes
_DENSEST = 64  # coded weights per byte that a reader accepts


@dataclass(frozen=True)
class PackedTensor:
    """Integers of one weight tensor.

    Attributes:
        integers: (C_out, ...) int8; channel c in -2^(bits[c]-1) .. 2^(bits[c]-1) - 1.
        bits: (C_out,) uint8, 2..8.
    """

    integers: NDArray[np.int8]
    bits: NDArray[np.uint8]


def write_packed(path: Path, tensors: Mapping[str, PackedTensor]) -> None:
    """Write tensors into one file, each run of equal bits entropy-coded where that is shorter.

    The bytes depend on names and values alone, not on the order of the mapping.

    Args:
        path: File to write, whole or not at all.
        tensors: By name: of the initializers that the file is to fill. A name stands for one
            tensor in all graphs of a model that refer to the file.

    Raises:
        ValueError: A name is not 1 to 255 printable ASCII characters without blanks, or a
            tensor's shapes, types, bits or values are not what `PackedTensor` says.
        OutputError: The file cannot be written.
    """
    write_file(path, pack_weights(tensors))


def pack_weights(tensors: Mapping[str, PackedTensor]) -> bytes:
    """Return the bytes that `write_packed` writes; arguments and errors are the same."""
    if not 1 <= len(tensors) <= 0xFFFF:
        raise ValueError(f"tensors: expected 1 to 65535, got {len(tensors)}")
    parts = [MAGIC, struct.pack("<BBH", *VERSION, len(tensors))]
    for name in sorted(tensors):
        _check(name, tensors[name])
        parts.append(_tensor_bytes(name, tensors[name]))
    body = b"".join(parts)
    return body + struct.pack("<I", crc32c(body))


def _check(name: str, tensor: PackedTensor) -> None:
    whole, bits = tensor.integers, tensor.bits
    if not (1 <= len(name) <= 255 and all(0x21 <= ord(c) <= 0x7E for c in name)):
        raise ValueError(f"name: expected 1 to 255 printable ASCII characters, got {name!r}")
    if whole.dtype != np.int8 or not 1 <= whole.ndim <= 8 or not 1 <= whole.size <= _MAX_WEIGHTS:
        raise ValueError(
            f"{name}: expected 1 to {_MAX_WEIGHTS} int8 in 1 to 8 dimensions, got {whole.shape} "
            f"{whole.dtype}"
        )
    if bits.dtype != np.uint8 or bits.shape != whole.shape[:1]:
        raise ValueError(
            f"{name}: expected bits as {whole.shape[:1]} uint8, got {bits.shape} {bits.dtype}"
        )
    if bits.min() < MIN_BITS or bits.max() > MAX_BITS:
        raise ValueError(f"{name}: expected bits {MIN_BITS}..{MAX_BITS}, got {np.unique(bits)}")
    channels = whole.reshape(len(bits), -1)
    half = 1 << (bits.astype(np.int16) - 1)
    wrong = np.flatnonzero((channels.min(1) < -half) | (channels.max(1) >= half))
    if len(wrong):
        c = int(wrong[0])
        raise ValueError(
            f"{name}, channel {c}: expected {-half[c]}..{half[c] - 1} for {bits[c]} bits, got "
            f"{channels[c].min()}..{channels[c].max()}"
        )


def _tensor_bytes(name: str, tensor: PackedTensor) -> bytes:
    whole, bits = tensor.integers, tensor.bits
    alike = bool((bits == bits[0]).all())
    widths = bytes([bits[0]]) if alike else b"\0" + _fields(bits - MIN_BITS, 3)
    payload = b"".join(_runs(tensor))
    header = [bytes([len(name)]), name.encode("ascii"), bytes([whole.ndim])]
    header += [_varint(side) for side in whole.shape]
    return b"".join([*header, widths, _varint(len(payload)), payload])


def _runs(tensor: PackedTensor) -> Iterator[bytes]:
    """The channels of each width, coded or raw."""
    for width in range(MIN_BITS, MAX_BITS + 1):
        weights = tensor.integers[tensor.bits == width].ravel()
        if weights.size:
            raw = b"\0" + _fields(weights.view(np.uint8), width)
            coded = b"\1" + _coded_run(weights, width)
            fits = weights.size <= _DENSEST * len(coded)
            yield coded if fits and len(coded) < len(raw) else raw


def _coded_run(weights: NDArray[np.int8], width: int) -> bytes:
    low_bits = max(width - _HEAD_BITS, 0)
    shifted = (weights.astype(np.int16) + (1 << (width - 1))).astype(np.uint8)
    entries = (shifted >> low_bits).astype(np.uint8)
    used = 1 << min(width, _HEAD_BITS)
    frequencies = _frequencies(np.bincount(entries, minlength=used))
    starts = np.zeros((1, _ENTRIES), np.uint16)
    starts[0, 1:] = np.cumsum(frequencies)[:-1]
    lanes = 8 if weights.size >= _LANES_FROM else 1
    rows = np.zeros(weights.size, np.uint8)
    stream = encode_symbols(starts, _PRECISION, rows, entries, lanes)
    table = b"".join(_varint(int(f) - 1) for f in frequencies[: used - 1])
    low = _fields(shifted, low_bits) if low_bits else b""
    return b"".join([table, _varint(len(stream)), stream, low])


def _frequencies(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole frequencies >= 1 of all 32 entries that add up to 2^12, close to the counts."""
    spare = _ENTRIES - len(counts)  # entries that no weight has: 1 each
    room = (1 << _PRECISION) - _ENTRIES
    exact = counts / counts.sum() * room
    floor = np.floor(exact).astype(np.int64)
    short = room - int(floor.sum())
    floor[np.argsort(floor - exact, kind="stable")[:short]] += 1
    return np.concatenate([floor + 1, np.ones(spare, np.int64)])


def _fields(values: NDArray[np.uint8], width: int) -> bytes:
    """The low `width` bits of each value, one after the other from bit 0 of byte 0 on."""
    bits = np.unpackbits(values[:, None], axis=1, count=width, bitorder="little")
    return np.packbits(bits, bitorder="little").tobytes()


def _varint(value: int) -> bytes:
    """LEB128, the shortest form."""
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])

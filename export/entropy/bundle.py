"""The entropy bundle: every number that the integer entropy path needs, as one file.

Byte layout in docs/reference/format.md, "Entropy bundle". numpy only: any trainer can write one.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import crc32c

MAGIC = b"TCSB"
VERSION = (0, 2)


@dataclass(frozen=True)
class IntegerLayer:
    """One convolution of the integer scale network.

    Attributes:
        weight: (C_out, C_in, k, k) int8, k 1 or 3.
        bias: (C_out,) int32, in units of weight * activation.
        multiplier: (C_out,) uint32; the accumulator times this, shifted right, is the output.
        shift: 1..62.
        depth_to_space: 1 or 2, after the requantisation.
    """

    weight: NDArray[np.int8]
    bias: NDArray[np.int32]
    multiplier: NDArray[np.uint32]
    shift: int
    depth_to_space: int


@dataclass(frozen=True)
class EntropyBundle:
    """All tables of one model's entropy path.

    M latent and C_z hyper channels, Q qualities, L levels of z's gain.

    Attributes:
        wire_id: the model's number in streams; 0xF000 and above are private.
        digest: 32 bytes, SHA-256 of the canonical checkpoint.
        precision: p, bits of the cumulative tables.
        skip: default skip index.
        z_level_of_quality: (Q,) uint8.
        steps: (Q, M) int8, scale steps by which a quality amplifies a channel.
        gain_of_step, inverse_of_step: (256,) float32 for steps -128..127.
        z_gain, z_inverse_gain: (L, C_z) float32.
        z_centre: (L, C_z) int8; z_start: (L, K, C_z, 32) uint16 cumulative starts for K contexts.
        r_shift: (64,) uint8; r_start: (64, 32) uint16.
        z_multiplier: (L, C_z) uint32; z_shift: of the scale network's input.
        layers: the integer scale network.
    """

    wire_id: int
    digest: bytes
    precision: int
    skip: int
    z_level_of_quality: NDArray[np.uint8]
    steps: NDArray[np.int8]
    gain_of_step: NDArray[np.float32]
    inverse_of_step: NDArray[np.float32]
    z_gain: NDArray[np.float32]
    z_inverse_gain: NDArray[np.float32]
    z_centre: NDArray[np.int8]
    z_start: NDArray[np.uint16]
    r_shift: NDArray[np.uint8]
    r_start: NDArray[np.uint16]
    z_multiplier: NDArray[np.uint32]
    z_shift: int
    layers: tuple[IntegerLayer, ...]

    def to_bytes(self) -> bytes:
        """The bundle as a file's bytes, checksum included.

        Raises:
            ValueError: an array's shape or dtype is not what the attributes say.
        """
        qualities, latent = self.steps.shape
        levels, hyper = self.z_gain.shape
        contexts = self.z_start.shape[1]
        expected: dict[str, tuple[tuple[int, ...], type[np.generic]]] = {
            "z_level_of_quality": ((qualities,), np.uint8),
            "steps": ((qualities, latent), np.int8),
            "gain_of_step": ((256,), np.float32),
            "inverse_of_step": ((256,), np.float32),
            "z_gain": ((levels, hyper), np.float32),
            "z_inverse_gain": ((levels, hyper), np.float32),
            "z_centre": ((levels, hyper), np.int8),
            "z_start": ((levels, contexts, hyper, 32), np.uint16),
            "r_shift": ((64,), np.uint8),
            "r_start": ((64, 32), np.uint16),
            "z_multiplier": ((levels, hyper), np.uint32),
        }
        parts = [
            MAGIC,
            struct.pack("<BBH", *VERSION, self.wire_id),
            self.digest,
            struct.pack("<HHBBBB", latent, hyper, qualities, levels, self.precision, self.skip),
            struct.pack("<B", contexts),
        ]
        for name, (shape, dtype) in expected.items():
            parts.append(_little_endian(name, getattr(self, name), shape, dtype))
        parts.append(struct.pack("<BB", self.z_shift, len(self.layers)))
        parts += [_layer_bytes(i, layer) for i, layer in enumerate(self.layers)]
        body = b"".join(parts)
        return body + struct.pack("<I", crc32c(body))


def _little_endian(
    name: str, array: NDArray[np.generic], shape: tuple[int, ...], dtype: type[np.generic]
) -> bytes:
    if array.shape != shape or array.dtype != dtype:
        raise ValueError(
            f"{name}: expected {shape} {np.dtype(dtype)}, got {array.shape} {array.dtype}"
        )
    return np.ascontiguousarray(array).astype(np.dtype(dtype).newbyteorder("<")).tobytes()


def _layer_bytes(index: int, layer: IntegerLayer) -> bytes:
    out, inputs, kernel, _ = layer.weight.shape
    name = f"layers[{index}]"
    return b"".join(
        (
            struct.pack("<HHBBB", inputs, out, kernel, layer.depth_to_space, layer.shift),
            _little_endian(f"{name}.weight", layer.weight, (out, inputs, kernel, kernel), np.int8),
            _little_endian(f"{name}.bias", layer.bias, (out,), np.int32),
            _little_endian(f"{name}.multiplier", layer.multiplier, (out,), np.uint32),
        )
    )

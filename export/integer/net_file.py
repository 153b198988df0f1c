"""The bytes of a packed net; docs/reference/net.md specifies them."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import crc32c

CONV, DEPTHWISE, REQUANTISE = 0, 1, 2
TAKE_Z, ROUND_Z, GIVE_D, GIVE_TEXT, TAKE_R, TAKE_PICTURE, GIVE_PICTURE = range(16, 23)
NO_SLOT = 255
SLOTS = 8
WIDE_MAX = 32767


@dataclass(eq=False)
class Tensor:
    """What a layer writes: value = (integer - zero) * step, channels last.

    Attributes:
        wide: int16, or uint8.
        step: Value of 1.
        zero: The integer that stands for zero.
        limit: Largest magnitude of its integers.
    """

    wide: bool
    step: float
    zero: int = 0
    limit: int = WIDE_MAX


@dataclass(eq=False)
class Layer:
    """One layer of a packed net; fields as the file's.

    Attributes:
        weight: int8, (cout, k, k, cin); depthwise (k, k, c); None where there is none.
        bias: (cout,) int32, or None.
        mult: (cout,) int32, or None at the ends of a net.
    """

    op: int
    source: Tensor | None = None
    target: Tensor | None = None
    added: Tensor | None = None
    kernel: int = 1
    stride: int = 1
    pad: int = 0
    replicate: bool = False
    factor: int = 1
    shift: int = 1
    cin: int = 0
    cout: int = 0
    zero: int = 0
    low: int = 0
    high: int = WIDE_MAX
    weight: NDArray[np.int8] | None = None
    bias: NDArray[np.int32] | None = None
    mult: NDArray[np.int32] | None = None


@dataclass(frozen=True)
class NetForm:
    """A whole net.

    Attributes:
        role: 1 analysis, 2 synthesis.
        bits: Fraction bits of y, of z, of the means' input and of text.
        planes: Planes of text, 0..2.
        thresholds: (255,) int32 logits, empty without text.
    """

    role: int
    latent: int
    hyper: int
    bits: tuple[int, int, int, int]
    planes: int
    layers: list[Layer]
    thresholds: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))

    def to_bytes(self) -> bytes:
        """Return the bytes of the file."""
        slots = slots_of(self.layers)
        head = struct.pack("<4sBBBB", b"TCSN", 0, 1, self.role, len(self.layers))
        head += struct.pack("<HH5Bx2x", self.latent, self.hyper, *self.bits, self.planes)
        body = b"".join(_layer_bytes(layer, slots) for layer in self.layers)
        body += self.thresholds.astype("<i4").tobytes()
        return head + body + struct.pack("<I", crc32c(head + body))


def slots_of(layers: list[Layer]) -> dict[Tensor, int]:
    """Give each tensor a slot that nothing read later lies in.

    Raises:
        ValueError: More than 8 are alive at once.
    """
    last = {t: i for i, one in enumerate(layers) for t in (one.source, one.added) if t is not None}
    slots: dict[Tensor, int] = {}
    for index, layer in enumerate(layers):
        if layer.target is None:
            continue
        # In place where the added tensor is read for the last time and nothing is moved.
        if layer.added is not None and last[layer.added] == index and layer.factor == 1:
            slots[layer.target] = slots[layer.added]
            continue
        taken = {slot for t, slot in slots.items() if last.get(t, -1) >= index}
        free = [slot for slot in range(SLOTS) if slot not in taken]
        if not free:
            raise ValueError(f"layer {index}: expected at most {SLOTS} tensors alive, got more")
        slots[layer.target] = free[0]
    return slots


def _layer_bytes(layer: Layer, slots: dict[Tensor, int]) -> bytes:
    places = (layer.source, layer.target, layer.added)
    head = bytes([layer.op, *(NO_SLOT if t is None else slots[t] for t in places)])
    if layer.mult is None:
        return head + struct.pack("<H", layer.high)
    assert layer.source is not None
    assert layer.target is not None
    fields = (layer.kernel, layer.stride, layer.pad, layer.replicate, layer.source.zero)
    head += struct.pack("<8B", *fields, layer.factor, layer.shift, layer.target.wide)
    head += struct.pack("<HHiii", layer.cin, layer.cout, layer.zero, layer.low, layer.high)
    if layer.weight is not None and layer.bias is not None:
        head += layer.weight.astype(np.int8).tobytes() + layer.bias.astype("<i4").tobytes()
    return head + layer.mult.astype("<i4").tobytes()

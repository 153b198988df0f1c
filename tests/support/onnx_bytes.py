"""ONNX models as bytes, for tests without the onnx package. Field numbers are onnx.proto's."""

from __future__ import annotations

INT8, INT64 = 3, 7


def field(number: int, payload: bytes | int) -> bytes:
    """A field of a protocol buffer that holds bytes or a number; both below 16,384."""
    size = payload if isinstance(payload, int) else len(payload)
    varint = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    if isinstance(payload, int):
        return bytes([number << 3]) + varint
    return bytes([number << 3 | 2]) + varint + payload


def initializer(name: bytes, location: bytes | None = None, *, side: int = 1) -> bytes:
    """An initializer of (side,) int8 in a GraphProto; without a location its data lie inside."""
    tensor = field(1, side) + field(2, INT8) + field(8, name)
    if location is None:
        return field(5, tensor + field(9, bytes(side)))
    entry = field(1, b"location") + field(2, location)
    return field(5, tensor + field(13, entry) + field(14, 1))


def vector(number: int, name: bytes, element: int) -> bytes:
    """An input (11) or output (12) of one dimension of any length."""
    shape = field(2, field(1, field(2, b"n")))
    return field(number, field(1, name) + field(2, field(1, field(1, element) + shape)))


def gather_model(location: bytes, side: int) -> bytes:
    """The model y = weights[x], whose int8 weights (side,) lie in another file."""
    node = field(1, b"weights") + field(1, b"x") + field(2, b"y") + field(4, b"Gather")
    graph = field(1, node) + field(2, b"g") + initializer(b"weights", location, side=side)
    graph += vector(11, b"x", INT64) + vector(12, b"y", INT8)
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))

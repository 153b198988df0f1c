"""Colour profiles made by hand: primaries and a gamma (ICC.1:2001-04)."""

from __future__ import annotations

import struct

# Columns of the matrix to XYZ, adapted to D50.
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
DISPLAY_P3 = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)
_WHITE = (0.9642, 1.0, 0.8249)


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += struct.pack(">4sII", name, at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(
        ">I4sI4s4s4s12s4s28x",
        at + len(body),
        b"",
        0x02400000,
        b"mntr",
        space,
        b"XYZ ",
        b"",
        b"acsp",
    )
    header += _fixed(*_WHITE) + bytes(48)
    return header + table + body


def _xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(*values)


def _gamma(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def rgb_profile(primaries: tuple[tuple[float, ...], ...], gamma: float = 2.2) -> bytes:
    """An RGB profile of three primaries."""
    colours = {
        name: _xyz(*xyz) for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)
    }
    curves = {name: _gamma(gamma) for name in (b"rTRC", b"gTRC", b"bTRC")}
    return _profile(b"RGB ", {b"wtpt": _xyz(*_WHITE), **colours, **curves})


def gray_profile(gamma: float) -> bytes:
    """A profile of gray levels."""
    return _profile(b"GRAY", {b"wtpt": _xyz(*_WHITE), b"kTRC": _gamma(gamma)})

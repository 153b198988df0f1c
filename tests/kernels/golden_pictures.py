"""Whole pictures there and back by nets of random integers, made of the kernels' parts.

tests/golden/pictures holds them: what tcs_encode and tcs_decode make of the same pixels and bytes
must equal them (kernels/tests/test_pictures.c, tests/cpp/test_plain.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from kernels.reference_net import analysis_form, synthesis_form
from numpy.typing import NDArray

from tcsdk._kernels import Bundle, Header, Net, decode_tile, encode_tile, inverse_gain, parse, write

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "golden" / "pictures"
BUNDLE = ROOT / "golden" / "v0" / "lanes_1" / "bundle.tcsb"
LATENT = 8  # the bundle's
# Width, height, quality: one tile, two of which the second is narrow, two rows of tiles.
CASES = {"one_tile": (100, 70, 60), "two_tiles": (530, 40, 45), "two_rows": (24, 600, 52)}
TILE, TILE_CHUNK = 512, 0x01


def picture(width: int, height: int) -> NDArray[np.uint8]:
    """What the C program draws, (height, width, 3)."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return ((x * 3 + y * 5 + c * 40 + x * y % 7 * 9) % 256).astype(np.uint8)


def ceil_div(value: int, unit: int) -> int:
    """Return the least number of units that hold the value."""
    return -(-value // unit)


class Tile(NamedTuple):
    """Where a tile lies, in pixels."""

    x: int
    y: int
    width: int
    height: int

    def cut(self, planes: NDArray[Any], stride: int) -> NDArray[Any]:
        """Return its part of planes (C, h, w), whose elements are `stride` pixels apart."""
        y, x = self.y // stride, self.x // stride
        height, width = ceil_div(self.height, stride), ceil_div(self.width, stride)
        return planes[:, y : y + height, x : x + width]


def tiles(width: int, height: int) -> list[Tile]:
    """Return the tiles of a picture in raster order."""
    return [
        Tile(x, y, min(TILE, width - x), min(TILE, height - y))
        for y in range(0, height, TILE)
        for x in range(0, width, TILE)
    ]


class Codec:
    """The nets and the bundle."""

    def __init__(self) -> None:
        self.files = {
            "entropy.tcsb": BUNDLE.read_bytes(),
            "analysis.tcsn": analysis_form(7, LATENT).to_bytes(),
            "synthesis.tcsn": synthesis_form(7, m=LATENT).to_bytes(),
        }
        self.bundle = Bundle(self.files["entropy.tcsb"])
        self.analysis, self.synthesis = (
            Net(self.files[f"{n}.tcsn"]) for n in ("analysis", "synthesis")
        )

    def encode(self, pixels: NDArray[np.uint8], quality: int) -> bytes:
        """Return the stream of a picture, analysed at once."""
        height, width = pixels.shape[:2]
        around = ((0, -height % 64), (0, -width % 64), (0, 0))
        level = int(self.bundle.z_level_of_quality[quality])
        gains = self.bundle.z_gain[level], self.bundle.z_inverse_gain[level]
        z_hat, d, _ = self.analysis.analyse(np.pad(pixels, around, "edge"), *gains)
        chunks = []
        for tile in tiles(width, height):
            parts = np.ascontiguousarray(tile.cut(z_hat, 64)), np.ascontiguousarray(tile.cut(d, 16))
            chunks.append((TILE_CHUNK, encode_tile(self.bundle, *parts, quality)))
        ids = {"wire_id": self.bundle.wire_id, "bundle_hash": self.bundle.short_hash}
        return write(Header(width=width, height=height, quality=quality, **ids), chunks)

    def decode(self, payloads: list[bytes], width: int, height: int, quality: int) -> bytes:
        """Return the pixels, synthesised at once."""
        rows, columns = ceil_div(height, 64), ceil_div(width, 64)
        z_all = np.zeros((self.bundle.hyper, rows, columns), np.int8)
        r_all = np.zeros((LATENT, 4 * rows, 4 * columns), np.int16)
        for payload, tile in zip(payloads, tiles(width, height), strict=True):
            sides = ceil_div(tile.height, 16), ceil_div(tile.width, 16)
            z, r = decode_tile(self.bundle, payload, quality, *sides)
            tile.cut(z_all, 64)[...], tile.cut(r_all, 16)[...] = z, r
        level = int(self.bundle.z_level_of_quality[quality])
        gains = inverse_gain(self.bundle, quality), self.bundle.z_inverse_gain[level]
        return self.synthesis.synthesise(z_all, r_all, *gains)[:height, :width].tobytes()


def golden_files() -> dict[str, bytes]:
    """Return the folder's files by name."""
    codec = Codec()
    files = dict(codec.files)
    for name, (width, height, quality) in CASES.items():
        stream = codec.encode(picture(width, height), quality)
        payloads = [
            stream[chunk.offset : chunk.offset + chunk.length] for chunk in parse(stream)[1]
        ]
        files[f"{name}.tcs"] = stream
        files[f"{name}.rgb"] = codec.decode(payloads, width, height, quality)
    return files

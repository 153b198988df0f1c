"""Whole pictures there and back by nets of random integers, made of the kernels' parts.

tests/golden/pictures holds them: what tcs_encode and tcs_decode make of the same pixels and bytes
must equal them (kernels/tests/test_pictures.c, tests/cpp/test_plain.py).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from kernels.reference_net import analysis_form, synthesis_form
from numpy.typing import NDArray

from tcsdk._kernels import Bundle, Header, Net, decode_tile, encode_tile, inverse_gain, parse, write

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "golden" / "pictures"
BUNDLE = ROOT / "golden" / "v0" / "lanes_1" / "bundle.tcsb"
LATENT = 8  # the bundle's
# Width, height, quality: one tile, and two of which the second is narrow.
CASES = {"one_tile": (100, 70, 60), "two_tiles": (530, 40, 45)}
TILE, TILE_CHUNK = 512, 0x01


def picture(width: int, height: int) -> NDArray[np.uint8]:
    """What the C program draws, (height, width, 3)."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return ((x * 3 + y * 5 + c * 40 + x * y % 7 * 9) % 256).astype(np.uint8)


def ceil_div(value: int, unit: int) -> int:
    """Return the least number of units that hold the value."""
    return -(-value // unit)


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
        """Return the stream of a picture no higher than a tile."""
        height, width = pixels.shape[:2]
        around = ((0, -height % 64), (0, -width % 64), (0, 0))
        level = int(self.bundle.z_level_of_quality[quality])
        gains = self.bundle.z_gain[level], self.bundle.z_inverse_gain[level]
        z_hat, d, _ = self.analysis.analyse(np.pad(pixels, around, "edge"), *gains)
        chunks = []
        for left in range(0, width, TILE):
            y = (
                slice(0, ceil_div(height, 16)),
                slice(left // 16, ceil_div(min(left + TILE, width), 16)),
            )
            z = (
                slice(0, ceil_div(height, 64)),
                slice(left // 64, ceil_div(min(left + TILE, width), 64)),
            )
            parts = (np.ascontiguousarray(a[:, s[0], s[1]]) for a, s in ((z_hat, z), (d, y)))
            chunks.append((TILE_CHUNK, encode_tile(self.bundle, *parts, quality)))
        ids = {"wire_id": self.bundle.wire_id, "bundle_hash": self.bundle.short_hash}
        return write(Header(width=width, height=height, quality=quality, **ids), chunks)

    def decode(self, payloads: list[bytes], width: int, height: int, quality: int) -> bytes:
        """Return the pixels."""
        rows, columns = ceil_div(height, 64), ceil_div(width, 64)
        z_all = np.zeros((self.bundle.hyper, rows, columns), np.int8)
        r_all = np.zeros((LATENT, 4 * rows, 4 * columns), np.int16)
        for n, payload in enumerate(payloads):
            wide = ceil_div(min(TILE, width - n * TILE), 16)
            z, r = decode_tile(self.bundle, payload, quality, ceil_div(height, 16), wide)
            z_all[:, : z.shape[1], n * 8 : n * 8 + z.shape[2]] = z
            r_all[:, : r.shape[1], n * 32 : n * 32 + r.shape[2]] = r
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

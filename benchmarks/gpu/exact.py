"""Whether streams of a GPU decode on a CPU to the z_hat and r that were meant."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.gpu.codec import Pixels, WholeCodec
from benchmarks.rate_accuracy.measures import psnr
from benchmarks.rate_accuracy.rows import replace_file
from tcsdk.model.graphs import Size

QUALITY = 32
LEAST_PSNR = 42.0  # between the pictures of two precisions (docs/reference/determinism.md)
KEPT_STREAMS = 20


def picture(index: int, size: Size) -> Pixels:
    """A picture of its own for each index, (height, width, 3): waves, and digits to read."""
    rng = np.random.default_rng((0x6B0, index))
    y, x = np.mgrid[0 : size.height, 0 : size.width].astype(np.float32)
    waves = [np.sin(x / a + y / b) for a, b in rng.uniform(9, 90, (3, 2))]
    image = Image.fromarray((128 + 60 * np.stack(waves, 2)).astype(np.uint8))
    draw, height = ImageDraw.Draw(image), max(12, size.height // 10)
    font = ImageFont.load_default(height)
    for line in range(0, size.height - height, 2 * height):
        digits = " ".join(map(str, rng.integers(0, 100000, max(1, size.width // (4 * height)))))
        draw.text((height // 2, line), digits, tuple(rng.integers(0, 256, 3).tolist()), font)
    return np.asarray(image)


@dataclass(frozen=True)
class Exactness:
    """What came of decoding streams of the device on the CPU.

    Attributes:
        pictures: How many.
        differing: Of them, those whose z_hat or r differ.
        least_psnr: Between the device's picture and the CPU's, dB.
    """

    pictures: int
    differing: int
    least_psnr: float

    @property
    def ok(self) -> bool:
        """Whether the promise of docs/reference/determinism.md held."""
        return self.differing == 0 and self.least_psnr >= LEAST_PSNR


def check_exactness(
    codec: WholeCodec, cpu: WholeCodec, count: int, size: Size, folder: Path
) -> Exactness:
    """Encode on the device, decode on the CPU's INT8, and compare z_hat, r and pictures.

    What the encoder meant is z_hat as its graph gave it, and r as its own kernel reads it back.
    """
    differing, least, digests = 0, float("inf"), {}
    for index in range(count):
        pixels = picture(index, size)
        _, meant = codec.analyse(pixels, QUALITY)
        data = codec.encode(pixels, QUALITY)
        sent, came = codec.unpack(data)[2], cpu.unpack(data)[2]
        same = all(
            np.array_equal(meant[i].z_hat, came[i].z_hat)
            and np.array_equal(sent[i].z_hat, came[i].z_hat)
            and np.array_equal(sent[i].r, came[i].r)
            for i in sent
        )
        differing += not same
        least = min(least, psnr(codec.decode(data), cpu.decode(data)))
        if index < KEPT_STREAMS:
            (folder / f"{index:04}.tcs").write_bytes(data)
            digests[f"{index:04}.tcs"] = latent_digest(codec, data)
    replace_file(folder / "digests.json", json.dumps(digests, indent=1) + "\n")
    return Exactness(count, differing, least)


def latent_digest(codec: WholeCodec, data: bytes) -> str:
    """SHA-256 of z_hat and r of all tiles of a stream."""
    digest = hashlib.sha256()
    for tile in codec.unpack(data)[2].values():
        digest.update(tile.z_hat.tobytes() + tile.r.astype("<i2").tobytes())
    return digest.hexdigest()


def check_streams(folder: Path, cpu: WholeCodec) -> int:
    """Decode another machine's streams here; returns how many have other latents."""
    digests = json.loads((folder / "digests.json").read_text(encoding="utf-8"))
    wrong = [
        name
        for name, digest in digests.items()
        if latent_digest(cpu, (folder / name).read_bytes()) != digest
    ]
    print(f"{len(digests)} streams, {len(wrong)} with other z_hat or r {wrong or ''}")
    return len(wrong)

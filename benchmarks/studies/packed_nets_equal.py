"""Streams and pixels of the integer engine, picture by picture, under each variant of this machine.

    python -m benchmarks.studies.packed_nets_equal [--pictures 1000] [--variants generic avx2 vnni]

Windows of the set `rendered`, of 33 to 255 pixels a side at drawn places and qualities, are coded
and decoded by `tfic-packed` in a process per variant (`TCSDK_SIMD`); digests of streams and pixels
have to be the same. Ends with 1 where one is not. docs/reference/net.md has what came out.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

import tcsdk
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from tcsdk._kernels import simd

SOURCES = 40  # pictures that windows are cut from
SIDES = (33, 256)
SEED = 26


def windows(count: int, folders: Folders) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Yield so many pictures, (H, W, 3), each with a quality."""
    rng = np.random.default_rng(SEED)
    sources = [
        picture.image for picture in islice(SETS["rendered"].make(SOURCES, folders), SOURCES)
    ]
    for number in range(count):
        image = sources[number % SOURCES]
        height, width = (min(int(rng.integers(*SIDES)), side) for side in image.shape[:2])
        top = rng.integers(image.shape[0] - height + 1)
        left = rng.integers(image.shape[1] - width + 1)
        yield image[top : top + height, left : left + width], int(rng.integers(64))


def digests(count: int, folders: Folders) -> Iterator[str]:
    """Yield a digest of each picture's stream and of what it shows."""
    encoder = tcsdk.Encoder("tfic", device="libtcs", threads=1)
    decoder = tcsdk.Decoder("libtcs", threads=1)
    for picture, quality in windows(count, folders):
        data = encoder.encode(picture, quality=quality, scale=1.0)
        shown = np.ascontiguousarray(decoder.decode(data))
        yield hashlib.sha256(data + shown.tobytes()).hexdigest()[:16]


def of_variant(variant: str, arguments: Sequence[str]) -> list[str]:
    """Return the digests that a process of a variant prints.

    Raises:
        RuntimeError: the processor lacks the variant.
    """
    command = [sys.executable, "-m", "benchmarks.studies.packed_nets_equal", "--child", *arguments]
    environment = {**os.environ, "TCSDK_SIMD": variant}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    name, *said = ran.stdout.split()
    if name != variant:
        raise RuntimeError(f"expected the variant {variant!r}, got {name!r}: it is not to be had")
    return said


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and compare; 0 where all are equal."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--variants", nargs="+", default=["generic", "avx2", "vnni"])
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    add_folder_options(parser)
    args = parser.parse_args(given)
    if args.child:
        print(simd(), *digests(args.pictures, Folders.from_options(args)), sep="\n")
        return 0
    first, *others = (of_variant(variant, given) for variant in args.variants)
    unlike = [n for n, each in enumerate(zip(first, *others, strict=True)) if len(set(each)) > 1]
    print(f"{len(first)} pictures, {', '.join(args.variants)}: {len(unlike)} differ {unlike[:10]}")
    return int(bool(unlike))


if __name__ == "__main__":
    sys.exit(main())

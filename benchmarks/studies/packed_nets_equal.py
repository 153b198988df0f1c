"""Streams and pixels of the integer engine, picture by picture, under each variant of this machine.

    python -m benchmarks.studies.packed_nets_equal [--pictures 1000] [--variants generic avx2 vnni]
    python -m benchmarks.studies.packed_nets_equal --pictures 50 --variants generic neon --program \
        "qemu-aarch64 -L /usr/aarch64-linux-gnu build/aarch64/kernels/tests/code_pictures"

Windows of the set `rendered`, of 33 to 255 pixels a side at drawn places and qualities, are coded
and decoded by `tfic-packed` in a process per variant (`TCSDK_SIMD`); digests of streams and pixels
have to be the same. With a program (kernels/tests/code_pictures.c: `make test-arm` builds it) every
variant but the first is that program's, and streams have no quality map. Ends with 1 where one is
not the same. docs/reference/net.md has what came out.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

import tcsdk
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from tcsdk._kernels import simd

SOURCES = 40  # pictures that windows are cut from
SIDES = (33, 256)
SEED = 26
MODEL = Path(__file__).parents[2] / "zoo" / "tfic"


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


def digests(count: int, folders: Folders, adaptive: bool) -> Iterator[str]:
    """Yield a digest of each picture's stream and of what it shows."""
    encoder = tcsdk.Encoder("tfic", device="libtcs", threads=1)
    decoder = tcsdk.Decoder("libtcs", threads=1)
    for picture, quality in windows(count, folders):
        data = encoder.encode(picture, quality=quality, scale=1.0, adaptive=adaptive)
        shown = np.ascontiguousarray(decoder.decode(data))
        yield digest(data + shown.tobytes())


def digest(data: bytes) -> str:
    """Return what stands for a stream and its pixels."""
    return hashlib.sha256(data).hexdigest()[:16]


def of_program(program: str, variant: str, count: int, folders: Folders) -> list[str]:
    """Return the digests of what a program makes of the pictures.

    Raises:
        RuntimeError: it runs another variant.
    """
    with TemporaryDirectory() as folder:
        files = []
        for number, (picture, quality) in enumerate(windows(count, folders)):
            height, width = picture.shape[:2]
            files.append(Path(folder) / f"{number}.bin")
            files[-1].write_bytes(struct.pack("=iii", width, height, quality) + picture.tobytes())
        ran = subprocess.run(
            [*shlex.split(program), str(MODEL), *map(str, files)],
            env={**os.environ, "TCSDK_SIMD": variant},
            capture_output=True,
            text=True,
            check=True,
        )
        if ran.stdout.strip() != variant:
            raise RuntimeError(f"expected the variant {variant!r}, got {ran.stdout.strip()!r}")
        return [digest(file.with_suffix(".bin.out").read_bytes()) for file in files]


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
    parser.add_argument("--program")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    add_folder_options(parser)
    args = parser.parse_args(given)
    folders = Folders.from_options(args)
    if args.child:
        print(simd(), *digests(args.pictures, folders, args.program is None), sep="\n")
        return 0
    names = args.variants
    first, *others = (
        of_program(args.program, name, args.pictures, folders)
        if args.program and name != names[0]
        else of_variant(name, given)
        for name in names
    )
    unlike = [n for n, each in enumerate(zip(first, *others, strict=True)) if len(set(each)) > 1]
    print(f"{len(first)} pictures, {', '.join(names)}: {len(unlike)} differ {unlike[:10]}")
    return int(bool(unlike))


if __name__ == "__main__":
    sys.exit(main())

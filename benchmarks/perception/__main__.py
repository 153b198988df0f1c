"""`python -m benchmarks.perception`: how pictures look after coding, told captions or none.

    python -m benchmarks.perception --told zoo/taco --joint runs/joint

A row of perception.csv is a codec's point on a set: bytes of whole files, PSNR, MS-SSIM,
SSIMULACRA2, CVVDP, and of EfficientNet-Lite0's features the distance of each picture, and over
patches of 64x64 pixels of all pictures the Frechet distance and the maximum mean discrepancy;
further, how near the joint map of pictures and captions (`python -m tcsdk.train.joint`) finds what
was decoded to its own caption and to the next picture's. "original" is no codec. What is not
installed leaves its cells empty. A row that has all that can be measured is not measured again
while its codec and pictures are the same.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from benchmarks.codecs.point import MissingToolError
from benchmarks.paths import RESULTS
from benchmarks.perception.peers import PEERS, Measure
from benchmarks.perception.points import ToldPoint, plain_points, told_points
from benchmarks.perception.rows import FILE, NAMED_BY, ORIGINAL, PARTS
from benchmarks.perception.scores import MEASURES, Scores
from benchmarks.record import record
from benchmarks.sets.captioned import CAPTIONED_SETS, Told
from benchmarks.sets.folders import Folders, add_folder_options

WHOLE = 34  # pictures of the captioned sets
CODECS = ("tfic-fp32", "base-fp32", "avif", "webp")


def pictures_of(name: str, count: int, folders: Folders) -> list[Told]:
    """Return the pictures of a part of a captioned set, at most so many."""
    source, prefix = PARTS[name]
    pictures = CAPTIONED_SETS[source](WHOLE, folders)
    return [picture for picture in pictures if picture.name.startswith(prefix)][:count]


def all_points(told: Path, codecs: Sequence[str]) -> Iterator[ToldPoint]:
    """Yield the picture itself, a captioned encoder's points, and other codecs'."""
    yield from plain_points(ORIGINAL)
    yield from told_points(told)
    for name in codecs:
        yield from plain_points(name)


def installed() -> dict[str, Measure]:
    """Return the measures of others that are installed; say which are not."""
    found = {}
    for name, make in PEERS.items():
        try:
            found[name] = make()
        except MissingToolError as missing:
            print(f"not measured: {missing}")
    return found


def measure(point: ToldPoint, pictures: Sequence[Told], scores: Scores) -> dict[str, str]:
    """Code a set at one point; returns the numbers of its row."""
    files = [point.encode(picture) for picture in pictures]
    sizes = np.array([len(data) for data in files], np.float64)
    areas = np.array([p.pixels.shape[0] * p.pixels.shape[1] for p in pictures])
    found = scores.of([point.decode(data) for data in files])
    numbers = {"bytes": sizes.mean(), "bpp": (8 * sizes / areas).mean()}
    cells = {name: f"{value:.4f}" for name, value in numbers.items()}
    return cells | {name: f"{found[name]:.5f}" if name in found else "" for name in MEASURES}


def perceive(
    name: str, pictures: Sequence[Told], points: Sequence[ToldPoint], scores: Scores, file: Path
) -> None:
    """Measure each point of a set that is not recorded, and record it."""
    digest = hashlib.sha256(b"".join(p.pixels.tobytes() for p in pictures)).hexdigest()[:16]
    known = []
    if file.is_file():
        with file.open(newline="") as opened:
            known = list(csv.DictReader(opened))
    for point in points:
        head = {
            "set": name,
            "pictures": str(len(pictures)),
            "digest": digest,
            "codec": point.codec,
            "version": point.version,
            "setting": point.setting,
        }
        if any(
            head.items() <= row.items() and all(row[wanted] for wanted in scores.names)
            for row in known
        ):
            continue
        row = head | measure(point, pictures, scores)
        record(file, [row], NAMED_BY)
        print(" ".join(row.values()), flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.perception", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--told", type=Path, default=Path("zoo/taco"), help="captioned encoder")
    parser.add_argument("--codecs", nargs="*", default=list(CODECS), help="beside it")
    parser.add_argument("--joint", type=Path, help="weights of the joint map")
    parser.add_argument("--sets", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--count", type=int, default=WHOLE, help="pictures of a set at most")
    parser.add_argument("--threads", type=int, help="torch's threads (default: torch's own)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the table")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    if args.threads:
        torch.set_num_threads(args.threads)
    peers, points = installed(), list(all_points(args.told, args.codecs))
    for name in args.sets:
        pictures = pictures_of(name, args.count, Folders.from_options(args))
        scores = Scores(pictures, peers, args.joint)
        perceive(name, pictures, points, scores, args.results / FILE)


if __name__ == "__main__":
    main()

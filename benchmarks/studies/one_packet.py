"""What is read of a picture in one small packet, beside other formats in as many bytes.

    python -m benchmarks.studies.one_packet [--sets rendered labels] [--pictures 40] [--refine 60]

156 bytes are a packet of MeshCore, 230 one of Meshtastic. Ours is a small stream at the scale that
the encoder chooses. The others have no such choice: of seven scales each takes the one of which
PP-OCRv6 reads most, which flatters them. A picture without a file so small counts as nothing read.
Rows go to benchmarks/results/one_packet.csv; docs/studies/one-packet.md has them.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

import tcsdk
from benchmarks.codecs import Pixels
from benchmarks.codecs.within import Within, greys_within, pillow_within
from benchmarks.paths import RESULTS
from benchmarks.rate_accuracy.known_lines import known_accuracies
from benchmarks.readers import READERS
from benchmarks.record import record
from benchmarks.sets import SETS, Folders, Picture
from benchmarks.sets.folders import add_folder_options
from tcsdk.errors import TargetTooSmallError

BUDGETS = (156, 230)
SCALES = (1.0, 0.5, 0.375, 0.25, 0.1875, 0.125, 0.0625)
CHOOSES = "ppocr"  # by which the others' scale is chosen
PEERS = {
    "avif": pillow_within("AVIF", speed=4, codec="aom"),
    "webp": pillow_within("WEBP", method=6),
    "64 greys": greys_within(64),
}
Row = dict[str, str]


@dataclass(frozen=True)
class Shown:
    """A picture's file, and what is read of it.

    Attributes:
        size: Bytes.
        accuracies: By reader, means over the picture's known lines.
    """

    size: int
    accuracies: dict[str, float]


def accuracy(picture: Picture, shown: Pixels, reader: str) -> float:
    """Mean accuracy of the known lines."""
    return float(np.mean(known_accuracies(READERS[reader](), picture.lines, shown)))


def ours(
    encoder: tcsdk.Encoder, picture: Picture, most: int, readers: Sequence[str]
) -> Shown | None:
    """The finest small stream that fits; None where there is none."""
    try:
        data = encoder.encode(picture.image, max_bytes=most, small=True)
    except TargetTooSmallError:
        return None
    shown = tcsdk.decode(data)
    return Shown(len(data), {name: accuracy(picture, shown, name) for name in readers})


def peers(codec: Within, picture: Picture, most: int, readers: Sequence[str]) -> Shown | None:
    """The file of the best scale that fits; None where there is none."""
    best: tuple[float, bytes, Pixels] | None = None
    for scale in SCALES:
        data = codec.encode(picture.image, most, scale)
        if data is None:
            continue
        shown = codec.decode(data, picture.image)
        read = accuracy(picture, shown, CHOOSES)
        if best is None or read > best[0]:
            best = (read, data, shown)
    if best is None:
        return None
    _, data, shown = best
    return Shown(len(data), {name: accuracy(picture, shown, name) for name in readers})


def row(name: str, most: int, codec: str, found: Sequence[Shown | None]) -> Row:
    """One codec's row; `found` has None for pictures without a file."""
    files = [shown for shown in found if shown is not None]
    read = {
        reader: f"{sum(shown.accuracies[reader] for shown in files) / len(found):.3f}"
        for reader in (files[0].accuracies if files else ())
    }
    return {
        "set": name,
        "pictures": str(len(found)),
        "most": str(most),
        "codec": codec,
        "files": str(len(files)),
        "bytes": f"{np.mean([shown.size for shown in files]):.0f}" if files else "",
        **{reader: read.get(reader, "0.000") for reader in READERS},
    }


def rows(model: str, steps: int, name: str, count: int, folders: Folders) -> Iterator[Row]:
    """Rows of a set: each number of bytes, each codec; ours alone where it is refined."""
    encoder, readers = tcsdk.Encoder(model, refine=steps), list(READERS)
    ours_is, others = (f"{model}+{steps}", {}) if steps else (model, PEERS)
    found: dict[tuple[int, str], list[Shown | None]] = defaultdict(list)
    for picture in SETS[name].make(count, folders):
        for most in BUDGETS:
            found[most, ours_is].append(ours(encoder, picture, most, readers))
            for peer, codec in others.items():
                found[most, peer].append(peers(codec, picture, most, readers))
    for (most, codec), shown in sorted(found.items()):
        yield row(name, most, codec, shown)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="tfic", help="id or folder of one of ours")
    parser.add_argument("--sets", nargs="+", default=["rendered", "labels"], choices=SETS)
    parser.add_argument("--pictures", type=int, default=40)
    parser.add_argument("--refine", type=int, default=0, metavar="STEPS", help="refine ours alone")
    add_folder_options(parser)
    args = parser.parse_args()
    folders = Folders.from_options(args)
    for name in args.sets:
        made = list(rows(args.model, args.refine, name, args.pictures, folders))
        for line in made:
            print(line, flush=True)
        record(RESULTS / "one_packet.csv", made, ("set", "most", "codec"))


if __name__ == "__main__":
    main()

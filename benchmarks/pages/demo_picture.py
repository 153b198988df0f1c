"""Choose the demo's picture: the median of the rendered set by AVIF's bytes over tcsdk's.

    python -m benchmarks.pages.demo_picture --output examples/pictures/typical.png

Each picture goes through examples/demo.py's comparison: the smallest files of tfic and of AVIF that
keep 95 % of the text. A picture that neither keeps so well does not count. Pictures on a photograph
count, but cannot be chosen, because the repository distributes no photograph: of the others the one
nearest to the median of all is taken.
"""

from __future__ import annotations

import argparse
import runpy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

import tcsdk
from benchmarks.paths import ROOT
from benchmarks.sets import Folders, Picture
from benchmarks.sets.folders import add_folder_options
from benchmarks.sets.rendered import SPARSE, held_out, rendered

DEMO = SimpleNamespace(**runpy.run_path(str(ROOT / "examples" / "demo.py")))
COUNT, SEED = 40, 777  # as docs/results/rendered.md
WANTED = 0.95


@dataclass(frozen=True)
class Compared:
    """One picture of the set.

    Attributes:
        picture: The picture.
        free: Whether it shows no photograph.
        ours, theirs: Bytes of the smallest files of tfic and of AVIF; inf where none reads so well.
    """

    picture: Picture
    free: bool
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """How many times tcsdk's bytes AVIF takes."""
        return self.theirs / self.ours


def pictures(folders: Folders) -> Iterator[tuple[Picture, bool]]:
    """The set's pictures, and whether each shows no photograph.

    A picture without one is the same if all photographs are black.
    """
    assets = held_out(folders.photos)
    black = replace(assets, photos=tuple(map(np.zeros_like, assets.photos)))
    usual, dark = (
        rendered("rendered", SEED, SPARSE, lambda _, a=each: a)(COUNT, folders)
        for each in (assets, black)
    )
    for one, other in zip(usual, dark, strict=True):
        yield one, np.array_equal(one.image, other.image)


def compared(encoder: tcsdk.Encoder, picture: Picture, free: bool) -> Compared:
    """A picture through the demo's comparison."""
    pixels = picture.image
    truth = DEMO.text_of(pixels)
    coders = {
        63: DEMO.coder_of_tcsdk(pixels, encoder, tcsdk.Decoder()),
        DEMO.HIGHEST: DEMO.peers(pixels)["AVIF"],
    }
    found = [DEMO.smallest(code, highest, truth, WANTED) for highest, code in coders.items()]
    ours, theirs = (len(each.data) if each else np.inf for each in found)
    return Compared(picture, free, ours, theirs)


def nearest_to_median(rows: list[Compared]) -> Compared:
    """The free picture whose ratio is nearest to the median of all, measured in factors."""
    median = float(np.median([row.ratio for row in rows]))
    choice = [row for row in rows if row.free and 0 < row.ratio < np.inf]
    return min(choice, key=lambda row: abs(np.log(row.ratio / median)))


def main() -> None:
    """Compare the pictures and write the chosen one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--count", type=int, default=COUNT, help="stop after so many pictures")
    add_folder_options(parser)
    args = parser.parse_args()
    encoder, rows = tcsdk.Encoder("tfic-int8"), []
    for picture, free in islice(pictures(Folders.from_options(args)), args.count):
        row = compared(encoder, picture, free)
        if min(row.ours, row.theirs) < np.inf:
            rows.append(row)
        sizes = f"{row.ours} bytes, AVIF {row.theirs}, {row.ratio:.2f}x"
        print(f"{picture.name} {sizes}{' free' * free}", flush=True)
    chosen = nearest_to_median(rows)
    median = float(np.median([row.ratio for row in rows]))
    print(f"median of {len(rows)}: {median:.2f}x")
    print(f"chosen {chosen.picture.name}, {chosen.ratio:.2f}x")
    Image.fromarray(chosen.picture.image).save(args.output, optimize=True)


if __name__ == "__main__":
    main()

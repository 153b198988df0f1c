"""How well readers read the pairs that super-resolution learns from, bin by bin.

    python -m benchmarks.studies.text_pairs [--count 200] [--readers ppocr]

Prints a row for each bin, and one for each of some blurs: whole words right, letters and digits
alone and without case, of the small crop enlarged by a bicubic filter and of the large one.
docs/studies/text-pairs.md has the results.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence

import numpy as np
from PIL import Image

from benchmarks.readers import READERS
from tcsdk.reading.text import alphanumerics
from tcsdk.train.render import Assets
from tcsdk.train.render.shots import draw_shot, shoot
from tcsdk.train.super_resolution.pairs import BINS, HIGH, LOW, SHARP, word_scene

# Bounds of the small crop's blur, by name.
BLURS = {**BINS, **{str(blur): (blur, blur) for blur in (0.4, 0.8, 1.2, 1.6, 2.0)}}


def for_reader(crop: np.ndarray) -> Image.Image:
    """Enlarge a crop to the height that PP-OCRv6 takes; the width stays stretched."""
    height, width = 48, round(48 * crop.shape[1] / crop.shape[0])
    return Image.fromarray(crop).resize((width, height), Image.Resampling.BICUBIC)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row per blur."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--readers", nargs="+", default=["ppocr"], choices=list(READERS))
    args = parser.parse_args(arguments)
    assets = Assets.load("test")
    scenes = [word_scene(assets, np.random.default_rng((1, index))) for index in range(args.count)]
    print("| reader | blur | words right of the small crop | of the large one |")
    print("|---|---|---|---|")
    for reader in args.readers:
        for name, blur in BLURS.items():
            right = [0, 0]
            for index, (scene, text) in enumerate(scenes):
                dice, rng = random.Random(index), np.random.default_rng((2, index))
                low = shoot(scene, draw_shot(dice, LOW, blur, sharp=False), rng)
                high = shoot(scene, draw_shot(dice, HIGH, SHARP, sharp=True), rng)
                read = READERS[reader]().read_lines([for_reader(low), for_reader(high)])
                wanted = alphanumerics(text, caseless=True)
                for side, reading in enumerate(read):
                    right[side] += alphanumerics(reading.text, caseless=True) == wanted
            low_share, high_share = (100 * count / len(scenes) for count in right)
            print(f"| {reader} | {name} | {low_share:.1f} % | {high_share:.1f} % |", flush=True)


if __name__ == "__main__":
    main()

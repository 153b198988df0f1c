"""Rendered pictures: fonts, words and photographs that training never saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.sets.damage import damage
from benchmarks.sets.folders import Folders
from benchmarks.sets.picture import KnownLine, Picture
from benchmarks.sets.places import mask_of
from tcsdk.train.render import Assets, Sample, render
from tcsdk.train.render.layout import (
    Layout,
    form,
    paragraph,
    receipt,
    scattered,
    signs,
    single_code,
    small_print,
)

SIZE = (256, 512)
Maker = Callable[[int, Folders], Iterator[Picture]]
# TFIC's test: lines, labels and single codes.
SPARSE: dict[Layout, float] = {scattered: 0.5, signs: 0.2, single_code: 0.3}
DENSE: dict[Layout, float] = {paragraph: 0.3, receipt: 0.25, form: 0.25, small_print: 0.2}


@cache
def held_out(photos: Path | None) -> Assets:
    """Fonts, words and photographs of the test split."""
    return Assets.load("test", photos)


def to_picture(name: str, sample: Sample) -> Picture:
    """A sample as a test picture; text cut off by the border becomes unlisted."""
    lines = tuple(KnownLine(line.text, line.quad) for line in sample.lines)
    height, width = sample.text_height.shape
    listed = mask_of([line.quad for line in lines], (height, width))
    return Picture(name, sample.image, lines, (sample.text_height > 0) & ~listed)


def rendered(
    name: str,
    seed: int,
    layouts: Mapping[Layout, float],
    assets_in: Callable[[Folders], Assets] = lambda folders: held_out(folders.photos),
    size: tuple[int, int] = SIZE,
    most_lines: int | None = None,
) -> Maker:
    """A set of rendered pictures with at least one whole line each, and at most so many.

    Args:
        name: Before the numbers of its pictures.
        seed: Of the set.
        layouts: How text is arranged, and how often.
        assets_in: Fonts, words and photographs, from the folders.
        size: (height, width) of a picture.
        most_lines: In a picture; None for any number.
    """

    def make(count: int, folders: Folders) -> Iterator[Picture]:
        assets = assets_in(folders)
        made, index = 0, 0
        while made < count:
            sample = render(assets, np.random.default_rng((seed, index)), size, layouts)
            if 0 < len(sample.lines) <= (most_lines or len(sample.lines)):
                made += 1
                yield to_picture(f"{name}-{index:04}", sample)
            index += 1

    return make


def damaged(name: str, seed: int, layouts: Mapping[Layout, float]) -> Maker:
    """The same, then spoilt until readers make mistakes."""

    def make(count: int, folders: Folders) -> Iterator[Picture]:
        whole = rendered(name, seed, layouts)(count, folders)
        for index, picture in enumerate(whole):
            rng = np.random.default_rng((seed, index, 1))
            kind, image = damage(index, picture.image, rng)
            label = f"{picture.name}-{kind}"
            yield Picture(label, image, picture.lines, picture.unlisted)

    return make

"""Rendered pictures whose lines all have one height: from 10 to 224 pixels, and large pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.sets.folders import Folders
from benchmarks.sets.picture import Picture
from benchmarks.sets.rendered import held_out, to_picture
from tcsdk.train.render import Assets, Sample, render
from tcsdk.train.render.blocks import Block, fit_text, pick_pen
from tcsdk.train.render.layout import Layout, Page, Placed, anywhere
from tcsdk.train.render.text import code, number, plate, word

SEED = 5
HEIGHTS = (10, 14, 20, 28, 40, 56, 80, 112, 160, 224)  # of quads, pixels
SMALL, WIDE = (512, 768), (768, 1152)  # of pictures with lines up to 64 pixels, and above
QUAD = 1.2  # of a line's quad over its letters
LINES = 3
# Of large pictures: height and width, and the part of the height that a line takes.
LARGE = (
    ((480, 640), 0.16), ((720, 1280), 0.05), ((1080, 1920), 0.1), ((1536, 2048), 0.03),
    ((2000, 3000), 0.06), ((3000, 4000), 0.02), ((3000, 4000), 0.08), ((4000, 6000), 0.04),
)  # fmt: skip


def lines_of(height: float) -> Layout:
    """Return a layout of some lines of a height in pixels."""

    def lay_out(page: Page) -> list[Placed]:
        dice, placed = page.dice, []
        for _ in range(LINES):
            pen = pick_pen(dice, page.assets, height / QUAD)
            room = dice.uniform(0.4, 0.9) * page.width
            text, width = fit_text(dice, page.assets, pen, room, (word, number, code, plate))
            if text:
                block = Block(width, pen.height)
                block.runs.append(pen.run(text, 0, pen.ascent))
                placed.append(anywhere(page, block, dice.gauss(0, 1.5), 0.0))
        return placed

    return lay_out


def first_with_lines(
    assets: Assets, seed: tuple[int, ...], size: tuple[int, int], height: float
) -> Sample:
    """Return the first picture of a size that has a whole line of a height."""
    for attempt in range(100):
        rng = np.random.default_rng((*seed, attempt))
        sample = render(assets, rng, size, {lines_of(height): 1.0})
        if sample.lines:
            return sample
    raise ValueError(f"expected a line of {height} pixels to fit into {size}")


def of_one_height(count: int, folders: Folders) -> Iterator[Picture]:
    """Yield pictures of each height in turn."""
    assets = held_out(folders.photos)
    for index in range(count):
        height = HEIGHTS[index % len(HEIGHTS)]
        size = SMALL if height <= 64 else WIDE
        sample = first_with_lines(assets, (SEED, index), size, height)
        yield to_picture(f"height{height}-{index:04}", sample)


def large(count: int, folders: Folders) -> Iterator[Picture]:
    """Yield pictures of 0.3 to 24 megapixels in turn."""
    assets = held_out(folders.photos)
    for index in range(count):
        size, part = LARGE[index % len(LARGE)]
        sample = first_with_lines(assets, (SEED + 1, index), size, part * size[0])
        yield to_picture(f"large{size[1]}x{size[0]}-{index:04}", sample)

"""Rendered scenes of small text: letters that a codec of a few hundred bytes loses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.sets.folders import Folders
from benchmarks.sets.picture import Picture
from benchmarks.sets.rendered import held_out, to_picture
from tcsdk.train.render import render
from tcsdk.train.render.blocks import Block, fit_text, pick_pen
from tcsdk.train.render.layout import Layout, Page, Placed, anywhere
from tcsdk.train.render.text import data, wording

SEED = 782
SIZE = (512, 768)
LINES = (6, 12)  # that are tried in a picture; those that overlap are left out
HEIGHTS = (9.0, 20.0)  # pixels from the top of "H" to the bottom of "g"


def small_text(page: Page) -> list[Placed]:
    """Strew short lines of small letters, some on plates of their own."""
    dice, placed = page.dice, []
    for _ in range(dice.randint(*LINES)):
        pen = pick_pen(dice, page.assets, dice.uniform(*HEIGHTS))
        room = dice.uniform(0.08, 0.4) * page.width
        text, width = fit_text(dice, page.assets, pen, room, (wording, data))
        if text:
            block = Block(width, pen.height)
            block.runs.append(pen.run(text, 0, pen.ascent))
            if dice.random() < 0.4:
                block.add_plate(dice.uniform(0.2, 0.6) * pen.height, 0)
            placed.append(anywhere(page, block, dice.gauss(0, 3)))
    return placed


LAYOUTS: dict[Layout, float] = {small_text: 1.0}


def small_pictures(count: int, folders: Folders) -> Iterator[Picture]:
    """Yield the first so many pictures that have a whole line."""
    assets, made, index = held_out(folders.photos), 0, 0
    while made < count:
        sample = render(assets, np.random.default_rng((SEED, index)), SIZE, LAYOUTS)
        if sample.lines:
            made += 1
            yield to_picture(f"small-{index:04}", sample)
        index += 1

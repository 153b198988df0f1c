"""Rendered pictures of some thirty lines each, for what is said of lines by the thousand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.sets.folders import Folders
from benchmarks.sets.picture import Picture
from benchmarks.sets.rendered import held_out, to_picture
from tcsdk.train.recognition.figures import PLAIN
from tcsdk.train.render import render
from tcsdk.train.render.blocks import Block, fit_text, line_height, pick_pen
from tcsdk.train.render.hard import display
from tcsdk.train.render.layout import Layout, Page, Placed, anywhere
from tcsdk.train.render.text import data, wording

SEED = 781
SIZE = (512, 768)
LINES = (24, 48)  # that are tried in a picture; those that overlap are left out
CODES = 0.6  # share of lines of figures and codes


def crowded(page: Page) -> list[Placed]:
    """Strew many short lines, most of them figures and codes, and now and then a display."""
    dice = page.dice
    placed = display(page) if dice.random() < 0.3 else []
    for _ in range(dice.randint(*LINES)):
        pen = pick_pen(dice, page.assets, line_height(dice))
        room = dice.uniform(0.08, 0.45) * page.width
        makers = PLAIN if dice.random() < CODES else (wording, data)
        text, width = fit_text(dice, page.assets, pen, room, makers)
        if text:
            block = Block(width, pen.height)
            block.runs.append(pen.run(text, 0, pen.ascent))
            if dice.random() < 0.2:
                block.add_plate(dice.uniform(0.1, 0.5) * pen.height, 0)
            placed.append(anywhere(page, block, dice.gauss(0, 2)))
    return placed


LAYOUTS: dict[Layout, float] = {crowded: 1.0}


def crowded_picture(index: int, folders: Folders) -> Picture:
    """One picture of the set by its number; a few have no line."""
    assets = held_out(folders.photos)
    sample = render(assets, np.random.default_rng((SEED, index)), SIZE, LAYOUTS)
    return to_picture(f"crowded-{index:05}", sample)


def crowded_pictures(count: int, folders: Folders) -> Iterator[Picture]:
    """Yield the first so many pictures."""
    for index in range(count):
        yield crowded_picture(index, folders)

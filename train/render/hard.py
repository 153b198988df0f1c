"""Draw what a codec taught by `LAYOUTS` alone does badly.

Letters of 45 to 200 pixels, pages of small print on clean paper, plates of cars, displays; grounds
of one colour, white and saturated; text that is faint, or that its hue alone tells from its ground.
"""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

from tcsdk.train.render.assets import Assets
from tcsdk.train.render.background import flat, make_background
from tcsdk.train.render.blocks import Block, Pen, fit_text, pick_pen
from tcsdk.train.render.fonts import DISPLAYS, Face
from tcsdk.train.render.ink import pick_faint, pick_hue, pick_ink
from tcsdk.train.render.layout import (
    Layout,
    Page,
    Placed,
    anywhere,
    form,
    paragraph,
    receipt,
    scattered,
    small_print,
)
from tcsdk.train.render.render import Ink, render
from tcsdk.train.render.sample import Sample
from tcsdk.train.render.text import UNITS, code, fill, number, plate, word

LARGE = (45.0, 200.0)  # pixels of a line
FLAT = 0.6  # share of grounds of one colour
READINGS = (
    "0 00 000 0000 00000 000000 00.0 000.0 0000.00 0.00 00:00 00:00:00 -00.0 00.00 E-00 00000000 "
    "00000.000"
).split()


def large_letters(page: Page) -> list[Placed]:
    """Set one or two lines of large letters, which may reach past the border."""
    dice, placed = page.dice, []
    for _ in range(dice.choice((1, 1, 2))):
        height = dice.uniform(LARGE[0], min(LARGE[1], 0.8 * page.height))
        pen = pick_pen(dice, page.assets, height)
        room = dice.uniform(0.6, 1.2) * page.width
        text, width = fit_text(dice, page.assets, pen, room, (word, number, code, plate))
        if text:
            block = Block(width, pen.height)
            block.runs.append(pen.run(text, 0, pen.ascent))
            placed.append(anywhere(page, block, dice.gauss(0, 2)))
    return placed or scattered(page)


def number_plate(page: Page) -> list[Placed]:
    """Set the plate of a car: a code on a framed plate."""
    dice = page.dice
    pen = pick_pen(dice, page.assets, min(dice.uniform(18, 90), 0.6 * page.height))
    text, width = fit_text(dice, page.assets, pen, 0.9 * page.width, (plate,))
    if not text:
        return scattered(page)
    block = Block(width, pen.height)
    block.runs.append(pen.run(text, 0, pen.ascent))
    margin = dice.uniform(0.12, 0.35) * pen.height
    block.add_plate(margin, dice.choice((0.4, 1.0)) * margin)
    inset = 0.6 * margin
    thick = max(1, 0.04 * pen.height)
    block.add_frame(-inset, -inset, width + inset, pen.height + inset, thick)
    return [anywhere(page, block, dice.gauss(0, 3), 0.02)]


def display(page: Page) -> list[Placed]:
    """Show a value on a seven-segment display, mostly on a plate of its own, some with a unit."""
    dice = page.dice
    face = Face(dice.choice(list(DISPLAYS)), "", extent=1.0, x_height=1.0, caps_only=True)
    height = dice.uniform(14, min(120, 0.6 * page.height))
    pen = Pen(face, height, round(dice.uniform(0, 0.1) * height))
    texts = [fill(dice, dice.choice(READINGS)) for _ in range(6)]
    fitting = [text for text in texts if pen.measure(text) <= 0.9 * page.width]
    if not fitting:
        return scattered(page)
    width = pen.measure(fitting[0])
    block = Block(width, height)
    block.runs.append(pen.run(fitting[0], 0, height))
    if dice.random() < 0.7:
        margin = dice.uniform(0.15, 0.5) * height
        block.add_plate(margin, dice.choice((0, 0.4)) * margin)
    placed = [anywhere(page, block, dice.gauss(0, 2), 0.02)]
    if dice.random() < 0.4:
        small = pick_pen(dice, page.assets, max(10.0, 0.35 * height))
        text = dice.choice(UNITS)
        unit = Block(small.measure(text), small.height)
        unit.runs.append(small.run(text, 0, small.ascent))
        placed.append(anywhere(page, unit, 0.0))
    return placed


HARD: dict[Layout, float] = {
    large_letters: 0.26,
    number_plate: 0.10,
    display: 0.12,
    small_print: 0.14,
    form: 0.10,
    receipt: 0.08,
    paragraph: 0.08,
    scattered: 0.12,
}
INKS: dict[Ink, float] = {pick_ink: 0.65, pick_faint: 0.2, pick_hue: 0.15}


def hard_ground(
    assets: Assets, dice: random.Random, rng: np.random.Generator, height: int, width: int
) -> NDArray[np.uint8]:
    """Draw a ground, (height, width, 3) uint8: of one colour in FLAT of all cases, else any."""
    if dice.random() < FLAT:
        return flat(dice, rng, height, width)
    return make_background(assets, dice, rng, height, width)


def render_hard(assets: Assets, rng: np.random.Generator, size: tuple[int, int]) -> Sample:
    """Render one picture of text that is hard to code.

    Args:
        assets: fonts, words and photographs.
        rng: source of chance; the same state and assets give the same sample.
        size: height and width, pixels.

    Returns:
        As `render`.
    """
    shares = np.array(list(INKS.values()))
    ink = list(INKS)[rng.choice(len(INKS), p=shares / shares.sum())]
    return render(assets, rng, size, HARD, hard_ground, ink)

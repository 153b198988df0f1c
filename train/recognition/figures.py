"""Draw lines of figures: values with their units, codes, plates, displays; no word helps there."""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence

from PIL import ImageFont

from tcsdk.models.recognition.reader import CHARACTERS
from tcsdk.train.render.blocks import Block, fit_text, line_height, pick_pen
from tcsdk.train.render.fonts import PROBE_PX
from tcsdk.train.render.hard import display, number_plate
from tcsdk.train.render.layout import Layout, Page, Placed, anywhere, scattered, single_code
from tcsdk.train.render.text import CODES, NUMBERS, Maker, amount, code, date, fill, number, plate

SIGNS = "".join(c for c in CHARACTERS if not c.isascii())
SIGNED_UNITS = ("m³", "m²", "cm²", "cm³", "°C", "°F", "°", "µm", "µS", "µg", "µF", "€", " €", "£")
BEFORE = ("€", "€ ", "£", "±", "± ")


def reading(dice: random.Random, words: Sequence[str]) -> str:
    """Draw a value with a unit or a currency that ASCII lacks."""
    value = fill(dice, dice.choice(NUMBERS))
    if dice.random() < 0.25:
        return dice.choice(BEFORE) + value
    return value + dice.choice(("", " ")) + dice.choice(SIGNED_UNITS)


def mixture(dice: random.Random, words: Sequence[str]) -> str:
    """Draw 2 to 12 figures and capitals, each as likely: codes of no pattern."""
    letters = dice.choice(("0", "0", "0", "Q", "Z"))
    return fill(dice, letters * dice.randint(2, 12))


def two_codes(dice: random.Random, words: Sequence[str]) -> str:
    """Draw a code and a number side by side."""
    return fill(dice, f"{dice.choice(CODES)} {dice.choice(NUMBERS)}")


PLAIN: tuple[Maker, ...] = (number, number, code, plate, amount, date, mixture, mixture, two_codes)
SIGNED: tuple[Maker, ...] = (*PLAIN, reading, reading, reading)


@functools.lru_cache(maxsize=4096)
def writes_signs(path: str) -> bool:
    """Whether a font file has all of SIGNS."""
    font = ImageFont.truetype(path, PROBE_PX, layout_engine=ImageFont.Layout.BASIC)
    missing = bytes(font.getmask("\uffff"))
    shapes = [bytes(font.getmask(sign)) for sign in SIGNS]
    return all(any(shape) and shape != missing for shape in shapes)


def figures(page: Page) -> list[Placed]:
    """Strew two to eight lines of figures."""
    dice, placed = page.dice, []
    for _ in range(dice.randint(2, 8)):
        pen = pick_pen(dice, page.assets, line_height(dice, most=0.5 * page.height))
        signed = not pen.face.caps_only and writes_signs(pen.face.path)
        room = dice.uniform(0.25, 0.9) * page.width
        text, width = fit_text(dice, page.assets, pen, room, SIGNED if signed else PLAIN)
        if text:
            block = Block(width, pen.height)
            block.runs.append(pen.run(text, 0, pen.ascent))
            if dice.random() < 0.2:
                block.add_plate(dice.uniform(0.1, 0.5) * pen.height, 0)
            placed.append(anywhere(page, block, dice.gauss(0, 2)))
    return placed or scattered(page)


FIGURES: dict[Layout, float] = {
    figures: 0.55,
    display: 0.2,
    single_code: 0.15,
    number_plate: 0.1,
}

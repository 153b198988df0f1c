"""Arrange text as pictures show it: lines, paragraphs, labels, receipts, forms, codes."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tcsdk.train.render.assets import Assets
from tcsdk.train.render.blocks import (
    LEAST_HEIGHT,
    MOST_HEIGHT,
    Block,
    Pen,
    fit_text,
    line_height,
    pick_pen,
)
from tcsdk.train.render.geometry import Floats, rotation, slant, translation
from tcsdk.train.render.text import (
    amount,
    code,
    data,
    date,
    label,
    number,
    phrase,
    plate,
    price,
    sentence,
    word,
    wording,
)


@dataclass(frozen=True)
class Page:
    """What a layout is drawn for.

    Args:
        dice: source of chance.
        assets: fonts and words.
        height, width: of the picture, pixels.
    """

    dice: random.Random
    assets: Assets
    height: int
    width: int


@dataclass(frozen=True)
class Placed:
    """A block and where it lies in the layer of text.

    Args:
        block: the block.
        view: (3, 3) float64 homography from the block's pixels to the layer's.
    """

    block: Block
    view: Floats


Layout = Callable[[Page], list[Placed]]


def _place(block: Block, x: float, y: float, degrees: float = 0.0) -> Placed:
    x, y = round(x), round(y)
    return Placed(block, translation(x, y) @ rotation(degrees, block.width / 2, block.height / 2))


def anywhere(page: Page, block: Block, degrees: float, overhang: float = 0.04) -> Placed:
    """Place a block at random; it may reach past the border by a part of the picture."""
    spare_x, spare_y = page.width - block.width, page.height - block.height
    reach_x, reach_y = overhang * page.width, overhang * page.height
    x = page.dice.uniform(min(spare_x, 0) - reach_x, max(spare_x, 0) + reach_x)
    y = page.dice.uniform(min(spare_y, 0) - reach_y, max(spare_y, 0) + reach_y)
    return _place(block, x, y, degrees)


def _tilt(page: Page) -> float:
    return slant(page.dice) if page.dice.random() < 0.35 else 0.0


def line_block(page: Page, pen: Pen, room: float) -> Block | None:
    """Set one line of at most a width (pixels), sometimes underlined or curved."""
    text, width = fit_text(page.dice, page.assets, pen, room)
    if not text:
        return None
    roll = page.dice.random()
    block = Block(width, pen.height)
    block.runs.append(pen.run(text, 0, pen.ascent, roll < 0.05, roll > 0.9 and len(text) > 3))
    return block


def label_block(page: Page, height: float) -> Block | None:
    """Set one to three centred lines on a plate of its own, sometimes framed."""
    dice, pen = page.dice, pick_pen(page.dice, page.assets, height)
    lines = []
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3))):
        text, width = fit_text(dice, page.assets, pen, dice.uniform(0.3, 0.85) * page.width)
        if text:
            lines.append((text, width))
    if not lines:
        return None
    step = dice.uniform(1.15, 1.5) * pen.height
    widest = max(width for _, width in lines)
    block = Block(widest, step * (len(lines) - 1) + pen.height)
    for index, (text, width) in enumerate(lines):
        block.runs.append(pen.run(text, (widest - width) / 2, index * step + pen.ascent))
    margin = dice.uniform(0.2, 0.7) * pen.height
    block.add_plate(margin, dice.choice((0, 0.3, 1)) * margin * 1.5)
    if dice.random() < 0.3:
        inset = margin * 0.6
        block.add_frame(-inset, -inset, widest + inset, block.height + inset, max(1, 0.06 * height))
    return block


def scattered(page: Page) -> list[Placed]:
    """Strew one to eight lines and labels of different faces and sizes."""
    placed = []
    for _ in range(page.dice.randint(1, 8)):
        height = line_height(page.dice, most=min(MOST_HEIGHT, 0.6 * page.height))
        if page.dice.random() < 0.2:
            block = label_block(page, height)
        else:
            room = page.dice.uniform(0.35, 0.95) * page.width
            block = line_block(page, pick_pen(page.dice, page.assets, height), room)
        if block:
            placed.append(anywhere(page, block, _tilt(page)))
    return placed


def signs(page: Page) -> list[Placed]:
    """Hang one to three signs."""
    drawn = (
        label_block(page, line_height(page.dice, most=0.4 * page.height))
        for _ in range(page.dice.randint(1, 3))
    )
    return [anywhere(page, block, _tilt(page)) for block in drawn if block]


def _text_lines(page: Page, pen: Pen, width: float, count: int) -> list[str]:
    """Break running text, or in one of three a list of data, into lines of a width (pixels)."""
    maker = data if page.dice.random() < 0.35 else sentence
    space = pen.measure(". .") - 2 * pen.measure(".") + 2 * pen.spacing
    lines: list[str] = []
    current, used = "", 0.0
    while len(lines) < count:
        for item in map(pen.spell, maker(page.dice, page.assets.words).split()):
            length = pen.measure(item)
            if length > width:
                continue
            if current and used + space + length > width:
                lines.append(current)
                current = ""
            used = used + space + length if current else length
            current = f"{current} {item}".strip()
    return lines[:count]


def _column(page: Page, pen: Pen, width: float, count: int) -> Block:
    step = page.dice.uniform(1.12, 1.6) * pen.height
    centring = page.dice.choice((0, 0, 0, 0.5, 1))
    lines = _text_lines(page, pen, width, count)
    block = Block(width, step * (len(lines) - 1) + pen.height)
    for index, text in enumerate(lines):
        x = round(centring * (width - pen.measure(text)))
        block.runs.append(pen.run(text, x, index * step + pen.ascent))
    return block


def paragraph(page: Page) -> list[Placed]:
    """Set a block of running text that may be cut off by the border."""
    pen = pick_pen(page.dice, page.assets, line_height(page.dice, most=30))
    width = max(page.dice.uniform(0.5, 1.0) * page.width, 5 * pen.height)
    count = page.dice.randint(2, max(2, int(page.height / (1.25 * pen.height))))
    return [anywhere(page, _column(page, pen, width, count), 0.0)]


def small_print(page: Page) -> list[Placed]:
    """Fill the picture with one or two columns of small text."""
    pen = pick_pen(page.dice, page.assets, page.dice.uniform(LEAST_HEIGHT + 0.5, 14))
    columns = page.dice.choice((1, 1, 2))
    width = page.width / columns - 10
    count = int(page.height / (1.25 * pen.height))
    return [
        _place(_column(page, pen, width, count), 5 + index * (width + 10), page.dice.uniform(-3, 6))
        for index in range(columns)
    ]


def single_code(page: Page) -> list[Placed]:
    """Set one big code, number, price or plate."""
    dice = page.dice
    pen = pick_pen(dice, page.assets, min(dice.uniform(18, MOST_HEIGHT), 0.6 * page.height))
    text, width = fit_text(
        dice, page.assets, pen, 0.94 * page.width, (code, plate, number, date, amount)
    )
    if not text:
        return scattered(page)
    block = Block(width, pen.height)
    block.runs.append(pen.run(text, 0, pen.ascent))
    if dice.random() < 0.5:
        margin = dice.uniform(0.1, 0.4) * pen.height
        block.add_plate(margin, dice.choice((0, 0.5, 1)) * margin)
        if dice.random() < 0.5:
            inset, thick = margin / 2, max(1, 0.05 * pen.height)
            block.add_frame(-inset, -inset, width + inset, pen.height + inset, thick)
    return [anywhere(page, block, _tilt(page), 0.02)]


def _dashes(block: Block, y: float, thick: float) -> None:
    step = max(6.0, block.width / 24)  # few enough to draw in about a millisecond
    for x in np.arange(0, block.width - step / 2, step):
        block.add_rule(x, y, x + step / 2, y + thick)


def _receipt_row(page: Page, pen: Pen, block: Block, baseline: float) -> None:
    """Set a separator, or an item on the left and its price on the right."""
    dice, assets = page.dice, page.assets
    if dice.random() < 0.12:
        y = baseline - pen.height / 3
        _dashes(block, y, 1) if dice.random() < 0.6 else block.add_rule(0, y, block.width, y + 1)
        return
    right = pen.spell(dice.choice((price, price, amount, date))(dice, assets.words))
    length = pen.measure(right)
    room = block.width - length - 1.2 * pen.height
    left, _ = fit_text(dice, assets, pen, room, (phrase, word, label, data))
    if length < block.width and dice.random() < 0.92:
        block.runs.append(pen.run(right, round(block.width - length), baseline))
    if left:
        block.runs.append(pen.run(left, 0, baseline))


def receipt(page: Page) -> list[Placed]:
    """Set a shop's receipt: heading, items with prices, separators, total."""
    dice = page.dice
    pen = pick_pen(dice, page.assets, line_height(dice, least=9, most=22))
    step, width = dice.uniform(1.15, 1.5) * pen.height, dice.uniform(0.6, 0.92) * page.width
    rows = max(3, int(dice.uniform(0.7, 1.1) * page.height / step))
    block = Block(width, step * (rows - 1) + pen.height)
    heading, length = fit_text(dice, page.assets, pen, width, (wording,))
    if heading:
        block.runs.append(pen.run(heading, round((width - length) / 2), pen.ascent))
    for row in range(1, rows):
        _receipt_row(page, pen, block, row * step + pen.ascent)
    block.add_plate(0.5 * pen.height, 0)
    return [anywhere(page, block, 0.0)]


def form(page: Page) -> list[Placed]:
    """Set a form: field names and values, on rules or in boxes."""
    dice, assets = page.dice, page.assets
    pen = pick_pen(dice, assets, line_height(dice, least=9, most=24))
    value_pen = pick_pen(dice, assets, pen.height) if dice.random() < 0.5 else pen
    step, width = dice.uniform(1.4, 2.1) * pen.height, dice.uniform(0.75, 1.0) * page.width
    rows = max(2, int(dice.uniform(0.6, 1.05) * page.height / step))
    names = [
        pen.spell(label(dice, assets.words) + dice.choice((":", ":", ""))) for _ in range(rows)
    ]
    indent = round(max(map(pen.measure, names)) + 0.6 * pen.height)
    boxed, ruled = dice.random() < 0.3, dice.random() < 0.6
    block = Block(width, step * rows)
    for row, name in enumerate(names):
        top = row * step
        baseline = round(top + (step - pen.height) / 2 + pen.ascent)
        block.runs.append(pen.run(name, 0, baseline))
        value, _ = fit_text(dice, assets, value_pen, width - indent - 4, (wording, data, data))
        if value and dice.random() < 0.9:
            block.runs.append(value_pen.run(value, indent + 4, baseline))
        if boxed:
            block.add_frame(indent, top + 1, width, top + step - 1, 1)
        elif ruled:
            block.add_rule(indent, top + step - 2, width, top + step - 1)
    if dice.random() < 0.5:
        block.add_plate(0.4 * pen.height, 0)
    return [anywhere(page, block, 0.0)]


LAYOUTS: dict[Layout, float] = {
    scattered: 0.30,
    paragraph: 0.12,
    signs: 0.13,
    receipt: 0.10,
    form: 0.10,
    single_code: 0.14,
    small_print: 0.11,
}


def arrange(page: Page, layouts: Mapping[Layout, float] = LAYOUTS) -> list[Placed]:
    """Draw a layout by the layouts' weights and fill it with text.

    Blocks may still overlap; the renderer leaves such ones out.
    """
    return page.dice.choices(list(layouts), list(layouts.values()))[0](page)

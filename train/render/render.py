"""Render one picture: ground, layout, view, ink, wear."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tcsdk.train.render.assets import Assets
from tcsdk.train.render.background import make_background, make_plain
from tcsdk.train.render.blocks import Block
from tcsdk.train.render.degrade import degrade
from tcsdk.train.render.geometry import Floats, project, rectangle, scene_view, translation, warp
from tcsdk.train.render.ink import (
    Colour,
    draw_run,
    fill_polygon,
    ink_quad,
    lay,
    look,
    pick_ink,
    pick_plate,
)
from tcsdk.train.render.layout import LAYOUTS, Layout, Page, arrange
from tcsdk.train.render.sample import Line, Sample

Ground = Callable[[Assets, random.Random, np.random.Generator, int, int], NDArray[np.uint8]]
Ink = Callable[[random.Random, Colour, float], Colour]
Spelling = Callable[[str], str]
NO_TEXT = 0.08  # share of pictures without text
MARGIN = 0.1  # by which a line's quad is larger than its ink, in ink heights
BUSY = 38.0  # standard deviation of luma above which a block of lines gets a plate


@dataclass(frozen=True)
class Style:
    """How the text of a block is coloured.

    Args:
        colour: (3,) float32 of the text.
        edge: (3,) float32 of the outline or the shadow.
        outlined, shadowed: which of the two it has, if any.
    """

    colour: Colour
    edge: Colour
    outlined: bool
    shadowed: bool


class Sheet:
    """The picture while it is being written on, with what is already taken."""

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        self.picture = picture
        self.height, self.width = picture.shape[:2]
        self.lines: list[Line] = []
        self.heights: list[float] = []
        self.text_height = Image.new("L", (self.width, self.height))
        self._taken = Image.new("L", (self.width, self.height))

    def take(self, corners: Floats) -> bool:
        """Reserve a polygon of the picture, unless another one has a part of it."""
        place = Image.new("L", (self.width, self.height))
        ImageDraw.Draw(place).polygon(corners.ravel().tolist(), 255)
        if np.bitwise_and(np.asarray(place), np.asarray(self._taken)).any():
            return False
        self._taken.paste(255, mask=place)
        return True

    def note(self, text: str, ink: Floats, quad: Floats) -> None:
        """Record a written line: its area always, its text where all its ink is inside."""
        limits = (self.width, self.height)
        if (ink >= 0).all() and (ink <= limits).all():
            quad = np.clip(quad, 0, limits)
            self.lines.append(Line(text, quad.astype(np.float32)))
        self.heights.append(float(np.linalg.norm(ink[3] - ink[0])))
        pillow_quad = (quad - 0.5).ravel().tolist()  # it counts from pixel centres
        height = round(float(np.linalg.norm(quad[3] - quad[0])))
        ImageDraw.Draw(self.text_height).polygon(pillow_quad, min(max(height, 1), 255))


def _pick_style(dice: random.Random, ground: Colour, spread: float, ink: Ink) -> Style:
    colour = ink(dice, ground, spread)
    edge = np.full(3, 0.0 if colour.mean() > 127 else 255.0, np.float32)
    roll = dice.random()
    weak = spread > 30 and abs(colour.mean() - ground.mean()) < 2.2 * spread
    return Style(colour, edge, weak or roll < 0.07, roll > 0.92)


def _write_block(
    sheet: Sheet, dice: random.Random, block: Block, view: Floats, style: Style, spelling: Spelling
) -> None:
    for laid_out in block.runs:
        run = replace(laid_out, text=spelling(laid_out.text))
        stroke = max(1, round(run.size / 16)) if style.outlined and run.size >= 14 else 0
        glyphs = draw_run(dice, run, stroke)
        if glyphs is None:
            continue
        home = view @ translation(glyphs.x, glyphs.y)
        if glyphs.outline is not None:
            lay(sheet.picture, warp(glyphs.outline, home, sheet.height, sheet.width), style.edge)
        elif style.shadowed and run.size >= 14:
            away = translation(*(dice.choice((-1, 1)) * max(1, run.size // 14) for _ in range(2)))
            lay(
                sheet.picture,
                warp(glyphs.fill, away @ home, sheet.height, sheet.width),
                style.edge,
                0.5,
            )
        lay(sheet.picture, warp(glyphs.fill, home, sheet.height, sheet.width), style.colour)
        ink, quad = (project(view, ink_quad(glyphs, margin)) for margin in (0.0, MARGIN))
        sheet.note(run.text, ink, quad)


def _draw_block(
    sheet: Sheet, dice: random.Random, block: Block, view: Floats, ink: Ink, spelling: Spelling
) -> None:
    ground, spread = look(sheet.picture, project(view, rectangle(0, 0, block.width, block.height)))
    if spread > BUSY and len(block.runs) > 1 and not block.shapes:
        block.add_plate(0.5 * block.runs[0].size, 0)
    plates = [shape for shape in block.shapes if shape.plate]
    strength = dice.choice((1.0, 1.0, 1.0, 0.88))
    for shape in plates:
        seen = fill_polygon(project(view, shape.points), sheet.height, sheet.width)
        lay(sheet.picture, seen, pick_plate(dice), strength)
    if plates:
        ground, spread = look(
            sheet.picture, project(view, rectangle(0, 0, block.width, block.height))
        )
    style = _pick_style(dice, ground, spread, ink)
    for shape in block.shapes:
        if not shape.plate:
            lay(
                sheet.picture,
                fill_polygon(project(view, shape.points), sheet.height, sheet.width),
                style.colour,
                0.8,
            )
    _write_block(sheet, dice, block, view, style, spelling)


def render(
    assets: Assets,
    rng: np.random.Generator,
    size: tuple[int, int] = (128, 256),
    layouts: Mapping[Layout, float] = LAYOUTS,
    ground: Ground = make_background,
    ink: Ink = pick_ink,
    spelling: Spelling = str,
) -> Sample:
    """Render one picture of text.

    Args:
        assets: fonts, words and photographs.
        rng: source of chance; the same state and assets give the same sample.
        size: height and width, pixels.
        layouts: how text may be arranged, with weights.
        ground: draws what it stands on.
        ink: draws the colour of a block's text.
        spelling: changes texts, each to one of as many characters, once it is known where they
            stand: with the same state of `rng` the pictures differ in these alone.

    Returns:
        The picture with its lines and their heights; no lines in about 8 % of the pictures.
    """
    height, width = size
    dice = random.Random(int(rng.integers(2**63)))  # scalars: 20 times faster than the generator's
    if dice.random() < NO_TEXT:
        picture = make_plain(assets, dice, rng, height, width)
        clean, picture = degrade(picture, dice, rng, 32.0)
        return Sample(picture, clean, (), np.zeros(size, np.uint8))
    sheet = Sheet(np.array(ground(assets, dice, rng, height, width)))
    scene = scene_view(dice, height, width)
    for placed in arrange(Page(dice, assets, height, width), layouts):
        view = scene @ placed.view
        view = view / view[2, 2]
        if sheet.take(project(view, placed.block.footprint())):
            _draw_block(sheet, dice, placed.block, view, ink, spelling)
    clean, picture = degrade(sheet.picture, dice, rng, min(sheet.heights, default=32.0))
    return Sample(picture, clean, tuple(sheet.lines), np.asarray(sheet.text_height))

"""Drawn screens: windows with tables, forms and code, in flat colours and small crisp letters.

Nothing is slanted, lit or blurred, and no photograph shows: what a screenshot is and a camera's
picture is not.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.sets.folders import Folders
from benchmarks.sets.picture import KnownLine, Picture
from benchmarks.sets.rendered import held_out
from tcsdk.train.render import Assets
from tcsdk.train.render.text import amount, code, date, label, phrase, sentence

SIZE = (720, 1280)
SEED = 783
# Of the letter x in units of the font's size: what screens are set in, no scripts and no books.
LEAST_X_HEIGHT = 0.52
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Theme:
    """Colours of a screen: behind windows, of windows, bars and letters, and of what is chosen."""

    desk: Colour
    window: Colour
    bar: Colour
    ink: Colour
    chosen: Colour


THEMES = (
    Theme((0, 90, 158), (255, 255, 255), (240, 240, 240), (0, 0, 0), (204, 232, 255)),
    Theme((48, 10, 36), (250, 250, 249), (61, 56, 70), (46, 52, 54), (233, 84, 32)),
    Theme((24, 24, 24), (30, 30, 30), (60, 60, 60), (212, 212, 212), (9, 71, 113)),
    Theme((236, 239, 241), (255, 255, 255), (33, 150, 243), (33, 33, 33), (227, 242, 253)),
)


@dataclass
class Screen:
    """A screen in work: what is drawn, and the lines written on it."""

    dice: random.Random
    assets: Assets
    theme: Theme
    font: str
    image: Image.Image
    lines: list[KnownLine] = field(default_factory=list)

    @property
    def pen(self) -> ImageDraw.ImageDraw:
        """Draws on the image."""
        return ImageDraw.Draw(self.image)

    def write(self, text: str, x: int, y: int, size: int, ink: Colour, right: int) -> None:
        """Write a line with its top left at x, y; characters that pass `right` are left out."""
        font = ImageFont.truetype(self.font, size)
        while text and x + font.getlength(text) > right:
            text = text[:-1].rstrip()
        if not text:
            return
        self.pen.text((x, y), text, font=font, fill=ink)
        left, top, end, bottom = font.getbbox(text)
        corners = [(left, top), (end, top), (end, bottom), (left, bottom)]
        quad = np.array(corners, np.float32) + np.array((x, y), np.float32)
        self.lines.append(KnownLine(text, quad))


Box = tuple[int, int, int, int]


def table(screen: Screen, box: Box) -> None:
    """Fill a box with rows of numbers, dates and words under a heading, one row chosen."""
    left, top, right, bottom = box
    theme, dice = screen.theme, screen.dice
    size = dice.randint(12, 16)
    step = size + dice.randint(7, 12)
    makers = [phrase, *dice.choices((amount, date, code, phrase), k=4)]
    edges = [left + k * (right - left) // len(makers) for k in range(len(makers) + 1)]
    rows = (bottom - top) // step
    chosen = dice.randrange(1, max(rows, 2))
    for row in range(rows):
        y = top + row * step
        if row == chosen:
            screen.pen.rectangle((left, y, right, y + step - 1), fill=theme.chosen)
        for maker, x, end in zip(makers, edges, edges[1:], strict=False):
            text = (label if row == 0 else maker)(dice, screen.assets.words)
            screen.write(text, x + 6, y + (step - size) // 2, size, theme.ink, end - 8)
        screen.pen.line((left, y + step - 1, right, y + step - 1), fill=theme.bar)


def entry_form(screen: Screen, box: Box) -> None:
    """Fill a box with labels, fields and two buttons."""
    left, top, right, bottom = box
    theme, dice = screen.theme, screen.dice
    size = dice.randint(13, 18)
    step, middle = 2 * size + 10, left + (right - left) // 3
    fields = (bottom - top) // step - 1
    for row in range(fields):
        y = top + row * step
        screen.write(label(dice, screen.assets.words), left + 8, y + 6, size, theme.ink, middle - 8)
        field_box = (middle, y, right - 12, y + step - 12)
        screen.pen.rectangle(field_box, fill=theme.window, outline=theme.ink)
        maker = dice.choice((phrase, code, date, amount))
        text = maker(dice, screen.assets.words)
        screen.write(text, middle + 8, y + 6, size, theme.ink, right - 20)
    y = top + fields * step
    for k, text in enumerate(("Cancel", "Save")):
        x = right - 220 + 110 * k
        screen.pen.rectangle((x, y, x + 96, y + step - 12), fill=theme.chosen, outline=theme.ink)
        screen.write(text, x + 12, y + 6, size, theme.ink, x + 96)


def listing(screen: Screen, box: Box) -> None:
    """Fill a box with numbered lines of words, indented as code is."""
    left, top, right, bottom = box
    dice, size = screen.dice, screen.dice.randint(12, 16)
    for row, y in enumerate(range(top, bottom - size - 4, size + 6)):
        if dice.random() < 0.15:
            continue
        screen.write(str(row + 1), left + 8, y, size, (128, 128, 128), left + 44)
        ink = dice.choice((screen.theme.ink, screen.theme.ink, (200, 120, 60), (80, 150, 220)))
        x = left + 50 + 24 * dice.randrange(4)
        screen.write(sentence(dice, screen.assets.words), x, y, size, ink, right - 8)


PANES: tuple[Callable[[Screen, Box], None], ...] = (table, entry_form, listing)


def draw_screen(assets: Assets, dice: random.Random) -> Screen:
    """Draw a screen of one or two windows side by side."""
    height, width = SIZE
    theme = dice.choice(THEMES)
    families = [family for family in assets.families if family[0].x_height >= LEAST_X_HEIGHT]
    face = dice.choice(dice.choice(families or assets.families))
    screen = Screen(dice, assets, theme, face.path, Image.new("RGB", (width, height), theme.desk))
    count = dice.randint(1, 2)
    for k in range(count):
        left, right = k * width // count + 12, (k + 1) * width // count - 12
        screen.pen.rectangle((left, 14, right, height - 40), fill=theme.window)
        screen.pen.rectangle((left, 14, right, 46), fill=theme.bar)
        ink = theme.ink if sum(theme.bar) > 380 else (255, 255, 255)
        screen.write(phrase(dice, assets.words), left + 12, 20, 16, ink, right - 90)
        dice.choice(PANES)(screen, (left + 4, 60, right - 4, height - 48))
    return screen


def screens(count: int, folders: Folders) -> Iterator[Picture]:
    """The first so many screens."""
    assets = held_out(folders.photos)
    for index in range(count):
        screen = draw_screen(assets, random.Random(SEED * 1000 + index))
        pixels = np.asarray(screen.image)
        none = np.zeros(pixels.shape[:2], np.bool_)
        yield Picture(f"screens-{index:04}", pixels, tuple(screen.lines), none)

"""The parts of a layout: runs of text and flat shapes, in blocks with their own coordinates."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tcsdk.train.render.assets import Assets
from tcsdk.train.render.fonts import Face, load_font
from tcsdk.train.render.geometry import Floats, rectangle
from tcsdk.train.render.text import Maker, data, snippet, wording

LEAST_HEIGHT = 8.0  # pixels from the top of "H" to the bottom of "g"
MOST_HEIGHT = 64.0
LEAST_X = 4.3  # pixels of an "x", below which people guess rather than read


@dataclass(frozen=True)
class Run:
    """One line of text with its place in a block.

    Args:
        text: what it says.
        face: the font.
        size: the font size, pixels.
        x, y: left end of the baseline, pixels from the block's top left.
        spacing: extra pixels after each character.
        underlined: draw a rule below the baseline.
        curved: bend the line into an arc or a wave.
    """

    text: str
    face: Face
    size: int
    x: float
    y: float
    spacing: float = 0.0
    underlined: bool = False
    curved: bool = False


@dataclass(frozen=True)
class Shape:
    """A flat polygon: a plate below the text, or a rule in the colour of the text.

    Args:
        points: (N, 2) float64, pixels from the block's top left.
        plate: it is a ground that text stands on, not a rule.
    """

    points: Floats
    plate: bool = False


@dataclass
class Block:
    """Text and shapes that belong together and keep clear of other blocks.

    Args:
        width, height: of the block, pixels.
    """

    width: float
    height: float
    runs: list[Run] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)

    def footprint(self) -> Floats:
        """List the corners of all that the block draws on, plates too, (4, 2) float64 pixels."""
        bend = 1.2 * max((run.size for run in self.runs if run.curved), default=0)
        margin = 0.15 * max((run.size for run in self.runs), default=0)
        frame = rectangle(-margin, -margin, self.width + margin, self.height + margin + bend)
        points = np.concatenate([frame, *(shape.points for shape in self.shapes)])
        return rectangle(*points.min(axis=0), *points.max(axis=0))

    def add_plate(self, margin: float, radius: float) -> None:
        """Put a rounded plate below everything, reaching a margin (pixels) past the block."""
        self.shapes.insert(
            0,
            Shape(
                rounded(-margin, -margin, self.width + margin, self.height + margin, radius), True
            ),
        )

    def add_rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Fill a rectangle in the colour of the text."""
        self.shapes.append(Shape(rectangle(x0, y0, x1, y1)))

    def add_frame(self, x0: float, y0: float, x1: float, y1: float, thick: float) -> None:
        """Draw the four sides of a box in the colour of the text."""
        self.add_rule(x0, y0, x1, y0 + thick)
        self.add_rule(x0, y1 - thick, x1, y1)
        self.add_rule(x0, y0, x0 + thick, y1)
        self.add_rule(x1 - thick, y0, x1, y1)


@dataclass(frozen=True)
class Pen:
    """A face at a line height, with the spacing of its characters.

    Args:
        face: the font.
        height: of a line, top of "H" to bottom of "g", pixels.
        spacing: extra pixels after each character.
    """

    face: Face
    height: float
    spacing: float = 0.0

    @property
    def size(self) -> int:
        """The font size, pixels.

        Above 24 in steps of 2 and above 48 of 4, so that opened fonts are met again.
        """
        size = max(6, round(self.height / self.face.extent))
        return size if size <= 24 else size // 2 * 2 if size <= 48 else size // 4 * 4

    def spell(self, text: str) -> str:
        """Write a text as the face can: in capitals where it has no others."""
        return text.upper() if self.face.caps_only else text

    def measure(self, text: str) -> float:
        """Measure the advance of a text, pixels."""
        return float(load_font(self.face.path, self.size).getlength(text)) + self.spacing * max(
            0, len(text) - 1
        )

    def run(
        self, text: str, x: float, baseline: float, underlined: bool = False, curved: bool = False
    ) -> Run:
        """Place a text, already spelled, with its baseline's left end at a point."""
        return Run(text, self.face, self.size, x, baseline, self.spacing, underlined, curved)

    @property
    def ascent(self) -> float:
        """From the top of the line to its baseline, pixels; 0.77 of the height in most faces."""
        return 0.77 * self.height


def rounded(x0: float, y0: float, x1: float, y1: float, radius: float) -> Floats:
    """List the outline of a rounded rectangle, (N, 2) float64 pixels; plain at a radius below 1."""
    radius = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    if radius < 1:
        return rectangle(x0, y0, x1, y1)
    turn = np.linspace(0, math.pi / 2, 6)
    centres = rectangle(x0 + radius, y0 + radius, x1 - radius, y1 - radius)
    arcs = [
        centre + radius * np.stack([np.cos(turn + start), np.sin(turn + start)], axis=1)
        for centre, start in zip(centres, (math.pi, 1.5 * math.pi, 0, 0.5 * math.pi), strict=True)
    ]
    return np.concatenate(arcs)


def line_height(
    dice: random.Random, least: float = LEAST_HEIGHT, most: float = MOST_HEIGHT
) -> float:
    """Draw a line height in pixels: log-normal about 19, two thirds between 12 and 32."""
    return min(max(math.exp(dice.gauss(2.95, 0.5)), least), most)


def pick_pen(dice: random.Random, assets: Assets, height: float) -> Pen:
    """Draw a font family, a face of it and a spacing (wider in one of eight).

    Faces with small letters, such as scripts, are set higher than asked, so that "x" has LEAST_X
    pixels.
    """
    face = dice.choice(dice.choice(assets.families))
    height = max(height, LEAST_X * face.extent / face.x_height)
    spacing = dice.uniform(0.03, 0.25) * height if dice.random() < 0.12 else 0.0
    return Pen(face, height, round(spacing))


def fit_text(
    dice: random.Random,
    assets: Assets,
    pen: Pen,
    width: float,
    makers: Sequence[Maker] = (wording, data),
) -> tuple[str, float]:
    """Draw a text that fits a width.

    Args:
        dice: source of chance.
        assets: where words come from.
        pen: what the text is set with.
        width: room for the text, pixels.
        makers: what may be drawn, each as likely.

    Returns:
        The text, spelled for the pen, and its width in pixels; an empty text where not one
        character fits.
    """
    per_character = 0.5 * pen.height + pen.spacing
    text = pen.spell(snippet(dice, assets.words, max(1, int(width / per_character)), makers))
    length = pen.measure(text)
    while length > width and text:
        text = text[: min(len(text) - 1, int(len(text) * width / length))].rstrip()
        length = pen.measure(text)
    return (text, length) if any(c.isalnum() for c in text) else ("", 0.0)

"""Turn runs and shapes into masks, choose readable colours, and lay them onto the picture."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tcsdk.train.render.background import any_colour
from tcsdk.train.render.blocks import Run
from tcsdk.train.render.fonts import load_font
from tcsdk.train.render.geometry import Floats, bend, curve, rectangle
from tcsdk.train.render.segments import SegmentFont

LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
LEAST_HUE = 110.0  # distance in RGB of a text that its hue alone tells from its ground
Mask = NDArray[np.uint8]
Colour = NDArray[np.float32]


@dataclass(frozen=True)
class Glyphs:
    """A drawn run.

    Args:
        fill: (h, w) uint8, the text.
        outline: (h, w) uint8, the text grown by a stroke, or None.
        x, y: the masks' top left, whole pixels from the block's top left.
        ink: left, top, right, bottom of the text within the masks, pixels.
    """

    fill: Mask
    outline: Mask | None
    x: int
    y: int
    ink: tuple[int, int, int, int]


def _write(run: Run, box: tuple[int, int, int, int], stroke: int) -> Mask:
    left, top, right, bottom = box
    font = load_font(run.face.path, run.size)
    if isinstance(font, SegmentFont):
        return font.write(run.text, box, stroke, run.spacing)
    canvas = Image.new("L", (right - left, bottom - top))
    draw = ImageDraw.Draw(canvas)
    x = float(-left)
    for piece in run.text if run.spacing else (run.text,):
        draw.text((x, -top), piece, 255, font, anchor="ls", stroke_width=stroke)
        x += font.getlength(piece) + run.spacing
    return np.asarray(canvas)


def draw_run(dice: random.Random, run: Run, stroke: int) -> Glyphs | None:
    """Draw a run as masks.

    Args:
        dice: source of chance, for the bend of a curved run.
        run: what is drawn.
        stroke: pixels by which the outline is wider than the text, 0 for none.

    Returns:
        The masks, or None where the text leaves no ink.
    """
    font = load_font(run.face.path, run.size)
    left, top, right, bottom = font.getbbox(run.text, anchor="ls", stroke_width=stroke)
    wide = int(right + run.spacing * (len(run.text) - 1))
    box = (int(left) - 1, int(top) - 1, wide + 2, int(max(bottom, 0.25 * run.size)) + 1)
    fill = _write(run, box, 0)
    outline = _write(run, box, stroke) if stroke else None
    found = Image.fromarray(fill).getbbox()
    if found is None:
        return None
    if run.underlined:
        thick = max(1, run.size // 14)
        at = min(-box[1] + max(2, run.size // 8), fill.shape[0] - thick)
        fill = fill.copy()
        fill[at : at + thick, found[0] : found[2]] = 255
    if run.curved:
        offsets = curve(dice, fill.shape[1], run.size)
        fill = bend(fill, offsets)
        outline = bend(outline, offsets) if outline is not None else None
        found = Image.fromarray(fill).getbbox() or found
    return Glyphs(fill, outline, round(run.x) + box[0], round(run.y) + box[1], found)


def ink_quad(glyphs: Glyphs, margin: float) -> Floats:
    """List the corners of a run's ink box grown by a part of its height, (4, 2) float64 pixels."""
    left, top, right, bottom = glyphs.ink
    grow = margin * (bottom - top)
    x, y = glyphs.x, glyphs.y
    return rectangle(x + left - grow, y + top - grow, x + right + grow, y + bottom + grow)


def fill_polygon(points: Floats, height: int, width: int) -> tuple[Mask, int, int] | None:
    """Draw a polygon with smooth edges.

    Args:
        points: (N, 2) float64, picture pixels.
        height: of the picture, pixels.
        width: of the picture, pixels.

    Returns:
        The (bh, bw) uint8 mask in its box, and the box's left and top; None where it misses the
        picture.
    """
    left, top = np.maximum(np.floor(points.min(axis=0)), 0).astype(int).tolist()
    right, bottom = np.minimum(np.ceil(points.max(axis=0)), (width, height)).astype(int).tolist()
    if right <= left or bottom <= top:
        return None
    canvas = Image.new("L", (2 * (right - left), 2 * (bottom - top)))
    ImageDraw.Draw(canvas).polygon((2 * (points - (left, top)) - 0.5).ravel().tolist(), 255)
    return np.asarray(canvas.reduce(2)), left, top


def lay(
    picture: Mask, placed: tuple[Mask, int, int] | None, colour: Colour, strength: float = 1.0
) -> None:
    """Blend a colour into a picture through a mask, in place.

    Args:
        picture: (H, W, 3) uint8.
        placed: (bh, bw) uint8 mask with the left and top of its box in the picture, or None for
            nothing.
        colour: (3,) float32 in 0..255.
        strength: share of the colour where the mask is 255.
    """
    if placed is None:
        return
    mask, x, y = placed
    part = picture[y : y + mask.shape[0], x : x + mask.shape[1]]
    share = (mask * np.float32(strength / 255))[..., None]
    part[...] = part + share * (colour - part) + np.float32(0.5)


def look(picture: Mask, points: Floats) -> tuple[Colour, float]:
    """Measure the mean colour and the spread of luma in the box about some points.

    Every second pixel either way is enough.
    """
    height, width = picture.shape[:2]
    left, top = np.clip(np.floor(points.min(axis=0)), 0, (width - 1, height - 1)).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int)
    part = (
        picture[top : max(bottom, top + 1) : 2, left : max(right, left + 1) : 2]
        .reshape(-1, 3)
        .astype(np.float32)
    )
    return part.mean(axis=0), float((part @ LUMA).std())


def _at_luma(colour: Colour, luma: float) -> Colour:
    """Move a colour along grey until it has a luma, keeping its hue as far as 0..255 allows."""
    moved = np.clip(colour + (luma - colour @ LUMA), 0, 255)
    again: Colour = np.clip(moved + (luma - moved @ LUMA), 0, 255).astype(np.float32)
    return again


def pick_ink(dice: random.Random, ground: Colour, spread: float) -> Colour:
    """Draw a text colour that stands out from a ground.

    Args:
        dice: source of chance.
        ground: (3,) float32, mean colour below the text.
        spread: standard deviation of the luma below the text.

    Returns:
        (3,) float32; its luma is 75 or more away (50 or more in one of ten), and further on a busy
        ground, as far as black and white go.
    """
    luma = float(ground @ LUMA)
    roll = dice.random()
    wanted = dice.uniform(50, 80) if roll < 0.1 else dice.uniform(75, 190) if roll < 0.55 else 255.0
    wanted = max(wanted, 60 + 1.5 * spread if spread > 6 else 0)
    least = min(wanted, 100.0)
    darker = dice.random() < (0.92 if luma > 150 else 0.08 if luma < 100 else 0.5)
    if (luma if darker else 255 - luma) < least:
        darker = luma > 127
    black, white = dice.uniform(0, 30), dice.uniform(225, 255)
    target = (
        max(luma - wanted, min(black, luma - least))
        if darker
        else min(luma + wanted, max(white, luma + least))
    )
    grey = np.full(3, min(max(target, 0), 255), np.float32)
    vivid = _at_luma(any_colour(dice), target)
    reached = abs(float(vivid @ LUMA) - luma) >= 0.9 * least
    return vivid if reached and dice.random() < 0.45 else grey


def pick_hue(dice: random.Random, ground: Colour, spread: float) -> Colour:
    """Draw a text colour that has about its ground's luma and another hue.

    Args:
        dice: source of chance.
        ground: (3,) float32, mean colour below the text.
        spread: standard deviation of the luma below the text.

    Returns:
        (3,) float32; of `pick_ink` where 16 draws find none LEAST_HUE and more from the ground.
    """
    luma = float(ground @ LUMA)
    for _ in range(16):
        vivid = np.array([dice.uniform(0, 255) for _ in range(3)], np.float32)
        colour = _at_luma(vivid, luma + dice.uniform(-25, 25))
        if float(np.linalg.norm(colour - ground)) >= LEAST_HUE + 2 * spread:
            return colour
    return pick_ink(dice, ground, spread)


def pick_faint(dice: random.Random, ground: Colour, spread: float) -> Colour:
    """Draw a text colour 16 to 48 levels of luma from its ground (further on a busy one)."""
    luma = float(ground @ LUMA)
    wanted = dice.uniform(16, 48) + 1.5 * spread
    darker = luma > 127 if dice.random() < 0.7 else luma > wanted
    return _at_luma(ground, luma - wanted if darker else luma + wanted)


def pick_plate(dice: random.Random) -> Colour:
    """Draw the colour of a plate: mostly white or pale, else any."""
    roll = dice.random()
    return np.full(3, dice.uniform(225, 255), np.float32) if roll < 0.45 else any_colour(dice)

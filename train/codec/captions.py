"""Captions of rendered crops: what is written where, in which colours, on what ground.

They say what a crop shows after all chance is done with it, so they are true of it. The wording is
one of five, drawn by the crop's own chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tcsdk.train.render import Line

COLOURS = {
    "black": (0.05, 0.05, 0.05),
    "dark grey": (0.28, 0.28, 0.28),
    "grey": (0.5, 0.5, 0.5),
    "light grey": (0.75, 0.75, 0.75),
    "white": (0.97, 0.97, 0.97),
    "red": (0.8, 0.12, 0.12),
    "dark red": (0.4, 0.05, 0.05),
    "pink": (0.95, 0.65, 0.7),
    "orange": (0.95, 0.55, 0.1),
    "brown": (0.45, 0.28, 0.12),
    "yellow": (0.95, 0.88, 0.2),
    "beige": (0.88, 0.8, 0.65),
    "green": (0.15, 0.6, 0.2),
    "dark green": (0.05, 0.28, 0.1),
    "light green": (0.65, 0.9, 0.6),
    "turquoise": (0.15, 0.7, 0.7),
    "blue": (0.15, 0.3, 0.8),
    "dark blue": (0.05, 0.1, 0.4),
    "light blue": (0.6, 0.78, 0.95),
    "purple": (0.5, 0.15, 0.6),
}
INK_SHARE = 0.1  # of a line's pixels, the farthest from its ground: ink for certain
PLAIN = 0.06  # mean deviation of a plain ground's pixels, 0..1
MOST_LINES = 3  # that are said; the largest first
WORDINGS = (
    '{place} it says "{text}" in {ink} on {paper}',
    '"{text}" is written {place} in {ink} letters on a {paper} ground',
    '{ink} text "{text}" {place}, on {paper}',
    'the words "{text}" {place}, {ink} on {paper}',
    'a line {place} reads "{text}"; it is {ink} on {paper}',
)
# Which captions a training gives: those of the pictures; those of others of the step; one for all;
# none. What the last three teach, a caption's content has no part in.
Given = Literal["true", "shuffled", "constant", "none"]
GIVEN: tuple[Given, ...] = get_args(Given)
CONSTANT = "a picture with some text"
UNSAID = 0.15  # of true captions that are left out, so that the token for none is learnt
_ROWS, _COLUMNS = ("top", "middle", "bottom"), ("left", "centre", "right")


def colour_name(colour: NDArray[np.floating]) -> str:
    """Return the name of the nearest colour of COLOURS.

    Args:
        colour: (3,) RGB, 0..1.
    """
    return min(COLOURS, key=lambda name: float(np.square(colour - COLOURS[name]).sum()))


def place_name(quad: NDArray[np.floating], size: tuple[int, int]) -> str:
    """Return in which ninth of a picture a line's middle lies.

    Args:
        quad: (4, 2), x then y in pixels.
        size: height and width of the picture.
    """
    x, y = quad.mean(0) / (size[1], size[0])
    row, column = (names[min(2, max(0, int(3 * at)))] for names, at in ((_ROWS, y), (_COLUMNS, x)))
    return f"at the {row} {column}" if (row, column) != ("middle", "centre") else "in the middle"


def line_colours(
    picture: NDArray[np.floating], quad: NDArray[np.floating]
) -> tuple[str, str] | None:
    """Return the names of a line's ink and of the ground under it; None for a line of no area.

    Args:
        picture: (H, W, 3) RGB, 0..1.
        quad: (4, 2), x then y in pixels.
    """
    left, top = np.maximum(np.floor(quad.min(0)).astype(int), 0)
    right, bottom = np.ceil(quad.max(0)).astype(int)
    pixels = picture[top:bottom, left:right].reshape(-1, 3)
    if len(pixels) == 0:
        return None
    ground = np.median(pixels, 0)
    far = np.square(pixels - ground).sum(1)
    ink = pixels[np.argsort(far)[-max(1, round(INK_SHARE * len(pixels))) :]].mean(0)
    return colour_name(ink), colour_name(ground)


def ground_words(picture: NDArray[np.floating], shows_text: NDArray[np.bool_]) -> str:
    """Return what lies outside the text, in words.

    Args:
        picture: (H, W, 3) RGB, 0..1.
        shows_text: (H, W) bool.
    """
    pixels = picture[~shows_text]
    if len(pixels) == 0:
        return "text all over"
    middle = np.median(pixels, 0)
    kind = "plain" if np.abs(pixels - middle).mean() < PLAIN else "varied"
    return f"a {kind} {colour_name(middle)} background"


def scene_caption(
    picture: NDArray[np.floating],
    lines: Sequence[Line],
    shows_text: NDArray[np.bool_],
    rng: np.random.Generator,
) -> str:
    """Describe a rendered crop.

    Args:
        picture: (H, W, 3) RGB, 0..1, as it is coded.
        lines: wholly inside it.
        shows_text: (H, W) bool, where any text is.
        rng: source of chance, for the wording.
    """
    wording = WORDINGS[rng.integers(len(WORDINGS))]
    largest = sorted(lines, key=lambda line: -float(np.ptp(line.quad[:, 1])))[:MOST_LINES]
    said = filter(None, (line_said(wording, picture, line) for line in largest))
    return "; ".join([*said, ground_words(picture, shows_text)])


def line_said(wording: str, picture: NDArray[np.floating], line: Line) -> str:
    """Return what a line says, where, and in which colours; nothing of one without an area.

    Args:
        wording: one of WORDINGS.
        picture: (H, W, 3) RGB, 0..1.
        line: wholly inside it.
    """
    colours = line_colours(picture, line.quad)
    if colours is None:
        return ""
    place = place_name(line.quad, picture.shape[:2])
    return wording.format(text=line.text, place=place, ink=colours[0], paper=colours[1])


def exchanged(captions: Sequence[str], given: Given) -> list[str]:
    """Return the captions of a step's pictures as a training gives them.

    Args:
        captions: true ones.
        given: which; shuffled ones are the next picture's.
    """
    kept = list(captions)
    rows: dict[Given, list[str]] = {
        "true": kept,
        "shuffled": kept[1:] + kept[:1],
        "constant": [CONSTANT] * len(kept),
        "none": [""] * len(kept),
    }
    return rows[given]

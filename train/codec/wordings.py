"""How a picture can be told of: by a scene's own lines, by hand, by rule, as key words, at length.

TACO's Table 3 compares captions by people and by three nets. No captioning net is to be had here;
a rule, the key words alone, and a long telling stand where they do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tcsdk.train.codec.captions import WORDINGS, colour_name, ground_words, line_said
from tcsdk.train.codec.key_words import COMMON
from tcsdk.train.render import Line

Telling = Literal["scene", "hand", "rule", "keywords", "long"]
_FIRST, _SECOND, _THIRD, _ALL = (0, 1 / 3), (1 / 3, 2 / 3), (2 / 3, 1), (0, 1)
PARTS = {  # of a picture: from where to where, in rows and in columns
    "at the top": (_FIRST, _ALL),
    "in the middle": (_SECOND, _SECOND),
    "at the bottom": (_THIRD, _ALL),
    "on the left": (_ALL, _FIRST),
    "on the right": (_ALL, _THIRD),
}
_WORDS = re.compile(r'"[^"]*"|[^\s",;:.]+')


@dataclass(frozen=True)
class Seen:
    """What can be told of a picture.

    Attributes:
        scene: what `scene_caption` says of it; empty where it shows no text.
        picture: (H, W, 3) RGB, 0..1, as it is coded.
        lines: of text, wholly inside it.
        shows_text: (H, W) bool, where any text is.
        short: what somebody wrote of it, the whole picture; empty for nothing.
        long: the same at length.
    """

    scene: str
    picture: NDArray[np.floating]
    lines: Sequence[Line]
    shows_text: NDArray[np.bool_]
    short: str = ""
    long: str = ""


def by_hand(seen: Seen) -> str:
    """Return what somebody wrote of a picture, or what a scene says of itself."""
    return seen.short or seen.scene


def by_rule(seen: Seen) -> str:
    """Return the colours of a picture that somebody wrote of, or what a scene says of itself."""
    if not seen.short:
        return seen.scene
    return f"{ground_words(seen.picture, seen.shows_text)}; {colours_of_parts(seen.picture)}"


def as_key_words(seen: Seen) -> str:
    """Return what `by_hand` says, without the words that hold a sentence together."""
    words = _WORDS.findall(by_hand(seen))
    return ", ".join(word for word in words if word.casefold() not in COMMON)


def at_length(seen: Seen) -> str:
    """Return what somebody wrote of a picture at length; of a scene, all its lines and colours."""
    if seen.long or not seen.scene:
        return seen.long
    largest = sorted(seen.lines, key=lambda line: -float(np.ptp(line.quad[:, 1])))
    said = [
        line_said(WORDINGS[at % len(WORDINGS)], seen.picture, line)
        for at, line in enumerate(largest)
    ]
    count = f"the picture shows {len(largest)} whole lines of text, the largest first"
    ground = ground_words(seen.picture, seen.shows_text)
    return ". ".join([count, *filter(None, said), ground, colours_of_parts(seen.picture)])


def colours_of_parts(picture: NDArray[np.floating]) -> str:
    """Return the colour of each of PARTS, in words.

    Args:
        picture: (H, W, 3) RGB, 0..1; 3 pixels high and wide at least.
    """
    height, width = picture.shape[:2]
    said = []
    for place, (rows, columns) in PARTS.items():
        top, bottom = (round(at * height) for at in rows)
        left, right = (round(at * width) for at in columns)
        middle = np.median(picture[top:bottom, left:right].reshape(-1, 3), 0)
        said.append(f"{colour_name(middle)} {place}")
    return ", ".join(said)


TELLINGS: dict[Telling, Callable[[Seen], str]] = {
    "scene": lambda seen: seen.scene,
    "hand": by_hand,
    "rule": by_rule,
    "keywords": as_key_words,
    "long": at_length,
}

"""Which lines stand on their heads.

rapidocr's classifier says so of single lines, and errs: of 49 upright lines in seven segments it
turns 29. So what it says is a suspicion, and the recogniser, asked both ways, has to be surer
(docs/studies/reading.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

# How much surer of a line the recogniser has to be, where it is read against the page or, alone,
# upside down. Turned figures may be other figures, 60.959 is 65609 at 1.00 and 1.00.
_SURER = 0.1
# The part of the text that has to be suspected before a page is taken to lie upside down.
_MOST = 0.5


@dataclass(frozen=True)
class Recognised:
    """What a line says, read one way.

    Attributes:
        text: Characters.
        confidence: 0..1, the mean over them.
        confidences: Of each.
    """

    text: str
    confidence: float
    confidences: tuple[float, ...]


@dataclass(frozen=True)
class Oriented:
    """What a line says, and whether it was turned by 180 degrees to be read."""

    recognised: Recognised
    turned: bool


class Recogniser(Protocol):
    """What reads lines."""

    def recognise(self, crops: Sequence[NDArray[np.uint8]]) -> Sequence[Recognised]:
        """Read lines cut out, (h, w, 3) uint8 each."""


def read_both_ways(
    recogniser: Recogniser, crops: Sequence[NDArray[np.uint8]], suspected: Sequence[bool] | None
) -> list[Oriented]:
    """Read the lines of a page that lie alike, and turn those that stand on their heads.

    All are read as they lie, the suspected ones turned as well. Where these are most of the text
    and surer turned, the page is: then the others are read turned, too. A line goes against its
    page if it is clearly surer that way.

    Args:
        recogniser: Reads them.
        crops: (h, w, 3) uint8 each.
        suspected: For each line whether it may stand on its head. None for a page on its side,
            which lies either way alike: all are, and the page lies as it is surer of, however
            little. 88086 is 98088 turned, at 1.00 and 1.00: lines beside it decide.

    Returns:
        One per line.
    """

    def turned_ones(asked: Sequence[int]) -> dict[int, Recognised]:
        return dict(
            zip(asked, recogniser.recognise([_turned(crops[k]) for k in asked]), strict=True)
        )

    upright = recogniser.recognise(crops)
    margin = 0.0 if suspected is None else _SURER
    suspected = [True] * len(crops) if suspected is None else suspected
    suspects = [k for k, suspicion in enumerate(suspected) if suspicion]
    turned = turned_ones(suspects)
    lengths = [crop.shape[1] / crop.shape[0] for crop in crops]  # about as characters go
    gain = sum(lengths[k] * (turned[k].confidence - upright[k].confidence) for k in suspects)
    weight = sum(lengths[k] for k in suspects)
    page_turned = weight > _MOST * sum(lengths) and gain > margin * weight
    if page_turned:
        turned |= turned_ones([k for k, suspicion in enumerate(suspected) if not suspicion])
    return [
        _surer(as_it_lies, turned[k], page_turned) if k in turned else Oriented(as_it_lies, False)
        for k, as_it_lies in enumerate(upright)
    ]


def _turned(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(crop[::-1, ::-1])


def _surer(upright: Recognised, turned: Recognised, page_turned: bool) -> Oriented:
    gain = turned.confidence - upright.confidence
    takes_turned = gain >= -_SURER if page_turned else gain > _SURER
    return Oriented(turned, True) if takes_turned else Oriented(upright, False)

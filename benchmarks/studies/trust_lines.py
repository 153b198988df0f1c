"""Lines that a reader found, held against what was drawn there, one short record each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.rate_accuracy.measures import is_figures
from benchmarks.sets.picture import KnownLine, Picture
from benchmarks.sets.places import share_inside
from tcsdk.reading.comparison import agree
from tcsdk.reading.lines import TextLine
from tcsdk.reading.overlaps import share_within
from tcsdk.reading.text import alphanumerics
from tcsdk.reading.trust import sureness

# Of a known line, as much has to lie in one that was found for the whole of it to be said there;
# of one that was found, as much in a known line to be a part of it, or in text that nobody lists
# to be left out.
WHOLE, PART, UNLISTED = 0.8, 0.5, 0.5
PER_MILLE = 1000
LEAST, MEAN = "least", "mean"  # of a line's confidences: what may be taken for sureness
SHIPPED = "ppocr"  # what `tcsdk.read` reads with


@dataclass(frozen=True)
class ReadLine:
    """What came of one line that a reader found.

    Attributes:
        least: `sureness` of it, thousandths.
        mean: Its confidence, thousandths.
        characters: Alphanumerics that were read.
        wrong: How many of them are others than those drawn, or too many.
        right: Whether it says what is there, all of it.
        figures: Whether figures or a code were drawn there.
    """

    least: int
    mean: int
    characters: int
    wrong: int
    right: bool
    figures: bool

    def __str__(self) -> str:
        sign = ("-", "+")[self.right] + ("w", "f")[self.figures]
        return f"{sign}{self.least}/{self.mean}/{self.characters}/{self.wrong}"

    @classmethod
    def parse(cls, text: str) -> ReadLine:
        """Read what `str` wrote."""
        least, mean, characters, wrong = map(int, text[2:].split("/"))
        return cls(least, mean, characters, wrong, text[0] == "+", text[1] == "f")


def believed(lines: Iterable[ReadLine], least: float, by: str = LEAST) -> list[ReadLine]:
    """Those that are not doubted."""
    return [line for line in lines if getattr(line, by) >= round(PER_MILLE * least)]


def read_lines(picture: Picture, found: Sequence[TextLine]) -> list[ReadLine]:
    """Return the record of each line that has a letter or digit and stands where text is listed.

    A line that was found where nothing was drawn is wrong. One that covers a known line has to say
    all of it; one that covers a part has to say a part.
    """
    return [
        _record(line, *_drawn(picture.lines, line))
        for line in found
        if alphanumerics(line.text) and share_inside(line.polygon, picture.unlisted) < UNLISTED
    ]


def _drawn(known: Sequence[KnownLine], line: TextLine) -> tuple[str, bool]:
    """Return what was drawn where a line was found, and whether the line covers all of it."""
    inside = [each for each in known if share_within(each.quad, line.polygon) >= WHOLE]
    if inside:
        run = line.polygon[1] - line.polygon[0]
        inside.sort(key=lambda each: float(each.quad.mean(axis=0) @ run))
        return " ".join(each.text for each in inside), True
    around = [each for each in known if share_within(line.polygon, each.quad) >= PART]
    return (around[0].text if around else ""), False


def _record(line: TextLine, drawn: str, whole: bool) -> ReadLine:
    said, truth = alphanumerics(line.text), alphanumerics(drawn)
    right = agree(line.text, drawn) if whole else said in truth
    return ReadLine(
        least=int(PER_MILLE * sureness(line)),
        mean=int(PER_MILLE * line.confidence),
        characters=len(said),
        wrong=0 if right else _wrong(said, truth, whole),
        right=right,
        figures=is_figures(drawn),
    )


def _wrong(said: str, truth: str, whole: bool) -> int:
    """Return how many characters of what was said are others than the truth's, or too many."""
    from rapidfuzz.distance import Levenshtein

    windows = range(max(1, len(truth) - len(said) + 1))
    truths = [truth] if whole else [truth[k : k + len(said)] for k in windows]
    counts = [
        sum(edit.tag != "delete" for edit in Levenshtein.editops(each, said)) for each in truths
    ]
    return int(np.min(counts))

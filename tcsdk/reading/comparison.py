"""What a line says, held against what it says elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from tcsdk.reading.text import alphanumerics


@dataclass(frozen=True)
class LineDifference:
    """A line that the decoded picture does not say as the original does.

    Attributes:
        original: What the original says.
        decoded: What the decoded picture says in that place; "" where nothing is read.
        box: (x, y, width, height) of the line in the original, pixels.
    """

    original: str
    decoded: str
    box: tuple[int, int, int, int]

    def __str__(self) -> str:
        x, y, width, height = self.box
        came = f'read as "{self.decoded}"' if self.decoded else "not read"
        return f'"{self.original}" is {came} (at {x},{y}, {width}x{height})'


def agree(one: str, other: str) -> bool:
    """Say whether two readings of a line are the same.

    Letters and digits are compared, as TFIC's formula does: readers are unsure of spaces, dots and
    dashes, on originals too.

    >>> agree("A-12.", "A 12"), agree("A 12", "A 72")
    (True, False)
    """
    return alphanumerics(one) == alphanumerics(other)


def differing_parts(said: str, expected: str) -> list[tuple[float, float]]:
    """Return where in a line its reading differs, as parts of its length, 0..1.

    Args:
        said: What was read.
        expected: What the line says.

    Returns:
        From and to of each place, and a character more on each side; () where they agree.

    >>> differing_parts("AB0DEFGH", "ABCDEFGH")
    [(0.125, 0.5)]
    """
    counted = [k for k, character in enumerate(expected) if character.isalnum()]
    matcher = SequenceMatcher(None, alphanumerics(said), alphanumerics(expected), autojunk=False)
    return [
        (
            (counted[begin - 1] if begin > 0 else 0) / len(expected),
            (counted[end] + 1 if end < len(counted) else len(expected)) / len(expected),
        )
        for kind, _, _, begin, end in matcher.get_opcodes()
        if kind != "equal"
    ]

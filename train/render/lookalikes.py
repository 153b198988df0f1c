"""Spell a text with the characters that its own are mistaken for."""

from __future__ import annotations

# What each is read as, the likeliest first: by the mistakes of docs/studies/trusted-figures.md and
# by shape.
LOOKALIKES = {
    "0": "O8",
    "1": "I7l",
    "2": "Z7",
    "3": "8",
    "4": "A9",
    "5": "S6",
    "6": "8G5",
    "7": "1",
    "8": "B63",
    "9": "4g",
    "B": "8",
    "D": "O0",
    "G": "6C",
    "I": "1l",
    "O": "0Q",
    "Q": "O",
    "S": "5",
    "Z": "2",
    "l": "1I",
    "o": "0",
}


def lookalike(text: str) -> str:
    """Return a text with every character that has a look-alike replaced by one of these.

    Which one, the place in the text decides, so that a text has one twin.

    >>> lookalike("TX-4071-8"), lookalike("88 m")
    ('TX-9O1I-3', 'B6 m')
    """
    options = (LOOKALIKES.get(character, character) for character in text)
    return "".join(some[place % len(some)] for place, some in enumerate(options))

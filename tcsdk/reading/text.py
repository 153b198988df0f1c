"""What counts of a text that was read."""

from __future__ import annotations


def alphanumerics(text: str, caseless: bool = False) -> str:
    """Return what TFIC counts of a text (Section IV-A): letters and digits.

    >>> alphanumerics("W·X 6099-K")
    'WX6099K'
    """
    kept = "".join(character for character in text if character.isalnum())
    return kept.casefold() if caseless else kept

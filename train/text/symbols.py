"""Texts as the character model sees them: folded symbols, the word's state, cases."""

from __future__ import annotations

from collections.abc import Sequence

END = 0
ESCAPE = 70
DIRECT = "£€°éöüä’–"  # symbols 71 to 79  # noqa: RUF001
PAD = 80  # before a string's first symbol
SYMBOLS = 80
MARKS = "".join(chr(c) for c in range(32, 127) if not chr(c).isalnum())
SYMBOL_OF = (
    {chr(97 + n): 1 + n for n in range(26)}
    | {chr(65 + n): 1 + n for n in range(26)}
    | {chr(48 + n): 27 + n for n in range(10)}
    | {mark: 37 + n for n, mark in enumerate(MARKS)}
    | {letter: 71 + n for n, letter in enumerate(DIRECT)}
)
# States of the word that is being written.
START, AFTER_SPACE, AFTER_DIGIT, AFTER_MARK, INITIAL, CAPITALS, TITLE, SMALL, MIXED = range(9)
STATES = 9
STYLES = 4  # of the last word of two letters or more: none yet, small, capitals, title


def is_letter(symbol: int) -> bool:
    """Whether a symbol has a case."""
    return 1 <= symbol <= 26


class Word:
    """State of the word being written, and the style of the last one."""

    def __init__(self) -> None:
        self.state = START
        self.style = 0

    def step(self, symbol: int, upper: bool) -> None:
        """Go on behind a symbol."""
        if is_letter(symbol):
            self.state = _letter(self.state, upper)
            return
        self.style = {SMALL: 1, CAPITALS: 2, TITLE: 3}.get(self.state, self.style)
        self.state = (
            START
            if symbol == END
            else AFTER_SPACE
            if symbol == SYMBOL_OF[" "]
            else AFTER_DIGIT
            if 27 <= symbol <= 36
            else AFTER_MARK
        )


def _letter(state: int, upper: bool) -> int:
    if state < INITIAL:
        return INITIAL if upper else SMALL
    if upper:
        return CAPITALS if state in (INITIAL, CAPITALS) else MIXED
    return {INITIAL: TITLE, TITLE: TITLE, SMALL: SMALL}.get(state, MIXED)


def symbols_of(text: str) -> list[int]:
    """Fold a string, its end included."""
    return [SYMBOL_OF.get(letter, ESCAPE) for letter in text] + [END]


def walk(
    page: Sequence[str], depth: int, word: Word | None = None
) -> list[tuple[list[int], int, int, int, int, bool]]:
    """Spell a page: per symbol the `depth` ones before, state, style, length, symbol, upper."""
    word = word or Word()
    steps = []
    for text in page:
        before = [PAD] * depth
        for n, symbol in enumerate(symbols_of(text)):
            upper = n < len(text) and is_letter(symbol) and text[n].isupper()
            steps.append((before, word.state, word.style, min(n, 15), symbol, upper))
            word.step(symbol, upper)
            before = [*before[1:], symbol]
    return steps

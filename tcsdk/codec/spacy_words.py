"""Cut a text into words as spaCy's tokeniser does, by the rules of one of its models.

What is between blanks loses signs at its ends, one by one, until it is an exception ("don't") or
nothing more comes off; what is left is parted at signs within ("red-hot"), or is an address. Last,
words that stand beside each other and make an exception with signs in it (":-)") become that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

Rule = re.Pattern[str] | None
LONGEST = 256  # characters without a blank that are cut as one: what is longer is parted first


@dataclass(frozen=True)
class Word:
    """A word of a text.

    Attributes:
        text: As it is written.
        norm: As an exception has it ("n't": "not"), or None.
        spaced: Whether a blank follows that is no word.
    """

    text: str
    norm: str | None = None
    spaced: bool = False


@dataclass(frozen=True)
class WordRules:
    """What a model's tokeniser goes by. A rule that is None applies nowhere.

    Attributes:
        prefix: Finds what comes off the beginning.
        suffix: Finds what comes off the end.
        infix: Finds all that parts what is left.
        token: Matches what is left whole.
        url: The same, once nothing more comes off.
        exceptions: Text -> the words that it is.
    """

    prefix: Rule = None
    suffix: Rule = None
    infix: Rule = None
    token: Rule = None
    url: Rule = None
    exceptions: Mapping[str, tuple[Word, ...]] = field(default_factory=dict)

    def words(self, text: str) -> list[Word]:
        """Return the words of a text.

        Args:
            text: Any.
        """
        return self._with_sequences(self._cut(text, self.exceptions))

    @cached_property
    def _sequences(self) -> frozenset[tuple[str, ...]]:
        """Exceptions that the rules would cut, in the words that they are cut into."""
        signs = [rule for rule in (self.prefix, self.suffix, self.infix) if rule]
        parted = (
            text
            for text in self.exceptions
            if " " in text or any(_found(rule, text) for rule in signs)
        )
        return frozenset(tuple(word.text for word in self._cut(text, {})) for text in parted)

    def _cut(self, text: str, exceptions: Mapping[str, tuple[Word, ...]]) -> list[Word]:
        words: list[Word] = []
        for run, spaced in _runs(text):
            words += self._parts(run, exceptions)
            words[-1] = replace(words[-1], spaced=spaced)
        return words

    def _parts(self, run: str, exceptions: Mapping[str, tuple[Word, ...]]) -> list[Word]:
        """The words of what is between blanks."""
        before: list[str] = []
        after: list[str] = []
        size = -1
        while len(run) != size and run and run not in exceptions and not _is(self.token, run):
            size = len(run)
            head = _found(self.prefix, run)
            tail = 0 if head and run[head:] in exceptions else _found(self.suffix, run[head:])
            if tail and run[:-tail] in exceptions:
                head = 0
            before += [run[:head]] if head else []
            after += [run[size - tail :]] if tail else []
            run = run[head : size - tail]
        left = exceptions.get(run) or [Word(part) for part in self._within(run)]
        return [*map(Word, before), *left, *map(Word, reversed(after))]

    def _within(self, run: str) -> list[str]:
        if _is(self.token, run) or _is(self.url, run) or self.infix is None:
            return [run] if run else []
        parts, start = [], 0
        for match in self.infix.finditer(run):
            if match.start():
                parts += [run[start : match.start()], match.group()]
                start = match.end()
        return [part for part in (*parts, run[start:]) if part]

    def _with_sequences(self, words: list[Word]) -> list[Word]:
        """Put exceptions in the place of words that make one."""
        ends = _chosen([word.text for word in words], self._sequences)
        out: list[Word] = []
        at = 0
        while at < len(words):
            end = ends.get(at, at + 1)
            out += self._joined(words[at:end]) if at in ends else words[at:end]
            at = end
        return out

    def _joined(self, words: list[Word]) -> list[Word]:
        """What words that look like an exception are: with a blank between them none."""
        *before, last = words
        text = "".join(word.text + " " * word.spaced for word in before) + last.text
        if text not in self.exceptions:
            return words
        *first, end = self.exceptions[text]
        return [*first, replace(end, spaced=last.spaced)]


def _chosen(texts: list[str], sequences: AbstractSet[tuple[str, ...]]) -> dict[int, int]:
    """Starts -> ends of sequences among texts: longer ones first, then those before."""
    found = [
        (-length, start)
        for length in {len(sequence) for sequence in sequences}
        for start in range(len(texts) - length + 1)
        if tuple(texts[start : start + length]) in sequences
    ]
    taken: set[int] = set()
    ends: dict[int, int] = {}
    for length, start in sorted(found):
        end = start - length
        if not taken & {start, end - 1}:
            ends[start] = end
        taken.update(range(start, end))
    return ends


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """Yield what is between blanks, and blanks but the one behind a word, which it is told."""
    runs = ["".join(run) for _, run in groupby(text, str.isspace)]
    for at, run in enumerate(runs):
        behind = runs[at + 1 : at + 2]
        spaced = not run.isspace() and behind != [] and behind[0][0] == " "
        rest = run[1:] if at and run[0] == " " else run
        for start in range(0, len(rest), LONGEST):
            end = start + LONGEST
            yield rest[start:end], spaced and end >= len(rest)


def _found(rule: Rule, text: str) -> int:
    """Characters of the first place that a rule finds."""
    match = rule.search(text) if rule else None
    return match.end() - match.start() if match else 0


def _is(rule: Rule, text: str) -> bool:
    return rule is not None and rule.match(text) is not None

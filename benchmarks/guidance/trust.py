"""Words sent wrong: how many are read from the picture, contradicted by it, and flagged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from benchmarks.guidance.received import Received
from benchmarks.guidance.wrong_words import WrongWord, said_in_place, same
from benchmarks.rate_accuracy.matching import Word
from benchmarks.sets.places import cut_words


@dataclass(frozen=True)
class Counts:
    """Sums over pictures.

    Attributes:
        wrong: Words with one wrong letter.
        unguided_true, unguided_sent, unguided_other, unguided_nothing: What PP-OCRv6 reads in their
            line's place in the picture without what is drawn: the word as it is, the word as sent,
            something else, nothing.
        flagged: Words whose line `tcsdk.read` gives as doubtful.
        read_ppocr, read_tesseract, read_english_g2: Read as sent in the picture that is shown.
        sure_ppocr, sure_tesseract, sure_english_g2: Of those, the words that are not flagged.
        right_lines, right_flagged: Lines without a wrong word that are sent, and flagged anyhow.
    """

    wrong: int = 0
    unguided_true: int = 0
    unguided_sent: int = 0
    unguided_other: int = 0
    unguided_nothing: int = 0
    flagged: int = 0
    read_ppocr: int = 0
    read_tesseract: int = 0
    read_english_g2: int = 0
    sure_ppocr: int = 0
    sure_tesseract: int = 0
    sure_english_g2: int = 0
    right_lines: int = 0
    right_flagged: int = 0

    def __add__(self, other: Counts) -> Counts:
        sums = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        return Counts(**sums)

    def cells(self) -> dict[str, str]:
        """The same as cells of a row."""
        return {f.name: str(getattr(self, f.name)) for f in fields(self)}


def wrong_words(right: Received, wrong: Received) -> list[WrongWord]:
    """Words of a line that differ from those of the same line as it was read."""
    pairs = zip(cut_words(right.text, right.quad), cut_words(wrong.text, wrong.quad), strict=True)
    return [WrongWord(sent, read, quad) for (read, _), (sent, quad) in pairs if sent != read]


def unguided(word: WrongWord, seen: str | None) -> str:
    """What the picture without guidance says of a word: a name in Counts.

    >>> import numpy as np
    >>> word = WrongWord("EXIX", "EXIT", np.zeros((4, 2), np.float32))
    >>> [unguided(word, seen) for seen in ("exit 4", "EXIX 4", "FXII", None)]
    ['unguided_true', 'unguided_sent', 'unguided_other', 'unguided_nothing']
    """
    if seen is None:
        return "unguided_nothing"
    for name, text in (("unguided_true", word.read), ("unguided_sent", word.sent)):
        if any(same(text, part) for part in seen.split()):
            return name
    return "unguided_other"


def count(
    right: Sequence[Received], wrong: Sequence[Received], found: Mapping[str, Sequence[Word]]
) -> Counts:
    """Count one picture.

    Args:
        right: The lines of its stream, as the device read them.
        wrong: Those of the same stream with wrong words.
        found: Reader -> words that it found in the picture shown of the latter.

    Raises:
        ValueError: The streams send other lines.
    """
    places = {tuple(line.quad.ravel()): line for line in right}
    if len(right) != len(wrong) or any(tuple(w.quad.ravel()) not in places for w in wrong):
        raise ValueError(
            f"expected the same {len(right)} lines with wrong words, got {len(wrong)}, "
            "or others: measure the set with an empty --cache"
        )
    total = dict.fromkeys((f.name for f in fields(Counts)), 0)
    for line in wrong:
        words = wrong_words(places[tuple(line.quad.ravel())], line)
        if not words:
            total["right_lines"] += 1
            total["right_flagged"] += line.flagged
        for word in words:
            total["wrong"] += 1
            total["flagged"] += line.flagged
            total[unguided(word, line.seen)] += 1
        for reader, texts in found.items():
            for word, said in zip(words, said_in_place(words, texts), strict=True):
                is_read = any(same(word.sent, text) for text in said)
                total[f"read_{reader}"] += is_read
                total[f"sure_{reader}"] += is_read and not line.flagged
    return Counts(**total)

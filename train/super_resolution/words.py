"""Words as CDistNet takes them: the characters before each one, and the one that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from tcsdk.models.recognition.cdistnet import BEGIN, CHARACTERS, END, LONGEST
from tcsdk.reading.text import alphanumerics

CLASS_OF = {character: index for index, character in enumerate(CHARACTERS)}
IGNORED = -100  # of targets, behind a word's end
# Characters that readers take for each other; capitals are read as small letters.
LOOK_ALIKES = ("0odq", "1ilj7t", "2z", "5s", "6b8g", "8b3", "9gq", "cgo", "uv", "rnm", "vy", "4a")


@dataclass(frozen=True)
class Words:
    """A batch of words.

    Attributes:
        before: (N, T) int64, BEGIN and the word; END from where it ends.
        following: (N, T) int64, the word and END; IGNORED behind.
    """

    before: Tensor
    following: Tensor


def counted(text: str) -> str:
    """Return what counts of a text, and CDistNet can say: ASCII letters and digits, small."""
    kept = (c for c in alphanumerics(text, caseless=True) if c in CLASS_OF)
    return "".join(kept)[:LONGEST]


def encode_words(texts: Sequence[str]) -> Words:
    """Return the words of a batch, as long as its longest one and its end."""
    words = [[CLASS_OF[c] for c in counted(text)] for text in texts]
    length = 1 + max(map(len, words))
    before = torch.full((len(words), length), END)
    following = torch.full((len(words), length), IGNORED)
    before[:, 0] = BEGIN
    for row, word in enumerate(words):
        before[row, 1 : 1 + len(word)] = torch.tensor(word, dtype=torch.int64)
        following[row, : 1 + len(word)] = torch.tensor([*word, END])
    return Words(before, following)


def decode_words(characters: Tensor) -> list[str]:
    """Return what (N, T) characters say, up to each word's end."""
    texts = []
    for row in characters.tolist():
        end = row.index(END) if END in row else len(row)
        texts.append("".join(CHARACTERS[c] for c in row[:end] if c < len(CHARACTERS)))
    return texts


def confusion_weights(strength: float) -> Tensor:
    """Return (classes, classes): 1, and `strength` between characters that look alike."""
    weights = torch.ones(END + 1, END + 1)
    for group in LOOK_ALIKES:
        for one in group:
            for other in group:
                if one != other:
                    weights[CLASS_OF[one], CLASS_OF[other]] = strength
    return weights


def word_nats(logits: Tensor, following: Tensor, weights: Tensor | None = None) -> Tensor:
    """Return the cross-entropy of the true characters, nats, the mean over them.

    Args:
        logits: (N, T, classes).
        following: (N, T), as `Words` has it.
        weights: (classes, classes) by which wrong classes count in the sum of the softmax, so that
            a look-alike must be told apart more surely (Chen et al., 2021, Section 3.3); None
            counts all alike.
    """
    logits = logits.float()
    if weights is not None:
        logits = logits + weights.log()[following.clamp(min=0)]
    return functional.cross_entropy(logits.flatten(0, 1), following.flatten(), ignore_index=IGNORED)

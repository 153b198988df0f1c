"""What recognisers of lines have in common: connectionist temporal classification (CTC).

Graves et al. 2006, "Connectionist temporal classification".
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from tcsdk.train.readers.lines import LineBatch, aspect, select_lines, warp_lines
from tcsdk.train.readers.reader import Reader

BLANK = 0
GROUP = 4  # lines per pass in training: a group is padded to its widest


class LineReader(Reader):
    """A frozen recogniser of lines.

    Args:
        characters: text of each class; class 0 is CTC's blank.
    """

    height: ClassVar[int]  # of the lines that it takes, pixels

    def __init__(self, characters: Sequence[str]) -> None:
        super().__init__()
        self.characters = tuple(characters)
        self._class_of = {c: i for i, c in enumerate(self.characters)}

    @abstractmethod
    def log_probabilities(self, lines: Tensor) -> Tensor:
        """(L, 3, height, W) RGB in 0..1 -> (T, L, classes) float32, natural logarithms."""

    def nats(self, decoded: Tensor, originals: Tensor, lines: LineBatch) -> Tensor:
        """CTC loss of each line's true text, (L,) nats; what it was before coding is known."""
        return self.loss(decoded, lines)

    def loss(self, pictures: Tensor, lines: LineBatch) -> Tensor:
        """CTC loss of each line's true text, summed over its characters: (L,) nats.

        Lines go through in groups of like width.

        Raises:
            ValueError: the reader lacks a character of a text; the renderer writes ASCII, all of
                which every reader here has.
        """
        order = aspect(lines.quads).argsort()
        parts = [self._loss(pictures, select_lines(lines, part)) for part in order.split(GROUP)]
        return torch.cat(parts)[order.argsort()]

    def _loss(self, pictures: Tensor, lines: LineBatch) -> Tensor:
        targets = [encode(text, self._class_of) for text in lines.texts]
        cut = warp_lines(pictures, lines, self.height)
        return ctc_loss(self.log_probabilities(cut), targets)

    def read(self, pictures: Tensor, lines: LineBatch) -> list[str]:
        """Greedy decoding of each line."""
        with torch.no_grad():
            log_p = self.log_probabilities(warp_lines(pictures, lines, self.height))
        texts = []
        for row in log_p.argmax(-1).T.tolist():
            kept = [c for i, c in enumerate(row) if c != BLANK and (i == 0 or c != row[i - 1])]
            texts.append("".join(self.characters[c] for c in kept))
        return texts


def encode(text: str, class_of: dict[str, int]) -> list[int]:
    """Class indexes of a text.

    Raises:
        ValueError: a character has no class.
    """
    lacking = sorted(set(text) - set(class_of))
    if lacking:  # as blanks, the picture would be trained to hide the line
        raise ValueError(f"expected characters that the recogniser has, got {lacking} in {text!r}")
    return [class_of[c] for c in text]


def ctc_loss(log_p: Tensor, targets: list[list[int]]) -> Tensor:
    """CTC loss of each line, (L,) nats; 0 where a text cannot fit the time steps.

    Args:
        log_p: (T, L, classes), natural logarithms.
        targets: class indexes of each line's text.
    """
    steps = torch.full((len(targets),), log_p.shape[0], dtype=torch.long)
    flat = torch.tensor([i for t in targets for i in t], dtype=torch.long, device=log_p.device)
    lengths = torch.tensor([len(t) for t in targets], dtype=torch.long)
    return nn.functional.ctc_loss(
        log_p, flat, steps, lengths, blank=BLANK, reduction="none", zero_infinity=True
    )

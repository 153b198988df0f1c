"""The readers by name, and the drawing of one per step."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from tcsdk.train.readers.detector import Detector
from tcsdk.train.readers.own import OwnReader
from tcsdk.train.readers.reader import Reader
from tcsdk.train.readers.recogniser import Recogniser

READERS: dict[str, Callable[[], Reader]] = {
    "ppocr": Recogniser,
    "ppocr-detector": Detector,
    "own": OwnReader,
}


class Readers(nn.Module):
    """Readers of which each training step asks one, so that it costs as much as one.

    The expected loss is the readers' mean by weight.

    Args:
        weights: (name in READERS, weight) of each; weights need not sum to 1.

    Raises:
        ValueError: none, an unknown name, or a weight that is not positive.
    """

    def __init__(self, weights: tuple[tuple[str, float], ...]) -> None:
        super().__init__()
        self.names = tuple(name for name, _ in weights)
        if not weights or set(self.names) - set(READERS) or min(w for _, w in weights) <= 0:
            raise ValueError(
                f"expected positive weights for some of {', '.join(READERS)}, got {weights}"
            )
        self._weights = torch.tensor([weight for _, weight in weights])
        self._readers = nn.ModuleDict({name: READERS[name]() for name in self.names})

    def draw(self, generator: torch.Generator) -> str:
        """Name of the reader to ask, by weight; the generator is on the CPU."""
        return self.names[int(torch.multinomial(self._weights, 1, generator=generator))]

    def __getitem__(self, name: str) -> Reader:
        return self._readers[name]

"""What the training loss asks of a frozen network."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from tcsdk.train.readers.lines import LineBatch


class Reader(nn.Module, ABC):
    """A frozen network that says what a decoded picture has lost of its text."""

    @abstractmethod
    def nats(self, decoded: Tensor, originals: Tensor, lines: LineBatch) -> Tensor:
        """What each line has lost, (L,) nats summed over its characters, with gradient.

        Args:
            decoded: (N, 3, H, W) RGB in 0..1.
            originals: the same of the pictures before coding.
            lines: L lines of them.
        """

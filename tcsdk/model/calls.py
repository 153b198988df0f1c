"""How crops are put together into calls of a graph: one contract for readers, engines and plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tcsdk.model.graphs import RECOGNITION, SUPER_RESOLUTION, WORD_RECOGNITION

if TYPE_CHECKING:
    from tcsdk.model.folder import ModelFolder


@dataclass(frozen=True)
class Calls:
    """What calls of a graph that takes crops look like.

    Attributes:
        sizes: How many crops a GPU is shown in a call, ascending: what has fewer is filled up, so
            that few shapes are met. The last is the most of any call, on every device.
        step: Widths are multiples of so many pixels; 0 where the graph fixes them.
        widest: Pixels of the widest crop; 0 where the graph fixes widths. What is wider is cut.
        slots: Shapes that a GPU keeps ready at once.
    """

    sizes: tuple[int, ...]
    step: int = 0
    widest: int = 0
    slots: int = 4

    @property
    def together(self) -> int:
        """Most crops of a call."""
        return self.sizes[-1]

    def filled(self, count: int) -> int:
        """Return how many crops a GPU is shown for so many."""
        return next(size for size in self.sizes if size >= count)


# By what a graph takes and gives (tcsdk/model/graphs.py). Graphs of pictures have no row: their
# callers choose batches and tiles.
CALLS: dict[str, Calls] = {
    SUPER_RESOLUTION: Calls((1, 8, 32)),
    # 2048 pixels are 64 times a line's height, some 130 characters.
    RECOGNITION: Calls((1, 4, 16), step=64, widest=2048, slots=16),
    WORD_RECOGNITION: Calls((1, 4, 16)),
}


def calls_of(model: ModelFolder) -> Calls | None:
    """Return how crops reach a model's graph; None of a model that takes pictures."""
    return CALLS.get(model.contract(model.roles[0]))

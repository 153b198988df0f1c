"""How large text is, by what the detector says of a picture at several sizes.

The detector finds lines of 8 to some 90 pixels, parts of them from 5 on, and says how much finer
blocks want to be coded: nothing from 20 pixels on, ten steps more for each halving below it, and a
few more where text is faint. So in a picture that gets smaller and smaller, letters of a height
appear where they have shrunk to what it knows, ask for nothing while they are above 20 pixels, ask
for ten steps within the next halving, and are gone after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.legibility import legibility
from tcsdk.codec.quality_map import grown

# The detector's probability from which a block counts as text.
_TEXT = 0.5
# The height from which text asks for nothing, in pixels, and how much it asks for per halving:
# as the detector was taught (train/codec/legibility.py).
_TALL, _STEPS_PER_HALVING = 20.0, 10.0
# Blocks that ask for so many steps more than at twice the size were above _TALL before. From so
# many on they were below it already.
_MORE, _ALL = 1.0, 9.0
# Blocks of the full picture that ask for so many steps are text where the detector is so sure of
# it, or the next size shows some.
_FINE, _SURE = 8.0, 0.75


@dataclass(frozen=True)
class TextPlanes:
    """What the detector says of a picture at one size.

    Attributes:
        scale: Part of its full size.
        probability: (h, w) float32 that a block of 16x16 pixels shows text.
        asked: (h, w) float32, the steps that it wants to be coded finer.
    """

    scale: float
    probability: NDArray[np.float32]
    asked: NDArray[np.float32]


@dataclass(frozen=True)
class TextSizes:
    """The text of a picture.

    Attributes:
        heights: (n,) float64, pixels of the full picture: the height of the line of each block that
            shows text.
    """

    heights: NDArray[np.float64]

    def __bool__(self) -> bool:
        """Whether there is text."""
        return bool(self.heights.size)

    def expected(self, scale: float, quality: int) -> float:
        """Return the mean accuracy to be expected, 0..1.

        Blocks count by the number of lines that they are part of, the inverse of the height: by
        their number headlines would decide alone, by the number of characters every texture that
        looks like the finest print.

        Args:
            scale: Part of the size at which the picture is coded.
            quality: 0..63.
        """
        accuracies = legibility(self.heights * scale, quality)
        return float(np.average(accuracies, weights=1 / self.heights))


def text_sizes(levels: Sequence[TextPlanes]) -> TextSizes:
    """Return how large the text of a picture is.

    Args:
        levels: The picture at sizes of which each is half the one before.
    """
    finest = levels[0]
    heights = np.zeros(finest.probability.shape)
    base = np.zeros(finest.probability.shape)  # what text asked for while it was above _TALL
    open_, fresh = (np.zeros(finest.probability.shape, np.bool_) for _ in "12")
    for level, text in zip(levels, _seen(levels), strict=True):
        asked = _on(finest, level, np.clip(level.asked, 0, None))
        more = asked - base
        shrunk = open_ & text & (more > _MORE)
        # Text asks for no less when it gets smaller: then it is other text beside it that is seen.
        gone = open_ & (~text | (more < -_MORE) | shrunk & (more >= _ALL))
        # What first shows at this size was too large before, and so has to last for two.
        closed = (shrunk | gone) & ~fresh
        heights[closed & shrunk] = _height(level.scale, more[closed & shrunk])
        heights[closed & gone] = _height(2 * level.scale, base[closed & gone])
        appeared = text & ~open_ & (heights == 0)
        open_ &= ~(shrunk | gone)
        base[open_] = np.minimum(base[open_], asked[open_])
        base[appeared] = asked[appeared]
        open_ |= appeared
        fresh = appeared if level is not finest else np.zeros_like(appeared)
    last = open_ & ~fresh
    heights[last] = _height(levels[-1].scale, base[last])
    return TextSizes(heights[heights > 0].astype(np.float64))


def _seen(levels: Sequence[TextPlanes]) -> Iterator[NDArray[np.bool_]]:
    """Yield the blocks of each level that show text, on the blocks of the finest.

    Grain looks like the finest print to the detector, which gives it 0.51 to 0.67 where print has
    0.7 to 1. At half the size print still shows here and there, and grain has gone.
    """
    finest = levels[0]
    shown = [level.probability >= _TEXT for level in levels]
    text = shown[0]
    if len(levels) > 1:
        sure = (finest.asked < _FINE) | (finest.probability >= _SURE)
        text = text & (sure | _on(finest, levels[1], grown(shown[1])))
    yield text
    for level, blocks in zip(levels[1:], shown[1:], strict=True):
        yield _on(finest, level, blocks)


def _height(scale: float, steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the height of text that asks for so many steps at a scale."""
    return np.asarray(_TALL / scale * 2 ** (-steps / _STEPS_PER_HALVING))


def _on(finest: TextPlanes, level: TextPlanes, values: NDArray[Any]) -> NDArray[Any]:
    """Return a level's values on the blocks of the finest one."""
    (height, width), ratio = finest.probability.shape, level.scale / finest.scale
    rows, columns = (
        np.minimum(((np.arange(n) + 0.5) * ratio).astype(int), limit - 1)
        for n, limit in zip((height, width), values.shape, strict=True)
    )
    return np.asarray(values[rows[:, None], columns])

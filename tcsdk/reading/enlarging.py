"""Small crops of any size through a net that takes 16 x 64, and what it makes of them put together.

A word is stretched to 16 x 64, as all words were on which the nets learned, and set straight. A
longer crop is a line: it is brought to a height of 16 pixels and cut into windows of 64 that
overlap, each enlarged as it lies; bent one by one they would not fit together again. Where windows
overlap one fades into the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcsdk.model.grids import CROP_SIZE, LARGE_CROP_SIZE
from tcsdk.reading.crops import Pixels, as_floats, resized

HEIGHT, WIDTH = CROP_SIZE
TIMES = LARGE_CROP_SIZE[0] // HEIGHT
# Width per height up to which a crop is a word: at most half as long again as what is seen of it.
_WORD = 6
_OVERLAP = 16  # pixels that two windows share
# Higher crops hold more than 16 rows can say: a filter enlarges them. The poor shots that the nets
# learned from are blurred by a pixel and more, so that up to here nothing is lost.
HIGHEST = 24
# (N, 3, 16, 64) float32 and how far each is set straight (N,) -> (N, 3, 32, 128).
Enlarge = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True)
class Windows:
    """What a crop gives a net.

    Attributes:
        parts: (n, 16, 64, 3) uint8; none where a filter enlarges the crop.
        starts: columns at which they begin in the crop at a height of 16; (0,) of a word.
        width: of the crop at that height; 64 of a word.
        is_word: whether it is set straight.
    """

    parts: NDArray[np.uint8]
    starts: tuple[int, ...]
    width: int
    is_word: bool

    @classmethod
    def of(cls, pixels: Pixels) -> Windows:
        """Cut a crop (H, W, 3)."""
        height, width = pixels.shape[:2]
        if height > HIGHEST:
            return cls(np.empty((0, HEIGHT, WIDTH, 3), np.uint8), (), 0, False)
        if width <= _WORD * height:
            return cls(resized(pixels, HEIGHT, WIDTH)[None], (0,), WIDTH, True)
        line = resized(pixels, HEIGHT, round(width * HEIGHT / height))
        last = line.shape[1] - WIDTH
        starts = (*range(0, last, WIDTH - _OVERLAP), last)
        return cls(np.stack([line[:, x : x + WIDTH] for x in starts]), starts, line.shape[1], False)

    def joined(self, large: NDArray[np.float32]) -> Pixels:
        """Put together what a net made of the parts, (n, 3, 32, 128): (32, 2 width, 3) uint8."""
        weight = _fading()
        total = np.zeros((LARGE_CROP_SIZE[0], TIMES * self.width, 3), np.float32)
        weights = np.zeros((1, TIMES * self.width, 1), np.float32)
        for start, part in zip(self.starts, large, strict=True):
            place = slice(TIMES * start, TIMES * start + LARGE_CROP_SIZE[1])
            total[:, place] += part.transpose(1, 2, 0) * weight
            weights[:, place] += weight
        made: Pixels = np.rint(total / weights * 255).clip(0, 255).astype(np.uint8)
        return made


def _fading() -> NDArray[np.float32]:
    """How much each column of a window counts where two overlap, (128, 1): less at its ends."""
    columns = np.arange(LARGE_CROP_SIZE[1], dtype=np.float32)
    to_end = np.minimum(columns, columns[::-1]) + 1
    return np.minimum(to_end / (TIMES * _OVERLAP), 1)[:, None]


def enlarged(crops: Sequence[Pixels], enlarge: Enlarge, height: int | None = None) -> list[Pixels]:
    """Enlarge crops, all their windows together.

    Args:
        crops: (H, W, 3) uint8 each, of any sizes.
        enlarge: the net.
        height: of the results; None for twice a crop's own.

    Returns:
        (height, w, 3) uint8 each, w such that letters keep their shape.
    """
    cut = [Windows.of(pixels) for pixels in crops]
    parts = np.concatenate([each.parts for each in cut]) if cut else np.empty(0)
    large = np.empty((0, 3, *LARGE_CROP_SIZE), np.float32)
    if len(parts):
        planes = as_floats(parts)
        straight = [float(each.is_word) for each in cut for _ in each.parts]
        large = enlarge(planes, np.array(straight, np.float32))
    made, begin = [], 0
    for pixels, each in zip(crops, cut, strict=True):
        end = begin + len(each.parts)
        source = each.joined(large[begin:end]) if end > begin else pixels
        begin = end
        tall = height or TIMES * pixels.shape[0]
        wide = max(1, round(tall * pixels.shape[1] / pixels.shape[0]))
        made.append(resized(source, tall, wide))
    return made

"""Small lines read once more, enlarged; all others stay as they were read, bit for bit.

A line is small by its own height in the picture. It is read as all are first: what the reader says
of a line depends on which ones it is given together, so that leaving small ones out would change
the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tcsdk.model.grids import LARGE_CROP_SIZE
from tcsdk.model.tasks import WORDS
from tcsdk.reading.boxes import Box, sides
from tcsdk.reading.crops import SMALLEST, Pixels
from tcsdk.reading.orientation import Oriented, Recognised

if TYPE_CHECKING:
    from tcsdk.reading.ppocr import PPOCR
    from tcsdk.recognizer import Recognizer
    from tcsdk.super_resolver import SuperResolver

# Pixels of a line's height up to which it is enlarged: what the nets have learned from is 16 high.
# A box is somewhat higher than its letters.
SMALL = 16
# Width per height up to which a line is read by a recogniser of words, if that is what is given:
# longer ones are several words, as a rule.
_ONE_WORD = 8


@dataclass(frozen=True)
class Sheet:
    """A picture as its lines are found in it, and as it is.

    Attributes:
        image: (h, w, 3) uint8 BGR, where lines are found: brought to a size for that.
        own: (H, W, 3) uint8 BGR, at its own size.
        scale: (2,) W / w, H / h.
    """

    image: Pixels
    own: Pixels
    scale: NDArray[np.float32]

    def turned(self) -> Sheet:
        """The same, turned anticlockwise by 90 degrees."""
        image, own = (np.ascontiguousarray(np.rot90(each)) for each in (self.image, self.own))
        return Sheet(image, own, self.scale[::-1])


@dataclass(frozen=True)
class SmallLines:
    """What is done with small lines.

    Attributes:
        net: Enlarges them.
        recogniser: Reads them then; None for the reader of the others.
    """

    net: SuperResolver
    recogniser: Recognizer | None = None

    def read_again(
        self,
        ppocr: PPOCR,
        sheet: Sheet,
        boxes: Sequence[Box],
        down: Sequence[bool],
        said: Sequence[Oriented],
    ) -> list[Oriented]:
        """Return what lines say, those that are small read again; the surer reading is kept.

        What another recogniser reads is always kept: its confidences are of another kind.

        Args:
            ppocr: Has read them.
            sheet: They are on.
            boxes: Of the lines, in `sheet.image`.
            down: Whether each runs down.
            said: What was read of each, and whether it was turned for that.
        """
        own = [box * sheet.scale for box in boxes]
        small = [k for k, box in enumerate(own) if _is_small(box, down[k])]
        crops = []
        for k in small:
            crop = ppocr.cut(sheet.own, own[k], down[k])[:, :, ::-1]
            crops.append(crop[::-1, ::-1] if said[k].turned else crop)
        large = self.net.enlarged(list(map(np.ascontiguousarray, crops)), LARGE_CROP_SIZE[0])
        again = {
            k: self._read(ppocr, line, said[k].recognised)
            for k, line in zip(small, large, strict=True)
        }
        return [replace(o, recognised=again.get(k, o.recognised)) for k, o in enumerate(said)]

    def _read(self, ppocr: PPOCR, line: Pixels, before: Recognised) -> Recognised:
        """Read an enlarged line alone: beside others it would say something else."""
        reader = self.recogniser
        if reader is not None and (reader.reads != WORDS or _is_word(line)):
            return reader.recognize([line])[0]
        now = ppocr.recognise([np.ascontiguousarray(line[:, :, ::-1])])[0]
        return max(before, now, key=lambda reading: reading.confidence)


def _is_small(box: Box, runs_down: bool) -> bool:
    width, height = sides(box)
    return min(width, height) >= SMALLEST and (width if runs_down else height) <= SMALL


def _is_word(line: Pixels) -> bool:
    height, width = line.shape[:2]
    return bool(width <= _ONE_WORD * height)

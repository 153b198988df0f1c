"""The order in which lines are read, on pages that lie any way round."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tcsdk.reading.boxes import Box, Frame, frame_along


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Order lines row by row, each row from its beginning, as most of the text lies.

    A line belongs to the row above it where their middles are less than half a height apart,
    the lower one's.

    Args:
        boxes: (4, 2) float32 each, corners clockwise from the top left of the *text*.

    Returns:
        Indexes into `boxes`.
    """
    frame = _page_frame(boxes)
    extents = [frame.extent(box) for box in boxes]
    middle = [sum(extent.across) / 2 for extent in extents]
    rows: list[list[int]] = []
    for k in sorted(range(len(boxes)), key=lambda k: middle[k]):
        above = rows[-1][0] if rows else k
        lower = min(extents[k].height, extents[above].height)
        if rows and middle[k] - middle[above] < lower / 2:
            rows[-1].append(k)
        else:
            rows.append([k])
    return [k for row in rows for k in sorted(row, key=lambda k: extents[k].along)]


def _page_frame(boxes: Sequence[Box]) -> Frame:
    """Return the frame of the page: the mean direction of those lines that run as most text does.

    Lines count by their lengths, so that short ones, whose angles are rough, hardly do.
    """
    runs = [(box[1] + box[2] - box[0] - box[3]) / 2 for box in boxes]
    towards = [_quarter(run) for run in runs]
    length = np.bincount(towards, [float(np.hypot(*run)) for run in runs], minlength=4)
    most = int(length.argmax())
    total = np.zeros(2, np.float32)
    for run, quarter in zip(runs, towards, strict=True):
        total += run * (quarter == most)
    return frame_along(total)


def _quarter(run: NDArray[np.float32]) -> int:
    """Return the direction nearest to a vector: 0 right, 1 down, 2 left, 3 up."""
    return round(float(np.arctan2(run[1], run[0])) / (np.pi / 2)) % 4
